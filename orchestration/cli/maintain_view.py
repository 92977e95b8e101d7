"""How `lakehouse maintain` says what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from orchestration.cli.plain import print_json, table
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from rich.table import Table

    from catalog.maintain import Upkeep


def print_upkeep(done: Upkeep, *, dry_run: bool, json: bool) -> None:
    """What was done, or is to be done, by kind; and what was won."""
    if json:
        print_json(_as_json(done))
        return
    console = Console(highlight=False)
    for name, (kept, broken) in done.rows.items():
        set_aside = f" and {broken:,} of quarantine" if broken else ""
        console.print(
            f"bronze.{escape(name)}: {kept:,} rows{set_aside} past their retention",
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
    for name, why in done.unheld.items():
        console.print(
            f"[yellow]bronze.{escape(name)}[/]: {escape(why)}; no row of it expires",
            soft_wrap=True,
        )
    if not (done.rows or done.snapshots or done.tables or done.swept.files):
        console.print("[green]nothing to do[/]: the lake is tidy")
    elif dry_run:
        console.print("[dim]nothing was done: this was a dry run[/]")
    else:
        console.print("[green]done[/]: every table answers as before")


def _tables(done: Upkeep) -> Table:
    counted = ("rows into files", "files rewritten", "files merged")
    view = table("table", *counted, right=counted)
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
