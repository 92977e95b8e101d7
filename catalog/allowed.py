"""What a query may name: schemas, functions and the kinds of nodes that DuckDB's parser makes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
SCHEMAS = ("bronze", "silver", "mart", "gold", "ops")
TABLE_FUNCTIONS = frozenset({"generate_series", "json_each", "json_tree", "range", "unnest"})


@cache
def functions() -> frozenset[str]:
    """Functions and operators: those without side effects, that read nothing but arguments."""
    return _listed("functions.txt")


@cache
def nodes() -> frozenset[str]:
    """Kinds of nodes of a parsed query."""
    return _listed("nodes.txt")


def _listed(name: str) -> frozenset[str]:
    return frozenset((FOLDER / name).read_text(encoding="utf-8").split())
