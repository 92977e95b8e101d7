"""What a query may be: one SELECT on the lake's tables, by functions that are known to be pure.

The parsed query is walked by lists of what is allowed, nodes.txt and functions.txt: what a later
DuckDB adds is refused until somebody allows it.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from catalog import allowed, parse
from catalog.errors import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

Known = frozenset[str]  # names of the common table expressions in scope

TAKE_A_FUNCTIONS_NAME = {
    "aggregate",
    "array_aggr",
    "array_aggregate",
    "list_aggr",
    "list_aggregate",
}
NAME = re.compile(r"\w[\w $-]*")  # of a table: never a file's, which DuckDB would open
REMEDIES = {
    "SHOW_REF": "describe, show and summarize are not allowed in a query; "
    "`.tables` and `.schema TABLE` of the shell show the lake's tables",
    "VALUE_PARAMETER": "the query has a parameter that nothing gives a value; write the value",
}
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@lru_cache(maxsize=64)
def check(sql: str) -> frozenset[str]:
    """Refuse what is not one SELECT on the lake's tables.

    Returns:
        The tables that it names, as ``schema.table``.

    Raises:
        QueryRefusedError: why, in one line.
    """
    tables: set[str] = set()
    todo: list[tuple[Any, Known]] = [(parse.select_tree(sql), frozenset())]
    while todo:
        node, known = todo.pop()
        if isinstance(node, list):
            todo.extend((child, known) for child in node)
        elif isinstance(node, dict):
            _check_node(node)
            if node.get("type") == "BASE_TABLE":
                tables |= _table(node, known)
            todo.extend(_children(node, known))
    return frozenset(tables)


def _check_node(node: dict[str, Any]) -> None:
    kind = node.get("type")
    if isinstance(kind, str) and kind not in allowed.nodes():
        raise QueryRefusedError(REMEDIES.get(kind, f"{kind} is not allowed in a query"))
    if kind == "TABLE_FUNCTION":
        _check_function(node["function"], allowed.TABLE_FUNCTIONS, "table function")
    elif "function_name" in node:
        _check_function(node, allowed.functions(), "function")


def _check_function(node: dict[str, Any], among: frozenset[str], kind: str) -> None:
    schema, name = _folded(node, "schema"), _folded(node, "function_name")
    if name not in among:
        raise QueryRefusedError(f"the {kind} {_shown(name)} is not allowed{_nearest(name, among)}")
    if node.get("catalog") or schema in allowed.SCHEMAS or node.get("export_state"):
        raise QueryRefusedError(f"the {kind} {name} is called by its name alone")
    if name in TAKE_A_FUNCTIONS_NAME:
        # column.list_aggr('sum') is parsed with the column as the schema.
        place = 1 if schema in ("", "main") else 0
        given = node.get("children", [])[place : place + 1]
        named = given[0].get("value", {}).get("value") if given else None
        if named not in among:
            raise QueryRefusedError(f"{name} needs the name of an allowed function, written out")


def _table(node: dict[str, Any], known: Known) -> set[str]:
    catalog, schema = _folded(node, "catalog_name"), _folded(node, "schema_name")
    name = _folded(node, "table_name")
    if catalog in ("", "lake") and schema in allowed.SCHEMAS and NAME.fullmatch(name):
        return {f"{schema}.{name}"}
    if not catalog and (f"{schema}.{name}" if schema else name) in known:
        return set()
    given = ".".join(part for part in (catalog, schema, node["table_name"]) if part)
    raise QueryRefusedError(
        f"{_shown(given)} is none of the lake's tables; those are named with their schema, one of "
        f"{', '.join(allowed.SCHEMAS)} (bronze.shop_order)"
    )


def _children(node: dict[str, Any], known: Known) -> Iterator[tuple[Any, Known]]:
    """What is below a node, with the common table expressions that it sees: never its own name."""
    kind = node.get("type")
    if kind == "VALUE_CONSTANT":
        return
    for entry in node.get("cte_map", {}).get("map", ()):
        name = _folded(entry, "key")
        if name in parse.system_views() or not NAME.fullmatch(name):
            raise QueryRefusedError(f"{_shown(name)} cannot name a common table expression")
        yield entry["value"], known
        known |= {name}
    for key, child in node.items():
        if key == "right" and kind == "RECURSIVE_CTE_NODE":
            name = _folded(node, "cte_name")
            yield child, known | {name, f"recurring.{name}"}
        elif key == "function" and kind == "TABLE_FUNCTION":
            yield list(child.values()), known
        elif key != "cte_map":
            yield child, known


def _folded(node: dict[str, Any], key: str) -> str:
    """A name as DuckDB compares it: only ASCII letters lose their case."""
    return str(node.get(key, "")).translate(_LOWER)


def _nearest(name: str, among: frozenset[str]) -> str:
    from difflib import get_close_matches

    return "".join(f"; did you mean {near}?" for near in get_close_matches(name[:80], among, 1))


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])
