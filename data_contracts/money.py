"""Amounts by the currency of their row: 12.34 is no amount of JPY, and 1.234 is one of KWD.

Digits are those of ISO 4217. What is no code of three letters (an id, say) is not judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data_contracts.cell import case
from data_contracts.types import literal

if TYPE_CHECKING:
    from data_contracts.cell import Cell
    from data_contracts.contract import Column

USUAL = 2
UNUSUAL = {  # digits after the point of the currencies that have not two
    0: (
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
        "VUV", "XAF", "XOF", "XPF",
    ),
    3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
    4: ("CLF", "UYW"),
}  # fmt: skip


def by_currency(column: Column, cell: Cell, currency: Cell) -> Cell:
    """The cell of an amount that has to have no more digits than its currency.

    Args:
        column: of the amount, a decimal.
        cell: of the amount.
        currency: the cell of the row's currency.
    """
    code = f"upper(trim({currency.value}))"
    digits = case(
        *(
            (f"{code} in ({', '.join(map(literal, codes))})", str(d))
            for d, codes in UNUSUAL.items()
        ),
        (f"regexp_full_match({code}, '[A-Z]{{3}}')", str(USUAL)),
    )
    if column.is_internal:
        return _of_table(column, cell, code, digits)
    fits = f"coalesce({_decimals(cell.value)} <= {digits}, true)"
    return _held(column, cell, fits, f"' has more digits than ', {code}")


def _of_table(column: Column, cell: Cell, code: str, digits: str) -> Cell:
    """Of an amount as SAP's tables have it: with two digits, whatever its currency has."""
    factor = f"10::decimal(5,0) ^ ({USUAL} - {digits})"
    moved = f"try(try_cast({cell.value} as decimal(30,4)) * ({factor})::decimal(7,2))"
    value = f"try_cast({moved} as {column.type})"
    exact = f"coalesce({_decimals(cell.value)} <= {USUAL} and {value} = {moved}, false)"
    held = _held(column, cell, exact, f"' is no amount of two digits in ', coalesce({code}, '?')")
    return replace(held, value=value)


def _held(column: Column, cell: Cell, fits: str, words: str) -> Cell:
    """A cell that is read only where it fits, and says why where it does not."""
    told = case((cell.readable, f"concat({literal(f'{column.name}: ')}, {cell.shown}, {words})"))
    return replace(
        cell,
        readable=case((cell.readable, fits), otherwise="false"),
        within=f"coalesce({cell.within}, {told})" if cell.within else told,
    )


def _decimals(value: str) -> str:
    """SQL of how many digits a decimal has after its point, zeros at the end not among them."""
    return f"length(rtrim(split_part(({value})::varchar, '.', 2), '0'))"
