"""Texts that usually mean that there is no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NULLS = frozenset(
    (
        "N/A", "n/a", "NA", "na", "#N/A", "N.A.", "n.a.", "null", "NULL", "Null", "None", "NONE",
        "none", "nil", "NaN", "nan", "NAN", "\\N", "-", "--", "---", "?", ".", "#NULL!", "#DIV/0!",
        "#VALUE!", "#REF!", "#NAME?", "#NUM!",
        "0000-00-00", "0000-00-00 00:00:00", "00000000",
    )
)  # fmt: skip


def split(texts: Mapping[str, int]) -> tuple[dict[str, int], frozenset[str]]:
    """The texts with a value, and those that usually mean that there is none."""
    nulls = frozenset(text for text in texts if text in NULLS or (text and not text.strip()))
    return {t: n for t, n in texts.items() if t and t not in nulls}, nulls
