"""How a move of the catalog is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from orchestration.cli.plain import print_json
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from catalog.move import Moved


def print_moved(moved: Moved, *, json: bool, is_set: bool) -> None:
    """What a move did, and what has to be set from now on.

    Args:
        moved: what it did.
        json: print it as programs read it.
        is_set: whether LAKEHOUSE_CATALOG was set.
    """
    if json:
        print_json(moved)
        return
    console = Console(highlight=False)
    console.print(
        f"[green]the lake's catalog is {moved.new} now[/], and was {moved.old}: "
        f"{moved.checked:,} answers compared, none differs [dim]({moved.seconds:.1f} s)[/]",
        soft_wrap=True,
    )
    console.print(f"[dim]the old one is put aside: {escape(moved.aside)}[/]", soft_wrap=True)
    if moved.new == "postgres":
        console.print("[yellow]from now on[/] LAKEHOUSE_CATALOG has to be set to that URL")
    elif is_set:
        console.print("[yellow]from now on[/] LAKEHOUSE_CATALOG has to be taken off")
