"""How broken rows are shown."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console

from orchestration.cli.plain import print_json, table
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from catalog.loads import Load
    from catalog.quarantine import Group, Row

MOST = 5  # loads that are named


def print_groups(groups: list[Group], *, json: bool) -> None:
    """How many rows, by load and reason."""
    if json:
        print_json(groups)
        return
    console = Console(highlight=False)
    if not groups:
        console.print("nothing is in quarantine")
        return
    listed = table("load", "rows", "table", "such as", right=("load", "rows"))
    for group in groups:
        listed.add_row(
            str(group.load), f"{group.rows:,}", escape(group.table), escape(group.example)
        )
    console.print(listed)
    console.print("[dim]the rows of a load, with every reason: lakehouse quarantine show LOAD[/]")


def print_rows(rows: list[Row], *, json: bool) -> None:
    """Rows as they came."""
    if json:
        said = [
            {**asdict(row), "payload": _text(row.payload), "at": row.at.isoformat()} for row in rows
        ]
        print_json(said)
        return
    console = Console(highlight=False)
    if not rows:
        console.print("no such row is in quarantine")
    for row in rows:
        where = f"{escape(row.source)}, record {row.position:,}"
        console.print(f"[bold]{row.id}[/] {row.table} [dim]{where}[/]", soft_wrap=True)
        for reason in row.reasons:
            console.print(f"  [yellow]{escape(reason)}[/]", soft_wrap=True)
        console.print(f"  {escape(_text(row.payload))}", soft_wrap=True)


def print_uncut(loads: list[tuple[Load, int]]) -> None:
    """What a retry cannot mend, and the command that may."""
    console = Console(highlight=False)
    for load, count in loads[:MOST]:
        records = "record was" if count == 1 else "records were"
        console.print(
            f"[dim]{count:,} {records} never cut into columns: a retry leaves them, to read the "
            f"whole file again is[/] lakehouse reload {load.contract_id} --load {load.batch}",
            soft_wrap=True,
        )


def _text(payload: bytes) -> str:
    return payload.decode(errors="backslashreplace")
