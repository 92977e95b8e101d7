"""`lakehouse reload`."""

from __future__ import annotations

import typer


def reload(
    contract: str = typer.Argument(
        ..., metavar="CONTRACT", help="Name (erp.sales_order) or file of the contract."
    ),
    load: int = typer.Option(
        None, "--load", metavar="ID", min=1, help="One load only; else all that are in the table."
    ),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Gate everything and say what would change; write nothing."
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Read deliveries again by today's contract, and put the result in place in one commit.

    From the copies that the lake keeps of them, else from the files themselves. So a wrong decimal
    mark or time zone can be mended long afterwards; where all loads are reloaded, types may change
    in any way.

    Example: lakehouse reload erp.sales_order --dry-run
    """
    from catalog.settings import load as load_settings
    from data_contracts.find import find
    from orchestration.cli import ingest_view
    from orchestration.cli.amendments_view import print_amendments
    from orchestration.cli.quick import arrow_without_pandas
    from orchestration.reload import reload as run

    arrow_without_pandas()
    settings = load_settings()
    found = find(contract, settings.contracts)
    with ingest_view.watching(quiet=json) as watcher:
        amendments = run(settings, found, load, dry_run=dry_run, watcher=watcher)
    print_amendments(amendments, json=json, dry_run=dry_run)
