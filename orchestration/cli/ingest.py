"""`lakehouse ingest`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from catalog.settings import Settings
    from data_contracts.contract import Contract


def ingest(
    contract: str = typer.Argument(
        ..., metavar="CONTRACT", help="Name (erp.sales_order) or file of the contract."
    ),
    paths: list[str] = typer.Argument(
        ...,
        metavar="PATH...",
        help="Files, folders, patterns; .gz and .zip too; or URLs: http(s)://, s3://.",
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Gate the files and say what would happen; write nothing."
    ),
    strict: bool = typer.Option(False, "--strict", help="Any broken row fails its file."),
    atomic: bool = typer.Option(False, "--atomic", help="Load all of the files or none."),
    accept: bool = typer.Option(
        False, "--accept", help="Load a snapshot or period although it is much smaller."
    ),
    origin: str = typer.Option(
        None, "--origin", metavar="NAME", help="Name of the shop, plant or system that they are of."
    ),
    watch: bool = typer.Option(
        False, "--watch", help="Go on, and load what comes into the folders PATH... until Ctrl-C."
    ),
    every: float = typer.Option(2.0, "--every", min=0.1, help="Seconds between looks of --watch."),
) -> None:
    """Load files into bronze by their contract, each exactly once.

    Rows that break the contract go to ops.quarantine with the reasons; a file that was loaded
    before changes nothing. Exit status: 0 every file is loaded or already was, 1 one failed (the
    others are loaded), 2 wrong use or a wrong contract.

    A URL is one file, or on S3 all files in a folder; it is kept without password and signature.

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
    if watch:
        if dry_run or atomic:
            raise typer.BadParameter("--watch goes with neither --dry-run nor --atomic")
        _watch(settings, found, paths, every, strict=strict, origin=origin, json=json)
    with ingest_view.watching(quiet=json) as watcher:
        report = run(
            settings, found, paths, strict=strict, atomic=atomic, dry_run=dry_run, accept=accept,
            origin=origin,            watcher=watcher,
        )  # fmt: skip
    if json:
        ingest_view.print_json(report)
    else:
        ingest_view.print_report(report)
    if not report.ok:
        raise typer.Exit(1)


def _watch(
    settings: Settings,
    contract: Contract,
    folders: list[str],
    every: float,
    *,
    strict: bool,
    origin: str | None,
    json: bool,
) -> NoReturn:
    from catalog.errors import LakeError
    from orchestration.cli import ingest_view
    from orchestration.connectors.files.remote import shown
    from orchestration.watch import watch

    if not json:
        print(
            f"watching {', '.join(map(shown, folders))} for {contract.id}; Ctrl-C stops it",
            flush=True,
        )
    for report in watch(settings, contract, folders, every=every, strict=strict, origin=origin):
        if isinstance(report, LakeError):
            print(f"lakehouse: {report}; it is tried again", file=sys.stderr, flush=True)
        elif json:
            ingest_view.print_json(report)
        else:
            ingest_view.print_report(report)
        sys.stdout.flush()
    raise AssertionError
