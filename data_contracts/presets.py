"""What a contract says by the name of the system that writes its files: `preset: sap`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data_contracts.contract import Column

# SAP's lists and downloads for users in most of Europe: 1.234,56- is a negative amount.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "sap": {"delimiter": ";", "decimalMark": ",", "thousandsMark": ".", "trailingMinus": True},
}
# Types DATS and TIMS of SAP's dictionary; a date that is initial has no blanks but zeros.
FORMATS = {"date": "yyyyMMdd", "time": "HHmmss"}
INITIAL = {"date": ("00000000",)}


def by_preset(preset: str | None, column: Column) -> Column:
    """A column as a preset writes it, where its contract says nothing else."""
    if preset != "sap" or column.logical_type not in FORMATS or "format" in column.options:
        return column
    options = {**column.options, "format": FORMATS[column.logical_type]}
    initial = column.null_values or INITIAL.get(column.logical_type, ())
    return replace(column, options=options, null_values=initial)
