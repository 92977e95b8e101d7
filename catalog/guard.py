"""What a query may be: one SELECT on the lake's tables, by functions that are known to be pure.

The parsed query is walked by lists of what is allowed, nodes.txt and functions.txt: what a later
DuckDB adds is refused until somebody allows it.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from catalog import allowed, parse
from catalog.errors import QueryRefusedError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

TAKE_A_FUNCTIONS_NAME = {
    "aggregate",
    "array_aggr",
    "array_aggregate",
    "list_aggr",
    "list_aggregate",
}
TAKE_A_SHAPE = {"from_json", "from_json_strict", "json_transform", "json_transform_strict"}
FOLDS = 100  # brackets of a shape: DuckDB falls over one of 100,000, and takes 10 s for 900
DOUBLING = {"LAMBDA", "PIVOT"}  # each inside another doubles DuckDB's work before it runs
DEEPEST = 10  # of those inside each other: 0.1 s
NAME = re.compile(r"\w[\w $-]*")  # of a table: never a file's, which DuckDB would open
FILENAME = "filename"  # a column that every table of DuckLake's has besides, with whole paths
NO_FILENAME = (
    "filename is not allowed: it would tell where the lake's files are; _source says which file a "
    "row came from, and columns('^filename$') reads a column of that name"
)
REMEDIES = {
    "SHOW_REF": "describe, show and summarize are not allowed in a query; "
    "`.tables` and `.schema TABLE` of the shell show the lake's tables",
    "VALUE_PARAMETER": "the query has a parameter that nothing gives a value; write the value",
}
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Scope(NamedTuple):
    """What a node stands in: the common table expressions before `seen`, in what is around it."""

    names: dict[str, int]
    seen: int
    around: Scope | None
    doubled: int

    def knows(self, name: str) -> bool:
        """Whether a common table expression of this name is in sight."""
        scope: Scope | None = self
        while scope:
            if scope.names.get(name, scope.seen) < scope.seen:
                return True
            scope = scope.around
        return False


class Reach(NamedTuple):
    """What a query reads.

    Attributes:
        tables: that it names, as ``schema.table``.
        past: those of them that it reads `at` another snapshot.
        times: the times of those, as SQL.
    """

    tables: frozenset[str]
    past: frozenset[str]
    times: tuple[str, ...]


@lru_cache(maxsize=64)
def check(sql: str) -> Reach:
    """Refuse what is not one SELECT on the lake's tables.

    Raises:
        QueryRefusedError: why, in one line.
    """
    tables: set[str] = set()
    past: set[str] = set()
    is_timed = False
    todo: list[tuple[Any, Scope]] = [(parse.select_tree(sql), Scope({}, 0, None, 0))]
    while todo:
        node, scope = todo.pop()
        if isinstance(node, list):
            todo.extend((child, scope) for child in node)
        elif isinstance(node, dict):
            _check_node(node)
            if node.get("type") == "BASE_TABLE":
                tables |= (named := _table(node, scope))
                if at := node.get("at_clause"):
                    past |= named
                    is_timed |= at["unit"] != "VERSION"
            todo.extend(_children(node, scope))
    return Reach(frozenset(tables), frozenset(past), parse.times(sql) if is_timed else ())


def _check_node(node: dict[str, Any]) -> None:
    kind = node.get("type")
    if isinstance(kind, str) and kind not in allowed.nodes():
        raise QueryRefusedError(REMEDIES.get(kind, f"{kind} is not allowed in a query"))
    names = (*node.get("column_names", ()), *node.get("using_columns", ()))
    if FILENAME in map(folded, names) or _folded(node, "schema") == FILENAME:  # filename.upper()
        raise QueryRefusedError(NO_FILENAME)
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
    if name in TAKE_A_FUNCTIONS_NAME and _second(node) not in among:
        raise QueryRefusedError(f"{name} needs the name of an allowed function, written out")
    if name in TAKE_A_SHAPE:
        shape = _second(node)
        if not isinstance(shape, str) or shape.count("[") + shape.count("{") > FOLDS:
            raise QueryRefusedError(
                f"{name} needs the shape written out, with at most {FOLDS} brackets"
            )


def _second(node: dict[str, Any]) -> Any:
    """The value of a function's second argument; None where it is not written out."""
    # column.list_aggr('sum') is parsed with the column as the schema.
    place = 1 if _folded(node, "schema") in ("", "main") else 0
    given = node.get("children", [])[place : place + 1]
    return given[0].get("value", {}).get("value") if given else None


def _table(node: dict[str, Any], scope: Scope) -> set[str]:
    catalog, schema = _folded(node, "catalog_name"), _folded(node, "schema_name")
    name = _folded(node, "table_name")
    if catalog in ("", "lake") and schema in allowed.SCHEMAS and NAME.fullmatch(name):
        return {f"{schema}.{name}"}
    if not catalog and scope.knows(f"{schema}.{name}" if schema else name):
        return set()
    given = ".".join(part for part in (catalog, schema, node["table_name"]) if part)
    raise QueryRefusedError(
        f"{_shown(given)} is none of the lake's tables; those are named with their schema, one of "
        f"{', '.join(allowed.SCHEMAS)} (bronze.shop_order)"
    )


def _children(node: dict[str, Any], scope: Scope) -> Iterator[tuple[Any, Scope]]:
    """What is below a node, with the common table expressions that it sees: never its own name."""
    kind = node.get("type")
    if kind == "VALUE_CONSTANT":
        return
    if isinstance(kind, str) and kind in DOUBLING:
        scope = scope._replace(doubled=scope.doubled + 1)
        if scope.doubled > DEEPEST:
            raise QueryRefusedError(f"more than {DEEPEST} of {kind} are nested; write it flatter")
    if entries := node.get("cte_map", {}).get("map", ()):
        names: dict[str, int] = {}
        for place, entry in enumerate(entries):
            name = _folded(entry, "key")
            if name in parse.system_views() or not NAME.fullmatch(name):
                raise QueryRefusedError(f"{_shown(name)} cannot name a common table expression")
            yield entry["value"], Scope(names, place, scope, scope.doubled)
            names.setdefault(name, place)
        scope = Scope(names, len(entries), scope, scope.doubled)
    for key, child in node.items():
        if key == "right" and kind == "RECURSIVE_CTE_NODE":
            name = _folded(node, "cte_name")
            own = {name: 0, f"recurring.{name}": 0}
            yield child, Scope(own, 1, scope, scope.doubled)
        elif key == "function" and kind == "TABLE_FUNCTION":
            yield list(child.values()), scope
        elif key != "cte_map":
            yield child, scope


def _folded(node: dict[str, Any], key: str) -> str:
    return folded(str(node.get(key, "")))


def folded(name: str) -> str:
    """A name as DuckDB compares it: only ASCII letters lose their case."""
    return name.translate(_LOWER)


def _nearest(name: str, among: frozenset[str]) -> str:
    from difflib import get_close_matches

    return "".join(f"; did you mean {near}?" for near in get_close_matches(name[:80], among, 1))


def _shown(name: str) -> str:
    return printable(name[:80])
