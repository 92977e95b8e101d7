"""One record of JSON: its fields as SQL, and its numbers with all their digits."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.cell import case
from data_contracts.json_values import key_twice
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from data_contracts.contract import Contract

DOUBLE_DIGITS = 15  # that any binary float holds
LONG_NUMBER = rf"[0-9.]{{{DOUBLE_DIGITS + 1},}}"


def relation(contract: Contract) -> str:
    """SQL of what `columns_of` are of: each record is parsed once, not once for every column."""
    # Only a case keeps `json_type` from text that is no JSON, which it raises at.
    is_object = "case when json_valid(json) then json_type(json) = 'OBJECT' else false end"
    records = f"(select *, case when {is_object} then json end as record from chunk)"
    shape = literal(json.dumps(dict.fromkeys(_names(contract), "JSON")))
    return f"(select *, from_json(record, {shape}) as fields from {records})"


def columns_of(contract: Contract) -> str:
    """SQL of a record's fields, of what else it has, and of why it cannot be read."""
    names = _names(contract)
    each = [f"fields[{literal(name)}] as {quoted(name)}" for name in names]
    known = literal(json.dumps(dict.fromkeys(names)))
    rest = f"nullif(json_merge_patch(record, {known})::varchar, '{{}}')::json"
    twice = f"'the record has the key ' || {key_twice('record')} || ' twice'"
    fault = case(("record is null", "'the record is no JSON object'"), otherwise=twice)
    return ", ".join((f"{fault} as _fault", "_raw", f"{rest} as _rest", *each))


def _names(contract: Contract) -> list[str]:
    return list(dict.fromkeys(c.source for c in contract.columns if c.group is None))


def exact(text: pa.Array) -> pa.Array:
    """Records in which a number that a binary float would change is its text."""
    long = pc.match_substring_regex(text, LONG_NUMBER)
    if not pc.any(long).as_py():
        return text
    changed = [_with_long_numbers_as_text(line) for line in text.filter(long).to_pylist()]
    return pc.replace_with_mask(text, long, pa.array(changed, pa.string()))


def _with_long_numbers_as_text(line: str) -> str:
    try:
        return json.dumps(json.loads(line, parse_float=number_of, object_pairs_hook=_Pairs))
    except (ValueError, RecursionError):
        return line


class _Pairs(dict[str, Any]):
    """An object that is written as it was read, a key that is there twice with both values."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        return self._pairs


def number_of(digits: str) -> float | str:
    """A number, or its text where a binary float would be another one."""
    number = float(digits)
    significant = re.sub(r"[eE].*|[.+-]", "", digits).strip("0")
    if len(significant) <= DOUBLE_DIGITS or Decimal(repr(number)) == Decimal(digits):
        return digits if math.isinf(number) else number
    return digits
