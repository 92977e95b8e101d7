"""How undo, retry, discard and reload say what they did."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

from orchestration.cli.plain import counted, print_json, table
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from catalog.loads import Amendment
    from catalog.undo import Undone

MOST = 20  # loads that are listed


def print_undone(undone: Undone, *, json: bool) -> None:
    """What undoing a load did."""
    load, name = undone.load, f"bronze.{undone.load.table}"
    if json:
        about: dict[str, Any] = {
            "load": load.batch,
            "table": name,
            "source": load.source,
            "rows": undone.rows,
            "quarantined": undone.quarantined,
            "restored": undone.restored,
            "snapshot": undone.snapshot,
        }
        print_json(about)
        return
    console = Console(highlight=False)
    console.print(
        f"load {load.batch} is undone: [bold]{undone.rows:,}[/] rows out of {name}, "
        f"{undone.quarantined:,} out of quarantine [dim](snapshot {undone.snapshot})[/]",
        soft_wrap=True,
    )
    for batch, rows in undone.restored.items():
        console.print(f"load {batch}, whose place it had taken, is back: {rows:,} rows")
    console.print(f"[dim]{escape(load.source)} can be loaded again[/]", soft_wrap=True)


def print_amendments(amendments: list[Amendment], *, json: bool, dry_run: bool = False) -> None:
    """By how much loads changed, and what they have now."""
    if json:
        print_json([_as_json(a) for a in amendments])
        return
    console = Console(highlight=False)
    if not amendments:
        console.print("there is nothing to do")
        return
    numbers = ("kept", "quarantined", "discarded")
    listed = table("load", "source", *numbers, right=("load", *numbers))
    for a in amendments[:MOST]:
        pairs = (
            (a.load.loaded, a.loaded),
            (a.load.quarantined, a.quarantined),
            (a.load.discarded, a.discarded),
        )
        counts = [f"{had + more:,}" + (f" ({more:+,})" if more else "") for had, more in pairs]
        listed.add_row(str(a.load.batch), escape(a.load.source), *counts)
    console.print(listed)
    if len(amendments) > MOST:
        console.print(f"[dim]and {len(amendments) - MOST} more loads[/]")
    kept, quarantined = (sum(getattr(a, n) for a in amendments) for n in ("loaded", "quarantined"))
    loads = f"[bold]{counted(len(amendments), 'load')}[/]"
    would = "would be " if dry_run else ""
    changed = [f"[green]{kept:+,} kept[/]"] if kept else []
    changed += [f"[yellow]{quarantined:+,} quarantined[/]"] if quarantined else []
    if changed:
        console.print(f"{loads} {would}changed: {', '.join(changed)}")
    else:
        console.print(f"{loads} {would}gated again: as many are kept and quarantined as before")
    if dry_run:
        console.print("[dim]a dry run: nothing was written[/]")


def _as_json(amendment: Amendment) -> dict[str, Any]:
    told = asdict(amendment)
    load = told.pop("load")
    return {
        "load": load["batch"],
        "table": f"bronze.{load['table']}",
        "source": load["source"],
        **told,
    }
