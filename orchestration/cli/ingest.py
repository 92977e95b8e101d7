"""`lakehouse ingest`."""

from __future__ import annotations

import typer


def ingest(
    contract: str = typer.Argument(
        ..., metavar="CONTRACT", help="Name (erp.sales_order) or file of the contract."
    ),
    paths: list[str] = typer.Argument(
        ..., metavar="PATH...", help="Files, folders, patterns; .gz and .zip too."
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Gate the files and say what would happen; write nothing."
    ),
    strict: bool = typer.Option(False, "--strict", help="Any broken row fails its file."),
    atomic: bool = typer.Option(False, "--atomic", help="Load all of the files or none."),
) -> None:
    """Load files into bronze by their contract, each exactly once.

    Rows that break the contract go to ops.quarantine with the reasons; a file that was loaded
    before changes nothing. Exit status: 0 every file is loaded or already was, 1 one failed (the
    others are loaded), 2 wrong use or a wrong contract.

    Example: lakehouse ingest retail.invoice_line exports/2026-01
    """
    from catalog.settings import load
    from data_contracts.find import find
    from orchestration.cli import ingest_view
    from orchestration.cli.quick import arrow_without_pandas
    from orchestration.ingest import ingest as run

    arrow_without_pandas()
    settings = load()
    found = find(contract, settings.contracts)
    with ingest_view.watching(quiet=json) as watcher:
        report = run(
            settings, found, paths, strict=strict, atomic=atomic, dry_run=dry_run, watcher=watcher
        )
    if json:
        ingest_view.print_json(report)
    else:
        ingest_view.print_report(report)
    if not report.ok:
        raise typer.Exit(1)
