"""`lakehouse pin` and `lakehouse unpin`."""

from __future__ import annotations

import typer


def pin(
    name: str = typer.Argument(..., metavar="NAME", help="To take the pin off by: close-2026-q3."),
    snapshot: int = typer.Argument(None, metavar="[SNAPSHOT]", min=0, help="The newest if none."),
    why: str = typer.Option("", "--why", help="For those who ask later."),
) -> None:
    """Keep a snapshot for good: it stays when history expires (LAKEHOUSE_HISTORY).

    Example: lakehouse pin close-2026-q3 128 --why "figures of the third quarter"
    """
    from catalog.lake import Lake
    from catalog.pins import pin as run
    from catalog.runs import Run
    from catalog.settings import load

    settings = load()
    made = run(Lake(settings), name, snapshot, why, Run("pin", settings))
    print(f"snapshot {made.snapshot} is pinned as {made.name}")


def unpin(
    name: str = typer.Argument(..., metavar="NAME", help="Of the pin."),
) -> None:
    """Take a pin off; its snapshot expires with the lake's history."""
    from catalog.lake import Lake
    from catalog.pins import unpin as run
    from catalog.runs import Run
    from catalog.settings import load

    settings = load()
    gone = run(Lake(settings), name, Run("unpin", settings))
    print(f"snapshot {gone.snapshot} is no longer pinned as {gone.name}")
