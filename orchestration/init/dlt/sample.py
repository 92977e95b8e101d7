"""The first items of a dlt resource, column by column."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from orchestration.connectors.dlt.exact import Exact, exact_numbers
from orchestration.connectors.dlt.items import as_json, as_table
from orchestration.connectors.dlt.reference import said_of
from orchestration.errors import InputError
from orchestration.init.sample import Sample

if TYPE_CHECKING:
    from orchestration.connectors.dlt.source import DltConnector

ROWS = 1000


def sample_of(connector: DltConnector, name: str) -> tuple[Sample, dict[str, Any]]:
    """A resource's first rows, and dlt's state after them.

    Raises:
        InputError: it cannot be read.
    """
    found, state = Sample({}), dict[str, Any]()
    try:
        with exact_numbers():
            for item in connector.items(name, state):
                if (table := as_table(item)) is not None:
                    _columns(found, table)
                else:
                    _record(found, item)
                if found.rows >= ROWS:
                    found.complete = False
                    break
    except Exception as error:
        said = f"{connector.shown}: {name} cannot be read: {said_of(error)}"
        raise InputError(said) from error
    return found, state


def _columns(found: Sample, table: pa.Table) -> None:
    table = table.slice(0, ROWS)
    for field in table.schema:
        values = found.columns.setdefault(field.name, [None] * found.rows)
        read = table.column(field.name).to_pylist()
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            read = [value and value.hex() for value in read]
        else:
            found.types[field.name] = field.type
        values += read
    found.rows += len(table)
    for values in found.columns.values():
        values += [None] * (found.rows - len(values))


def _record(found: Sample, item: Any) -> None:
    said = item if isinstance(item, dict) else _value(item)
    said = said if isinstance(said, dict) else {"value": said}
    for name in map(str, said):
        found.columns.setdefault(name, [None] * found.rows)
    for name, values in found.columns.items():
        values.append(_value(said.get(name)))
    found.rows += 1


def _value(value: Any) -> Any:
    """A value as JSON has it, numbers with all their digits."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        number = Decimal(value.text if isinstance(value, Exact) else str(value))
        return number if number.is_finite() else None
    if isinstance(value, dict):
        return {str(key): _value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_value(inner) for inner in value]
    try:
        return json.loads(as_json({"value": value}), parse_float=Decimal)["value"]
    except ValueError:
        return None  # it goes to quarantine with its record
