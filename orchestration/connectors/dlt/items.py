"""What a dlt source yields, as records of JSON; its Arrow tables stay what they are."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pyarrow as pa

from orchestration.connectors.dlt.exact import Exact

MOST_INT = 2**63 - 1


def as_table(item: Any) -> pa.Table | None:
    """An item that is columns; None where it is a record."""
    if isinstance(item, pa.Table):
        return item
    if isinstance(item, pa.RecordBatch):
        return pa.Table.from_batches([item])
    if type(item).__module__.partition(".")[0] == "pandas" and hasattr(item, "columns"):
        return pa.Table.from_pandas(item, preserve_index=False)
    return None


def as_json(item: Any) -> bytes:
    """A record as a JSON object; what is none is its `value`, as dlt has it.

    Decimals and long numbers are texts, which the gate reads with all their digits. Bytes are hex,
    as those of databases. NaN, by which pandas means a missing value, is null.

    Raises:
        ValueError: a value is of a kind that has no form in JSON.
    """
    import orjson

    options = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_SERIALIZE_NUMPY
    try:
        text = orjson.dumps(item, default=_plain, option=options)
        if not text.startswith(b"{"):
            text = b'{"value":' + text + b"}"
        return text
    except TypeError as error:
        try:
            found = _shortened(item)
            found = found if isinstance(found, dict) else {"value": found}
            return orjson.dumps(found, default=_plain, option=options)
        except (TypeError, RecursionError):
            raise ValueError(str(error.__cause__ or error)) from error


def _plain(value: Any) -> Any:
    """A value that JSON does not know."""
    if isinstance(value, Exact):
        return value.text
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return list(value)
    if isinstance(value, float):
        return float(value)
    for name in ("model_dump", "_asdict", "asdict"):
        if made := getattr(value, name, None):
            return made()
    if isinstance(value, dict | list):
        return value
    raise TypeError(f"a value is a {type(value).__name__}, which has no form in JSON")


def _shortened(value: Any) -> Any:
    """A value whose whole numbers of more than 64 bits are texts."""
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(inner) for inner in value]
    is_long = isinstance(value, int) and not -MOST_INT <= value <= MOST_INT
    return str(value) if is_long else value
