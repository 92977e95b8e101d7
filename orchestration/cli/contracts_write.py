"""The commands of `lakehouse contracts` that write files: the site, and first contracts."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads it at run time

import typer

JSON = typer.Option(False, "--json", help="Print the result as JSON.")
PLACES = typer.Argument(
    None, metavar="[NAME|PATH]...", help="Names, files or folders; every known contract if none."
)


def docs(
    places: list[str] = PLACES,
    out: Path = typer.Option(
        None, "--out", help="Folder of the site.", show_default="<LAKEHOUSE_HOME>/site/contracts"
    ),
    json: bool = JSON,
) -> None:
    """Write the static site of the contracts: it needs no server and nothing of the net.

    Exit status: 0 every contract has its page, 1 one is refused and is listed with its faults.

    Example: lakehouse contracts docs --out public/contracts
    """
    from catalog.settings import load
    from data_contracts.check import check_all, files_meant
    from data_contracts.docs import write_site
    from orchestration.cli.contracts_output import waiting, watched
    from orchestration.cli.contracts_view import print_site
    from orchestration.errors import InputError

    settings = load()
    files = files_meant(places or [], settings.contracts)
    folder = out or settings.home / "site" / "contracts"
    checked = list(check_all(watched(files, "reading", quiet=json)))
    try:
        with waiting("writing", quiet=json) as tell:
            index = write_site(checked, folder, tell)
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be written: {error.strerror}") from error
    print_site(index, checked, as_json=json)
    if not all(one.accepted for one in checked):
        raise typer.Exit(1)


def init(
    source: str = typer.Argument(
        ...,
        metavar="SOURCE",
        help="A file, a folder, a URL of http, https, s3 or a database, or dlt:MODULE:SOURCE.",
    ),
    out: Path = typer.Option(..., "--out", help="Folder that the contracts are written to."),
    tables: str = typer.Option(
        "", "--tables", help="Of a database or dlt source, these: orders,customers."
    ),
    load: str = typer.Option(
        None,
        "--load",
        metavar="cdc",
        help="Of PostgreSQL, read tables with a key by their changes.",
    ),
    json: bool = JSON,
) -> None:
    """Draft commented contracts: for files by what is in them, for a database by its schema.

    For files it says types, keys, dialect, and how sure each is; for the tables of a database
    types, keys, checks, comments, and how each table is kept up with; for the resources of a dlt
    source what they say of themselves, and what a sample of each shows.

    Examples: lakehouse contracts init exports/2026-01 --out data_contracts;
    lakehouse contracts init s3://bucket/exports --out data_contracts;
    lakehouse contracts init postgresql://reader@db/shop --out data_contracts
    """
    from orchestration.cli.contracts_output import waiting
    from orchestration.cli.contracts_view import print_drafts
    from orchestration.connectors.databases.address import is_database
    from orchestration.connectors.files.remote import is_remote
    from orchestration.errors import InputError
    from orchestration.init import InitError
    from orchestration.init import init as draft

    if load not in (None, "cdc"):
        raise typer.BadParameter("--load can be cdc; the others are chosen by the table's columns")
    if load and (not is_database(source) or is_remote(source)):
        raise typer.BadParameter("--load cdc is of a PostgreSQL database")
    if source.startswith("dlt:") or (is_database(source) and not is_remote(source)):
        _of_tables(source, out, tables, changes=load == "cdc", json=json)
        return
    try:
        with waiting("looking", quiet=json) as tell:
            drafts = draft(source, out, progress=tell)
    except InitError as error:
        raise InputError(str(error)) from error
    print_drafts(drafts, as_json=json)


def _of_tables(source: str, out: Path, tables: str, *, changes: bool, json: bool) -> None:
    from orchestration.cli.contracts_output import waiting
    from orchestration.cli.contracts_view import print_of_database
    from orchestration.init.database.write import Written

    named = [name.strip() for name in tables.split(",") if name.strip()]
    with waiting("looking", quiet=json) as tell:
        written: list[Written]
        if source.startswith("dlt:"):
            from orchestration.init.dlt.write import init as of_dlt

            written = of_dlt(source, out, tables=named, progress=tell)
        else:
            from orchestration.init.database.write import init as of_database

            written = of_database(source, out, tables=named, changes=changes, progress=tell)
    print_of_database(written, source, out, as_json=json)
