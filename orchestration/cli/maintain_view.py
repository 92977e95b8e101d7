"""How `lakehouse maintain` says what it did."""

from __future__ import annotations

import json as writer
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.maintain import Upkeep


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Progress on standard error, where a person watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _what, _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda what, done, all_: bar.update(
            task, description=what, completed=done, total=all_
        )


def print_upkeep(done: Upkeep, *, dry_run: bool, json: bool) -> None:
    """What was done, or is to be done, by kind; and what was won."""
    if json:
        print(writer.dumps(_as_json(done), ensure_ascii=False))
        return
    console = Console(highlight=False)
    for table, (kept, broken) in done.rows.items():
        set_aside = f" and {broken:,} of quarantine" if broken else ""
        console.print(
            f"bronze.{escape(table)}: {kept:,} rows{set_aside} past their retention",
            soft_wrap=True,
        )
    if done.snapshots:
        stay = f" [dim]({done.pinned} pinned stay)[/]" if done.pinned else ""
        console.print(f"{done.snapshots:,} snapshots past LAKEHOUSE_HISTORY{stay}")
    if done.tables:
        console.print(_tables(done))
    before, after = done.files
    if before != after:
        console.print(f"data files: {before:,} before, [bold]{after:,}[/] now")
    if done.swept.files:
        console.print(
            f"{done.swept.files:,} files that nothing reads, {done.swept.bytes / 1e6:,.1f} MB"
        )
    for table, why in done.unheld.items():
        console.print(
            f"[yellow]bronze.{escape(table)}[/]: {escape(why)}; no row of it expires",
            soft_wrap=True,
        )
    if not (done.rows or done.snapshots or done.tables or done.swept.files):
        console.print("[green]nothing to do[/]: the lake is tidy")
    elif dry_run:
        console.print("[dim]nothing was done: this was a dry run[/]")
    else:
        console.print("[green]done[/]: every table answers as before")


def _tables(done: Upkeep) -> Table:
    view = Table(box=None, pad_edge=False, header_style="bold")
    view.add_column("table", overflow="fold")
    for name in ("rows into files", "files rewritten", "files merged"):
        view.add_column(name, justify="right")
    for one in done.tables:
        counts = (one.flushed, one.rewritten, one.merged)
        view.add_row(escape(one.table), *(f"{count:,}" if count else "" for count in counts))
    return view


def _as_json(done: Upkeep) -> dict[str, object]:
    return {
        "rows": {
            f"bronze.{table}": {"rows": kept, "quarantined": broken}
            for table, (kept, broken) in done.rows.items()
        },
        "snapshots": done.snapshots,
        "pinned": done.pinned,
        "tables": [
            {"table": t.table, "flushed": t.flushed, "rewritten": t.rewritten, "merged": t.merged}
            for t in done.tables
        ],
        "files_before": done.files[0],
        "files_after": done.files[1],
        "deleted_files": done.swept.files,
        "deleted_bytes": done.swept.bytes,
        "unheld": {f"bronze.{table}": why for table, why in done.unheld.items()},
    }
