"""The rows of a source as JSON: what the contract does not name, and all of a broken row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import case, written
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

MAY_RAISE = ("DATE", "TIME", "STRUCT", "MAP", "UNION", "VARIANT")  # some times have no text
FLOATS = ("FLOAT", "DOUBLE")
AS_TEXT = ("DECIMAL", "HUGEINT", "UHUGEINT", "BIGNUM", "BIT")  # JSON's readers would lose digits
OWN = ("_rest", "_raw", "_fault")


def payload(source: Mapping[str, str]) -> str:
    """SQL of a row as the source gave it, a BLOB."""
    if "_raw" in source:
        return "encode(_raw)"
    return f"encode({_object(_given(source), source)}::varchar)"


def rescued(unknown: list[str], source: Mapping[str, str], more: Mapping[str, str]) -> str:
    """SQL of the JSON of what would be lost, null where nothing would.

    Args:
        unknown: names of the columns that the contract does not name.
        source: the source's columns and their types.
        more: conditions under which a nested column has fields that the contract does not name,
            so that it is kept whole.
    """
    rest = None
    if "_rest" in source:
        rest = "_rest"
    elif unknown:
        rest = _object(unknown, source)
    if not more:
        return f"{rest}::json" if rest else "null::json"
    parts = [f"nullif(({rest}::varchar)[2:-2], '')"] if rest else []
    for name, condition in more.items():
        whole = _object([name], source)
        parts.append(case((condition, f"({whole}::varchar)[2:-2]")))
    return f"('{{' || nullif(concat_ws(',', {', '.join(parts)}), '') || '}}')::json"


def _given(source: Mapping[str, str]) -> list[str]:
    return [name for name in source if name not in OWN and not name.startswith("{")]


def _object(names: list[str], source: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{literal(name)}, {_value(quoted(name), source[name])}" for name in names)
    return f"json_object({pairs})"


def _value(value: str, type_: str) -> str:
    if type_ in FLOATS:
        # A FLOAT by its own digits, and no NaN: JSON has none.
        number = value if type_ == "DOUBLE" else f"{value}::varchar::double"
        is_number, json = f"isfinite({value})", f"to_json({number})"
        return case((is_number, json), otherwise=f"to_json({value}::varchar)")
    if type_ == "JSON":
        is_json = f"json_valid({value}::varchar)"
        return case((is_json, value), otherwise=f"to_json({value}::varchar)")
    if type_ == "BLOB":
        return f"hex({value})"
    if type_.startswith(AS_TEXT):
        return f"{value}::varchar"
    if type_.startswith(MAY_RAISE) or type_.endswith("]"):
        return f"coalesce(try(to_json({value})), to_json({written(value)}))"
    return value
