"""A query as DuckDB's own parser reads it, so that what is checked is what is run."""

from __future__ import annotations

import json
import re
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.errors import QueryRefusedError, printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST = 200_000  # characters of a query; to check them takes 2 s and 200 MB at most
SHOWN = 200  # characters of what DuckDB says
DEPTH = "the query cannot be read: it is nested too deeply"
BANNER = re.compile(r"([-=*])\1+")  # of a comment, which is read in one go
OPERATORS = re.compile(r"[-+*/<>=]{100}")  # DuckDB reads n of them in n³: 4,000 in a minute
SHORT = "skip_null := true, skip_empty := true, skip_default := true"
SMALL = {"threads": "1", "memory_limit": "100MB", "enable_external_access": "false"}
_turn = threading.Lock()


def select_tree(sql: str) -> dict[str, Any]:
    """The syntax tree of a text that is exactly one SELECT.

    Raises:
        QueryRefusedError: it is something else, several, or cannot be read.
    """
    if "\0" in sql or len(sql) > LONGEST:
        raise QueryRefusedError(f"a query is text of at most {LONGEST:,} characters, without NUL")
    if OPERATORS.search(BANNER.sub(r"\1", sql)):
        raise QueryRefusedError("the query cannot be read: 100 operators stand in a row")
    try:
        found = _ask(f"select json_serialize_sql({text(sql)}, {SHORT})")
        tree: dict[str, Any] = json.loads(found[0][0])
    except (duckdb.Error, RecursionError, UnicodeError):
        raise QueryRefusedError(DEPTH) from None
    if tree["error"]:
        raise QueryRefusedError(_refusal(tree, sql))
    statements: list[dict[str, Any]] = tree["statements"]
    if len(statements) != 1:
        several = f"{len(statements)} queries were given; one at a time is run"
        raise QueryRefusedError(several if statements else "the query is empty; write one SELECT")
    return statements[0]


def times(sql: str) -> tuple[str, ...]:
    """The times at which a SELECT reads tables, as SQL writes them."""
    [(tree,)] = _ask(f"select json_serialize_sql({text(sql)})")  # whole, so that it can be written
    [(one,)] = _ask("select json_serialize_sql('select 1')")
    todo, found = [json.loads(tree)], list[str]()
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            at = node.get("at_clause")
            if at and at["unit"] != "VERSION":
                whole = json.loads(one)
                whole["statements"][0]["node"]["select_list"] = [at["expr"]]
                [(written,)] = _ask(f"select json_deserialize_sql({text(json.dumps(whole))}::json)")
                found.append(str(written).removeprefix("SELECT "))
        todo += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return tuple(found)


@cache
def system_views() -> frozenset[str]:
    """Views of DuckDB's own, which an unqualified name can mean."""
    mine = "internal and schema_name in ('main', 'pg_catalog')"
    found = _ask(f"select view_name from duckdb_views() where {mine}")
    return frozenset(name for (name,) in found)


def text(value: str) -> str:
    """A value as SQL writes it: to bind one from Python imports pandas, which takes a second."""
    return "'{}'".format(value.replace("'", "''"))


def _ask(query: str) -> list[tuple[Any, ...]]:
    with _turn:
        return _parser().execute(query).fetchall()


@cache
def _parser() -> DuckDBPyConnection:
    return duckdb.connect(config=dict(SMALL))


def _refusal(tree: dict[str, Any], sql: str) -> str:
    if tree["error_type"] == "not implemented":
        remedy = "; a PIVOT needs its values written out: on x in (...)"
        said = "only SELECT is allowed: a query reads the lake, it changes nothing"
        return said + (remedy if "pivot" in sql.lower() else "")
    line = sql.encode(errors="replace")[: int(tree.get("position", 0))].count(b"\n") + 1
    said = " ".join(str(tree["error_message"]).split())
    if said.startswith("Max expression depth"):
        return DEPTH
    said = printable(said if len(said) <= SHOWN else f"{said[:SHOWN]}…")
    return f"the query cannot be read, line {line}: {said}"
