"""`lakehouse snapshots`."""

from __future__ import annotations

import typer


def snapshots(
    limit: int = typer.Option(20, "--limit", "-n", min=1, help="How many, the newest first."),
    table: str = typer.Option(
        None, "--table", help="Only those that changed this table (bronze.erp_order)."
    ),
    only_pinned: bool = typer.Option(
        False, "--pinned", help="Only those that are kept for good: lakehouse pin."
    ),
    json: bool = typer.Option(False, "--json", help="Print them as JSON, an array of objects."),
) -> None:
    """Who changed what and when: every snapshot can be queried with `lakehouse sql --at`."""
    from catalog.lake import Lake
    from catalog.settings import load
    from catalog.snapshots import newest
    from orchestration.cli.plain import print_json
    from orchestration.cli.plain import table as plain_table

    with Lake(load()).connect(read_only=True) as connection:
        found = newest(connection, limit, table, only_pinned=only_pinned)
    if json:
        print_json([snapshot.as_json() for snapshot in found])
        return
    from rich.console import Console

    from orchestration.cli.printable import escape

    view = plain_table("snapshot", "when (UTC)", "who", "what", "rows", right=("snapshot", "rows"))
    for one in found:
        rows = f"{one.rows:+,}" if one.rows else ""
        pins = f"\n[yellow]pinned as {escape(', '.join(one.pins))}[/]" if one.pins else ""
        words = (escape(one.author or ""), escape(one.message or "") + pins)
        view.add_row(str(one.id), f"{one.at:%Y-%m-%d %H:%M:%S}", *words, rows)
    Console(highlight=False).print(view)
