"""Objects and arrays of the cells within them, whatever the source holds them as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import Cell, case
from data_contracts.types import quoted
from data_contracts.verdict import keeps, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from data_contracts.contract import Column


def object_cell(column: Column, cells: Sequence[Cell], whole: Cell, path: str) -> Cell:
    """The cell of an object with declared fields.

    Args:
        column: the object.
        cells: one a field.
        whole: what is known of the object as such; `readable` is whether it is an object whose
            fields can be told, `within` why not.
        path: how a person names it.
    """
    pairs = list(zip(column.fields, cells, strict=True))
    packed = ", ".join(f"{quoted(f.name)} := ({cell.value})::{f.type}" for f, cell in pairs)
    kept = [test for field, cell in pairs if (test := keeps(field, cell)) != "true"]
    told = [reason(field, cell, f"{path}.{field.name}") for field, cell in pairs]
    return Cell(
        value=case((whole.missing, "null"), otherwise=f"struct_pack({packed})"),
        missing=whole.missing,
        readable=case((whole.readable, " and ".join(kept) or "true"), otherwise="false"),
        shown=whole.shown,
        repeated=_any([cell.repeated for cell in cells]),
        more=_any([whole.more, *(cell.more for cell in cells)]),
        within=case(
            (whole.readable, f"coalesce({', '.join(told)})"), otherwise=whole.within or "null"
        ),
    )


def array_cell(
    column: Column, items: str, item: Callable[[str, str], Cell], whole: Cell, path: str
) -> Cell:
    """The cell of an array whose items are declared.

    Args:
        column: the array.
        items: SQL of its items as a list, null where it is none.
        item: from the SQL of one item, and how a person names it, to its cell.
        whole: what is known of the array as such; `readable` is whether it is an array.
        path: how a person names it.
    """
    assert column.items is not None
    path += "[]"
    name = f"item_{path.count('[]')}"
    cell = item(name, path)

    def each(expression: str) -> str:
        return f"list_transform({items}, lambda {name} : {expression})"

    def some(expression: str | None) -> str | None:
        return expression and f"coalesce(list_bool_or({each(expression)}), false)"

    value = each(f"({cell.value})::{column.items.type}")
    good = f"coalesce(list_bool_and({each(keeps(column.items, cell))}), true)"
    told = each(reason(column.items, cell, path))
    return Cell(
        value=case((whole.missing, "null"), otherwise=value),
        missing=whole.missing,
        readable=case((whole.readable, good), otherwise="false"),
        shown=whole.shown,
        repeated=some(cell.repeated),
        more=some(cell.more),
        within=case((whole.readable, f"list_filter({told}, lambda r : r is not null)[1]")),
    )


def _any(conditions: Sequence[str | None]) -> str | None:
    found = [f"coalesce({condition}, false)" for condition in conditions if condition]
    return " or ".join(found) or None
