"""How broken rows are shown."""

from __future__ import annotations

import json as writer
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from catalog.loads import Load
    from catalog.quarantine import Group, Row

MOST = 5  # loads that are named


def print_groups(groups: list[Group], *, json: bool) -> None:
    """How many rows, by load and reason."""
    if json:
        print(writer.dumps([asdict(group) for group in groups], ensure_ascii=False))
        return
    console = Console(highlight=False)
    if not groups:
        console.print("nothing is in quarantine")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("load", justify="right")
    table.add_column("rows", justify="right")
    table.add_column("table", overflow="fold")
    table.add_column("such as", overflow="fold")
    for group in groups:
        table.add_row(
            str(group.load), f"{group.rows:,}", escape(group.table), escape(group.example)
        )
    console.print(table)
    console.print("[dim]the rows of a load, with every reason: lakehouse quarantine show LOAD[/]")


def print_rows(rows: list[Row], *, json: bool) -> None:
    """Rows as they came."""
    if json:
        said = [
            {**asdict(row), "payload": _text(row.payload), "at": row.at.isoformat()} for row in rows
        ]
        print(writer.dumps(said, ensure_ascii=False))
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
