"""Write first contracts for the tables of a database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import reach_of
from orchestration.errors import InputError
from orchestration.init import names
from orchestration.init.database import of_others, of_servers, of_sqlite
from orchestration.init.database.checks import held
from orchestration.init.database.loads import by_changes, loads_of
from orchestration.init.database.text import Drafted, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from orchestration.connectors.databases.described import SourceTable
    from orchestration.connectors.databases.reach import Reach


@dataclass(frozen=True, slots=True)
class Written:
    """A first contract of a table.

    Attributes:
        table: its name in the database.
        load: what a delivery of it means.
        notes: what a person should look at.
    """

    id: str
    path: Path
    table: str
    columns: int
    load: str
    notes: tuple[str, ...]


def init(
    url: str,
    out: Path,
    *,
    tables: Sequence[str] = (),
    password: str | None = None,
    changes: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Written]:
    """Write a contract for each table, ``out/<database>/<table>.odcs.yaml``.

    Args:
        url: of the database, or the path of a SQLite file.
        out: the folder that they are written to; it is made where it is missing.
        tables: these only; all tables where none are named, without views.
        password: where it is not in the URL.
        changes: of PostgreSQL, tables with a key are read by their changes (`load: cdc`).
        progress: is given a line on what is being looked at.

    Raises:
        InputError: a table is missing, or a contract is there already; then nothing is written.
        UnreachableError: the database is out of reach.
    """
    tell, address = progress or (lambda _: None), address_of(url, password)
    if changes and address.kind != "postgres":
        raise InputError(f"{address.shown}: is no PostgreSQL, by whose changes it could be read")
    reach = reach_of(address)
    found: list[tuple[Drafted, Path]] = []
    try:
        with reach.transaction(address.shown):
            there = tables or reach.dialect.tables(reach.ask)
            if not there:
                raise InputError(f"{address.shown}: has no tables")
            lake_names = names.unique(
                names.identifier(name, f"table_{at}") for at, name in enumerate(there, 1)
            )
            for name, lake_name in zip(there, lake_names, strict=True):
                tell(f"{name}: looking")
                table = reach.describe(name)
                if table is None:
                    raise InputError(f"{address.shown}: there is no table {name}")
                if not table.columns:
                    tell(f"{name}: left out, it has no columns")
                    continue
                path = out / address.domain / f"{lake_name}.odcs.yaml"
                if path.exists():
                    raise InputError(
                        f"{path}: is there already; move it away or give another --out"
                    )
                drafted = _drafted(reach, address.domain, lake_name, table)
                if changes and table.key:
                    loads = by_changes(drafted.names, address.shown)
                    drafted = replace(drafted, loads=loads)
                found.append((drafted, path))
    finally:
        reach.close()
    for drafted, path in found:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text_of(drafted, address.shown))
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    return [_written(drafted, path) for drafted, path in found]


def _drafted(reach: Reach, domain: str, name: str, table: SourceTable) -> Drafted:
    of = {"sqlite": of_sqlite, "other": of_others}.get(reach.address.kind, of_servers)
    sources = [column.name for column in table.columns]
    lake_names = dict(zip(sources, names.columns(sources), strict=True))
    types = dict(zip(sources, of.types_of(reach, table), strict=True))
    logical = {name: type_.logical for name, type_ in types.items()}
    return Drafted(
        domain=domain,
        name=name,
        table=table,
        names=lake_names,
        types=types,
        loads=loads_of(table, lake_names, types),
        held=held(table.checks, reach.dialect.sqlglot, logical),
    )


def _written(drafted: Drafted, path: Path) -> Written:
    notes = [
        f"{drafted.names[column]}: {meant.remark}"
        for column, meant in drafted.types.items()
        if meant.remark
    ]
    notes += drafted.loads.remarks[1:] if drafted.table.key else drafted.loads.remarks
    return Written(
        id=f"{drafted.domain}.{drafted.name}",
        path=path,
        table=drafted.table.name,
        columns=len(drafted.table.columns),
        load=str(drafted.loads.custom["load"]),
        notes=tuple(notes),
    )
