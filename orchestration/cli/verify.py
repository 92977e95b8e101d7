"""`lakehouse verify`."""

from __future__ import annotations

import typer


def verify(
    json: bool = typer.Option(False, "--json", help="Print the findings as JSON, an array."),
) -> None:
    """Hold the catalog against the files, the ledger against the tables, and kept deliveries
    against their hashes.

    Names what is missing, extra or changed, and what is lost by it. Every file is read whole; loads
    and queries may go on. Exit status: 0 all is well, 1 something is not.
    """
    from functools import partial

    from catalog.lake import Lake
    from catalog.settings import load
    from catalog.verify import verify as run
    from orchestration.cli.progress import progress
    from orchestration.cli.verify_view import print_findings
    from orchestration.keeping import keeps_raw

    settings = load()
    with progress(quiet=json) as told:
        found = run(Lake(settings), keeps_raw(settings), partial(told, "verifying files"))
    print_findings(found, json=json)
    if found:
        raise typer.Exit(1)
