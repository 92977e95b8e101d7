"""`lakehouse sources`: what is read regularly, by a name."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads it at run time

import typer

JSON = typer.Option(False, "--json", help="Print the result as JSON.")
CONTRACTS = typer.Option(
    None, "--contracts", help="Folder of the contracts; of a named source its own."
)
ORIGIN = typer.Option(None, "--origin", help="Name of this instance, as `lakehouse sync` has it.")
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Sources that are read regularly: add, list and test them, and see how far they are read.",
)


@app.command()
def add(
    name: str = typer.Argument(..., metavar="NAME", help="Letters a to z, digits and _."),
    url: str = typer.Argument(
        ..., metavar="URL", help="Of the database, a SQLite file, or dlt:MODULE:SOURCE."
    ),
    contracts: Path = typer.Option(..., "--contracts", help="Folder of its tables' contracts."),
    tables: str = typer.Option("", "--tables", help="Read these only: orders,customers."),
    origin: str = typer.Option(
        None, "--origin", help="Name of this instance, where a contract is fed by several."
    ),
    password_env: str = typer.Option(
        None, "--password-env", help="Variable that has its password when it is read."
    ),
    password_file: Path = typer.Option(
        None, "--password-file", help="File with its password, which only you can read."
    ),
) -> None:
    """Give a source a name; the file of it holds no password.

    One in URL is put into a file that only you can read. Without --password-env and
    --password-file it is looked for in LAKEHOUSE_SOURCE_<NAME>_PASSWORD and in that file.

    Example: lakehouse sources add shop postgresql://reader@db/shop --contracts data_contracts
    """
    from catalog.settings import load
    from orchestration.cli.sources_view import print_added
    from orchestration.sources import add as write

    named = [table.strip() for table in tables.split(",") if table.strip()]
    print_added(
        write(
            load(), name, url, contracts, tables=named, origin=origin,
            password_env=password_env, password_file=password_file,
        )
    )  # fmt: skip


@app.command("list")
def list_(json: bool = JSON) -> None:
    """List the sources.

    Example: lakehouse sources list --json
    """
    from catalog.settings import load
    from orchestration.cli.sources_view import print_sources
    from orchestration.sources import known, source_of

    settings = load()
    print_sources([source_of(settings, name) for name in known(settings)], as_json=json)


@app.command("test")
def reach(
    name: str = typer.Argument(..., metavar="NAME|URL", help="A source's name, or a URL."),
    json: bool = JSON,
) -> None:
    """Reach a source, and hold its tables against its contracts; nothing is loaded.

    Exit status: 0 it is reached and has every table, 1 it is not, or has not.

    Example: lakehouse sources test shop
    """
    from catalog.settings import load
    from orchestration.cli.sources_view import print_tested
    from orchestration.source_state import tested

    found = tested(load(), name)
    print_tested(found, as_json=json)
    if found.missing:
        raise typer.Exit(1)


@app.command()
def state(
    name: str = typer.Argument(..., metavar="NAME", help="A source's name."), json: bool = JSON
) -> None:
    """How far each table of a source has been read.

    Example: lakehouse sources state shop
    """
    from catalog.settings import load
    from orchestration.cli.sources_view import print_state
    from orchestration.source_state import state_of

    print_state(state_of(load(), name), as_json=json)


slot = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The replication slot of a PostgreSQL source whose changes are read: make or drop it.",
)
app.add_typer(slot, name="slot")


@slot.command()
def make(
    name: str = typer.Argument(..., metavar="NAME|URL", help="A source's name, or a URL."),
    contracts: Path = CONTRACTS,
    origin: str = ORIGIN,
    json: bool = JSON,
) -> None:
    """Make slot and publication for the tables whose contracts say load: cdc.

    What is there already stays; the publication then has these tables and no others. From now on
    the server keeps its log until a sync has read it. Exit status: 0 made, 1 out of reach, 2 the
    server or a table has to be set up first, which is told.

    Example: lakehouse sources slot make postgresql://owner@db/shop --contracts data_contracts
    """
    from catalog.settings import load
    from orchestration.cli.sources_view import print_slot_made
    from orchestration.slot import make as make_slot

    print_slot_made(make_slot(load(), name, contracts, origin), as_json=json)


@slot.command()
def drop(
    name: str = typer.Argument(..., metavar="NAME|URL", help="A source's name, or a URL."),
    origin: str = ORIGIN,
    json: bool = JSON,
) -> None:
    """Drop slot and publication, so that the server keeps nothing more for them.

    What is in the lake stays. After `make`, tables are read again: lakehouse sync --full.

    Example: lakehouse sources slot drop shop
    """
    from catalog.settings import load
    from orchestration.cli.sources_view import print_slot_dropped
    from orchestration.slot import drop as drop_slot

    print_slot_dropped(*drop_slot(load(), name, origin), as_json=json)
