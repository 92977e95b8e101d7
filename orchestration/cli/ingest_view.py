"""How an ingest is shown: progress while it works, a table at the end."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from catalog.errors import printable
from orchestration.cli import plain
from orchestration.cli.printable import escape
from orchestration.ingest import Report, Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from catalog.delivery import Outcome

MOST_FILES = 12  # a table of more is told in sums
STYLES = {"loaded": "green", "already_loaded": "dim", "failed": "red"}


class _Bar(Watcher):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("reading", total=None, rows=0, quarantined=0, rate=0)
        self._rows = self._quarantined = self._bytes = 0

    def files(self, count: int) -> None:
        self._progress.update(self._task, total=count)

    def fetched(self, source: str, count: int) -> None:
        self._bytes += count
        told = f"{self._bytes >> 20:,} MB of {PurePath(source).name}"
        self._progress.update(self._task, description=printable(told[:24]))

    def rows(self, source: str, count: int) -> None:
        self._rows += count
        task = self._progress.tasks[0]
        rate = self._rows / task.elapsed if task.elapsed else 0
        self._progress.update(
            self._task,
            description=printable(PurePath(source).name[:24]),
            rows=self._rows,
            rate=rate,
        )

    def done(self, outcome: Outcome) -> None:
        self._quarantined += outcome.quarantined
        self._progress.update(self._task, advance=1, quarantined=self._quarantined)


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watcher]:
    """Progress on standard error, where a person watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Watcher()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:24}", markup=False),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rows]:,} rows {task.fields[rate]:,.0f}/s"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress)


def print_json(report: Report) -> None:
    """The report as programs read it."""
    plain.print_json(report.as_json())


def print_report(report: Report) -> None:
    """The report as a person reads it."""
    console = Console(highlight=False)
    told = report.of("failed") if len(report.outcomes) > MOST_FILES else report.outcomes
    root = _root([o.source for o in told])
    if told:
        console.print(_table(told, root))
    _print_sums(console, report)
    for outcome in report.of("failed"):
        console.print(
            f"[red]failed[/] {_short(outcome.source, root)}: {escape(outcome.reason or '')}",
            soft_wrap=True,
        )
    notes = {note: o for o in report.outcomes for note in o.notes}
    for note, outcome in notes.items():
        console.print(
            f"[yellow]note[/] {_short(outcome.source, root)}: {escape(note)}", soft_wrap=True
        )
    if report.ignored:
        names = escape(", ".join(PurePath(path).name for path in report.ignored[:3]))
        more = f" and {len(report.ignored) - 3} more" if len(report.ignored) > 3 else ""
        console.print(f"[dim]left out, not files of the contract's format: {names}{more}[/]")


def _root(sources: list[str]) -> str:
    """The folder that all are in, if there is one."""
    if not sources or any("://" in source for source in sources):
        return ""
    return os.path.commonpath([PurePath(source).parent for source in sources])


def _table(outcomes: list[Outcome], root: str) -> Table:
    numbers = ["load", "read", "kept", "quarantined"]
    numbers += ["unchanged"] if any(o.unchanged for o in outcomes) else []
    numbers += ["deleted"] if any(o.deleted for o in outcomes) else []
    listed = plain.table("file", "what", *numbers, right=numbers)
    for o in outcomes:
        what = o.status.replace("_", " ")
        if o.replaced:
            what += ", in place of " + ", ".join(map(str, o.replaced))
        told = [o.loaded if name == "kept" else getattr(o, name) for name in numbers[1:]]
        counts = [f"{n:,}" if o.status == "loaded" else "" for n in told]
        load = "" if o.batch is None else str(o.batch)
        listed.add_row(_short(o.source, root), f"[{STYLES[o.status]}]{what}[/]", load, *counts)
    return listed


def _print_sums(console: Console, report: Report) -> None:
    sums = report.as_json()
    files = sums["files"]
    parts = [f"{files[s]} {s.replace('_', ' ')}" for s in STYLES if files[s]]
    where = "would go into" if report.dry_run else "in"
    console.print(
        f"[bold]{sums['table']}[/]: {sums['read']:,} rows read, [green]{sums['loaded']:,} kept[/], "
        f"[yellow]{sums['quarantined']:,} quarantined[/]{_changes(sums)}; "
        f"files: {', '.join(parts) or 'none'}"
        + ("" if report.dry_run else f" [dim](snapshot {report.snapshot})[/]"),
        soft_wrap=True,
    )
    if report.dry_run:
        console.print(f"[dim]a dry run: nothing was written; the rows {where} {sums['table']}[/]")
    elif sums["quarantined"]:
        console.print(
            f"[dim]why: lakehouse quarantine list bronze.{report.table}[/]",
            soft_wrap=True,
        )


def _changes(sums: dict[str, Any]) -> str:
    """What was there already and what left, where there is any."""
    parts = [f"{sums[name]:,} {name}" for name in ("unchanged", "deleted") if sums.get(name)]
    return "".join(f", {part}" for part in parts)


def _short(source: str, root: str) -> str:
    """A source as the console shows it; square brackets are no markup there."""
    return escape(os.path.relpath(source, root) if root and source.startswith(root) else source)
