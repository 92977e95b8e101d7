"""`lakehouse sync`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads it at run time

import typer


def sync(
    source: str = typer.Argument(
        None,
        metavar="[NAME|URL]",
        help="A source by its name, a database by its URL or file, or dlt:MODULE:SOURCE.",
    ),
    contracts: Path = typer.Option(
        None, "--contracts", help="Folder of the contracts; of a named source its own."
    ),
    tables: str = typer.Option("", "--tables", help="Of these only: orders,customers."),
    full: bool = typer.Option(False, "--full", help="Read everything, not only what is new."),
    reset: bool = typer.Option(
        False, "--reset", help="Take back what was loaded of it, and read everything."
    ),
    since: str = typer.Option(None, "--from", metavar="T", help="Read what was written from T on."),
    until: str = typer.Option(None, "--to", metavar="T", help="And before T."),
    origin: str = typer.Option(
        None, "--origin", help="Name of this instance, where a contract is fed by several."
    ),
    accept: bool = typer.Option(
        False, "--accept", help="Take a source as it is: much smaller, or with columns gone."
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Load what is new in a source into bronze, table by table, each exactly once.

    Without NAME every source is synced that `lakehouse sources` knows. Exit status: 0 every table
    is as its source has it, 1 one failed (the others are loaded) or the source is out of reach, 2
    wrong use or a wrong contract.

    Example: lakehouse sync postgresql://reader@db.example.com/shop --contracts data_contracts
    """
    from catalog.lake import Lake
    from catalog.settings import load
    from orchestration.cli import sync_view
    from orchestration.cli.quick import arrow_without_pandas
    from orchestration.connectors.connector import Asked
    from orchestration.turns import meant, synced

    if full + reset + (since is not None or until is not None) > 1:
        raise typer.BadParameter("--full, --reset and --from/--to exclude one another")
    arrow_without_pandas()
    settings = load()
    named = [name.strip() for name in tables.split(",") if name.strip()]
    sources = meant(settings, source, contracts, named, origin)
    asked = Asked(full=full or reset, since=since, until=until, accept=accept)
    is_ok = True
    for one in sources:
        with sync_view.watching(quiet=json) as watcher:
            report = synced(
                Lake(settings), one, asked, anew=reset, watcher=watcher, tell=sync_view.tell
            )
        if json:
            sync_view.print_json(report)
        else:
            sync_view.print_report(report)
        is_ok = is_ok and report.ok
    if not is_ok:
        raise typer.Exit(1)
