"""How sources are shown: never with a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from orchestration.cli import plain
from orchestration.cli.plain import print_json
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.connectors.databases.replication_slot import Made
    from orchestration.source_state import State, Tested
    from orchestration.sources import Source

SHOWN = 8


def print_added(source: Source) -> None:
    """Where it was written, and the next command."""
    console = Console(highlight=False)
    console.print(f"[bold]{source.name}[/]: {escape(str(source.file))}", soft_wrap=True)
    if source.file and source.file.with_suffix(".password").exists():
        secret = escape(str(source.file.with_suffix(".password")))
        console.print(f"[dim]its password, which only you can read:[/] {secret}", soft_wrap=True)
    console.print(f"[dim]next:[/] lakehouse sources test {source.name}", soft_wrap=True)


def print_sources(sources: Sequence[Source], *, as_json: bool) -> None:
    """Each with where it is."""
    if as_json:
        found = [
            {
                "name": source.name,
                "url": source.address.shown,
                "contracts": str(source.contracts),
                "tables": list(source.tables),
                "origin": source.origin,
            }
            for source in sources
        ]
        print_json({"sources": found})
        return
    console = Console(highlight=False)
    if not sources:
        console.print("no sources; add one: lakehouse sources add NAME URL --contracts DIR")
        return
    listed = plain.table("source", "where", "contracts")
    for source in sources:
        listed.add_row(source.name, escape(source.address.shown), escape(str(source.contracts)))
    console.print(listed)


def print_tested(found: Tested, *, as_json: bool) -> None:
    """What it has, and what it lacks."""
    if as_json:
        print_json(
            {
                "source": found.source,
                "tables": list(found.tables),
                "missing": list(found.missing),
                "uncovered": list(found.uncovered),
            }
        )
        return
    console = Console(highlight=False)
    console.print(
        f"[green]reached[/] {escape(found.source)}: {len(found.tables)} tables", soft_wrap=True
    )
    for what, names in (("missing", found.missing), ("without a contract", found.uncovered)):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            console.print(f"{what}: {escape(', '.join(names[:SHOWN]))}{more}", soft_wrap=True)


def print_slot_made(made: Made, *, as_json: bool) -> None:
    """Slot, tables, and the next command."""
    if as_json:
        print_json(
            {
                "slot": made.slot,
                "tables": list(made.tables),
                "new": made.new,
                "added": list(made.added),
            }
        )
        return
    console = Console(highlight=False)
    said = "made" if made.new else "was there already"
    console.print(f"slot and publication [bold]{made.slot}[/]: {said}", soft_wrap=True)
    console.print(f"tables: {escape(', '.join(made.tables))}", soft_wrap=True)
    if made.added:
        said = "; what changed meanwhile in one that was read before: lakehouse sync --full"
        console.print(f"new among them: {escape(', '.join(made.added))}{said}", soft_wrap=True)
    console.print("[dim]next:[/] lakehouse sync, and drop the slot when nothing reads it any more")


def print_slot_dropped(slot: str, there: bool, *, as_json: bool) -> None:
    """Whether there was one."""
    if as_json:
        print_json({"slot": slot, "dropped": there})
        return
    said = "dropped" if there else "was not there"
    Console(highlight=False).print(f"slot and publication [bold]{slot}[/]: {said}", soft_wrap=True)


def print_state(states: Sequence[State], *, as_json: bool) -> None:
    """Each table with its watermark."""
    if as_json:
        found = [
            {
                "table": one.table,
                "source_table": one.source_table,
                "watermark": one.watermark,
                "status": one.status,
                "at": one.at.isoformat() if one.at else None,
            }
            for one in states
        ]
        print_json({"tables": found})
        return
    listed = plain.table("table", "read to", "last sync", "at")
    for one in states:
        at = f"{one.at:%Y-%m-%d %H:%M}" if one.at else ""
        listed.add_row(one.table, escape(one.watermark or ""), one.status or "never", at)
    Console(highlight=False).print(listed)
