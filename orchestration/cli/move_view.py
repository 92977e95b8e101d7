"""How a move of the catalog is shown."""

from __future__ import annotations

import json as writer
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.move import Moved


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Progress on standard error, where a person watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _done, _all: None
        return
    columns = (TextColumn("comparing answers"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, all_: bar.update(task, completed=done, total=all_)


def print_moved(moved: Moved, *, json: bool, is_set: bool) -> None:
    """What a move did, and what has to be set from now on.

    Args:
        moved: what it did.
        json: print it as programs read it.
        is_set: whether LAKEHOUSE_CATALOG was set.
    """
    if json:
        print(writer.dumps(asdict(moved), ensure_ascii=False))
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
