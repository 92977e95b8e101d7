"""What reads a column of a table of bronze: the views of silver, and models of a dbt project."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

    from data_contracts.contract import Contract

PROJECT = "dbt_project"
NAMED = re.compile(
    r"\{\{-?\s*(ref|source)\s*\(\s*['\"]([^'\"]+)['\"]\s*(?:,\s*['\"]([^'\"]+)['\"]\s*)?"
    r"(?:,[^)]*)?\)\s*-?\}\}"
)
LEFT_OUT = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{-?\s*config\s*\(.*?\}\}", re.DOTALL)
OTHER = re.compile(r"\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"\w+")
Columns = dict[str, set[str]]  # by table or model, names of the columns that are meant


def readers(contract: Contract, columns: Sequence[str], project: Path | None = None) -> list[str]:
    """What reads columns of a contract's table, by name: views first, then models as they build.

    Args:
        contract: of the table.
        columns: by the contract's names.
        project: folder of the dbt project; where it is None, that of the working folder, else that
            beside this package.
    """
    if not columns:
        return []
    tables = [contract.table, *([f"{contract.table}_history"] if contract.loading.changes else [])]
    views = [f"silver.{name}" for name in tables]
    folders = [project] if project else [Path.cwd() / PROJECT, Path(__file__).parents[1] / PROJECT]
    folder = next((one for one in folders if one.is_dir()), None)
    if folder is None:
        return views
    meant = {table: {name.casefold() for name in columns} for table in tables}
    return views + _models(folder, meant)


def _models(folder: Path, meant: Columns) -> list[str]:
    """Models that read a column that is meant, or what an earlier one makes of it."""
    sources = dict(_sources(folder))
    left = {
        file.stem: _plain(file.read_text(encoding="utf-8", errors="replace"), sources)
        for file in sorted(folder.rglob("*.sql"))
        if not {"target", "dbt_packages", "macros", "tests"} & set(file.relative_to(folder).parts)
    }
    found: list[str] = []
    meant, more = dict(meant), True
    while more:  # a model may be found after one that reads it
        more = False
        for model, sql in left.items():
            made = _made_of(sql, meant)
            if made is not None and (model not in found or made - meant.get(model, set())):
                found = list(dict.fromkeys((*found, model)))
                meant[model] = meant.get(model, set()) | made
                more = True
    return found


def _sources(folder: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """Tables of dbt's sources, whose names may be others in the lake."""
    for file in sorted(folder.rglob("*.y*ml")):
        try:
            said: Any = yaml.safe_load(file.read_text(encoding="utf-8", errors="replace"))
        except yaml.YAMLError:  # dbt will say so
            continue
        for source in (said.get("sources") if isinstance(said, dict) else None) or []:
            for table in source.get("tables") or []:
                name = str(table.get("name"))
                yield (str(source.get("name")), name), str(table.get("identifier", name))


def _plain(text: str, sources: dict[tuple[str, str], str]) -> str:
    """A model's SQL with the names that its templates stand for."""

    def named(found: re.Match[str]) -> str:
        one, other = found[2], found[3]
        name = sources.get((one, other), other) if found[1] == "source" else other or one
        return '"' + name.replace('"', "") + '"'

    return OTHER.sub("null", NAMED.sub(named, LEFT_OUT.sub(" ", text)))


def _made_of(sql: str, meant: Columns) -> set[str] | None:
    """Columns of a model that are made of those that are meant; None where it reads none of them.

    What cannot be parsed reads a column where both its name and the table's are words of it.
    """
    words = {word.casefold() for word in WORD.findall(sql)}
    if not any(table.casefold() in words for table in meant):
        return None
    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.scope import traverse_scope

    try:
        scopes = traverse_scope(sqlglot.parse_one(sql, dialect="duckdb"))
    except SqlglotError:
        scopes = []
    if not scopes:
        of = [columns for table, columns in meant.items() if table.casefold() in words]
        return set.union(*of) & words or None
    made: dict[int, set[str]] = {}
    reads = False
    for scope in scopes:  # those within others come first
        made[id(scope)], does = _outputs(scope, meant, made)
        reads = reads or does
    last = made[id(scopes[-1])]
    return last if reads or last else None


def _outputs(scope: Scope, meant: Columns, made: dict[int, set[str]]) -> tuple[set[str], bool]:
    """Columns of a query that are made of those that are meant; whether it reads any of them."""
    from sqlglot import exp

    if scope.set_operation_scopes:
        return set.union(*(made[id(one)] for one in scope.set_operation_scopes)), False
    of = {
        alias.casefold(): meant.get(source.name, set())
        if isinstance(source, exp.Table)
        else made.get(id(source), set())
        for alias, (_, source) in scope.selected_sources.items()
    }

    def is_meant(column: exp.Column) -> bool:
        tables = [column.table.casefold()] if column.table else list(of)
        return any(column.name.casefold() in of.get(table, set()) for table in tables)

    outputs: set[str] = set()
    for one in scope.expression.selects if hasattr(scope.expression, "selects") else []:
        if one.is_star:
            table = one.table.casefold() if isinstance(one, exp.Column) else None
            outputs |= set[str]().union(*(of.values() if table is None else [of.get(table, set())]))
        elif any(is_meant(column) for column in one.find_all(exp.Column)):
            outputs.add(one.alias_or_name.casefold())
    # A star reads a column only where that is used: within others, or as the model's own.
    return outputs, any(is_meant(column) for column in scope.columns)
