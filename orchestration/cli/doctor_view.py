"""How `lakehouse doctor` shows what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from orchestration.cli.plain import print_json
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from orchestration.doctor import Ailment

STYLES = {"error": "red", "note": "yellow"}


def print_ailments(ailments: list[Ailment], *, json: bool) -> None:
    """What is wrong, errors first, and below each what to do."""
    if json:
        print_json(ailments)
        return
    console = Console(highlight=False)
    for one in sorted(ailments, key=lambda one: one.severity):
        style = STYLES[one.severity]
        console.print(f"[{style}]{one.severity}[/] {escape(one.said)}", soft_wrap=True)
        console.print(f"      [dim]{escape(one.remedy)}[/]", soft_wrap=True)
    if not ailments:
        console.print("[green]all is well[/]; lakehouse verify reads every file")
