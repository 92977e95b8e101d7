"""How a sync is shown: progress while it works, a table at the end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console

from catalog.errors import printable
from orchestration.cli import plain
from orchestration.cli.ingest_view import STYLES, watching
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from orchestration.sync import Synced

__all__ = ["print_json", "print_report", "tell", "watching"]
COUNTS = ("read", "loaded", "quarantined", "unchanged", "deleted")


def tell(line: str) -> None:
    """A line on standard error, now."""
    print(f"lakehouse: {printable(line)}", file=sys.stderr, flush=True)


def print_json(report: Synced) -> None:
    """The report as programs read it."""
    plain.print_json(report.as_json())


def print_report(report: Synced) -> None:
    """The report as a person reads it."""
    console = Console(highlight=False)
    listed = plain.table("table", "what", *COUNTS, right=COUNTS)
    for table, outcome in report.outcomes:
        is_loaded = outcome.status == "loaded"
        counts = [f"{getattr(outcome, name):,}" if is_loaded else "" for name in COUNTS]
        what = "nothing new" if outcome.status == "already_loaded" else outcome.status
        listed.add_row(escape(table), f"[{STYLES[outcome.status]}]{what}[/]", *counts)
    console.print(listed)
    sums = report.as_json()
    said = ", ".join(f"{sums[name]:,} {name}" for name in COUNTS)
    tables = ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in sums["tables"].items() if n)
    console.print(
        f"[bold]{escape(report.source)}[/]: {said}; tables: {tables} "
        f"[dim](snapshot {report.snapshot})[/]",
        soft_wrap=True,
    )
    for table, outcome in report.of("failed"):
        console.print(f"[red]failed[/] {table}: {escape(outcome.reason or '')}", soft_wrap=True)
    for table, outcome in report.outcomes:
        for note in outcome.notes:
            console.print(f"[yellow]note[/] {table}: {escape(note)}", soft_wrap=True)
