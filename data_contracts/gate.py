"""The gate: a contract compiled against a source's columns, to SQL.

Kept rows are found by one predicate in one scan. Reasons are an expression of their own, worked out
only for the rows that fail it: a list of reasons for every row costs 4 to 5 times a raw copy, the
predicate alone 1.3 times.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_contracts.cell import Cell, absent
from data_contracts.errors import SourceError
from data_contracts.native import cell_of
from data_contracts.rules import is_required, keeps, reason
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data_contracts.contract import Column, Contract

SPECIAL = ("_fault", "_raw", "_rest")


@dataclass(frozen=True, slots=True)
class Gate:
    """What to select from a source's relation; every expression is SQL over its columns."""

    columns: tuple[str, ...]  # names in the lake, `_rescued` last
    values: tuple[str, ...]  # the expression of each, of the lake's type
    ok: str  # true where the row is kept; never null
    reasons: str  # VARCHAR[], one a column that breaks its contract
    payload: str  # BLOB: JSON of the row as the source gave it
    repeated: str | None  # true where a local time exists twice and was read as the first


def compile_gate(contract: Contract, source: Mapping[str, str]) -> Gate:
    """Compile `contract` against `source`: the names and DuckDB types of a relation's columns.

    Path groups are columns too, named as their properties name them (``{day}``). A source of
    records that may not be readable at all gives three more: ``_fault`` (why, else null), ``_raw``
    (the record's text) and ``_rest`` (JSON of what the contract does not name, else null).

    Raises:
        SourceError: a required column is missing, one is there twice, or one is unknown and the
            contract refuses that.
    """
    found = _match(contract, {name: type_ for name, type_ in source.items() if name not in SPECIAL})
    missing = [
        c.source for c in contract.columns if is_required(c) and c.name not in found
    ]
    if missing:
        raise SourceError(
            f"no column {', '.join(missing)}, which {contract.id} requires; "
            f"the source has {_listed(source)}"
        )
    unknown = [name for name in source if name not in found.values() and name not in SPECIAL]
    if unknown and contract.unknown_columns == "refuse":
        raise SourceError(f"column {', '.join(unknown)} is not in {contract.id}, which refuses others")
    cells = [_cell(contract, column, found, source) for column in contract.columns]
    pairs = list(zip(contract.columns, cells, strict=True))
    predicates = [test for column, cell in pairs if (test := keeps(column, cell)) != "true"]
    repeated = [cell.repeated for cell in cells if cell.repeated]
    told = [reason(column, cell) for column, cell in pairs]
    if "_rest" in source and contract.unknown_columns == "refuse":
        predicates.append("_rest is null")
        told.append("case when _rest is not null then 'unknown fields: ' || _rest::varchar end")
    reasons = f"list_filter([{', '.join(told)}], lambda r : r is not null)"
    if "_fault" in source:
        predicates.insert(0, "_fault is null")
        reasons = f"case when _fault is not null then [_fault] else {reasons} end"
    return Gate(
        columns=(*(column.name for column in contract.columns), "_rescued"),
        values=(
            *(f"({cell.value})::{column.type}" for column, cell in pairs),
            _rescued(contract, unknown, source),
        ),
        ok=" and ".join(predicates) or "true",
        reasons=reasons,
        payload="encode(_raw)" if "_raw" in source else _payload(source),
        repeated=f"coalesce({' or '.join(repeated)}, false)" if repeated else None,
    )


def _cell(
    contract: Contract, column: Column, found: Mapping[str, str], source: Mapping[str, str]
) -> Cell:
    if column.name not in found:
        return absent(column.type)
    name = found[column.name]
    return cell_of(column, quoted(name), source[name], contract.reading)


def _match(contract: Contract, source: Mapping[str, str]) -> dict[str, str]:
    """Names in the lake to names in the source: as written, else without case and blanks around."""
    loosely: dict[str, list[str]] = {}
    for name in source:
        loosely.setdefault(name.strip().casefold(), []).append(name)
    found = {}
    for column in contract.columns:
        if column.source in source:
            found[column.name] = column.source
            continue
        like = loosely.get(column.source.strip().casefold(), [])
        if len(like) > 1:
            raise SourceError(f"column {column.source} is there {len(like)} times: {', '.join(like)}")
        if like:
            found[column.name] = like[0]
    twice = [name for name, count in Counter(found.values()).items() if count > 1]
    if twice and any(c.source not in twice for c in contract.columns if found.get(c.name) in twice):
        raise SourceError(f"column {', '.join(twice)} is meant by more than one property")
    return found


def _rescued(contract: Contract, unknown: list[str], source: Mapping[str, str]) -> str:
    if contract.unknown_columns != "ignore" and "_rest" in source:
        return "_rest"
    if not unknown or contract.unknown_columns == "ignore":
        return "null::json"
    return f"{_json(unknown, source)}::json"


def _payload(source: Mapping[str, str]) -> str:
    return f"encode({_json(list(source), source)}::varchar)"


def _json(names: list[str], source: Mapping[str, str]) -> str:
    # A decimal would become a binary float in JSON; as text it keeps its digits.
    pairs = []
    for name in names:
        value = quoted(name)
        if source[name].startswith(("DECIMAL", "HUGEINT", "UHUGEINT")):
            value += "::varchar"
        elif source[name] == "BLOB":
            value = f"hex({value})"
        pairs.append(f"{literal(name)}, {value}")
    return f"json_object({', '.join(pairs)})"


def _listed(source: Mapping[str, str]) -> str:
    names = [name for name in source if not name.startswith("{")]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
