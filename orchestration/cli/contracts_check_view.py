"""How what a check has found is shown, in 80 columns or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from orchestration.cli.contracts_output import short
from orchestration.cli.plain import counted, print_json
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from data_contracts.check import Checked
    from data_contracts.finding import Finding

MOST_WARNINGS = 10  # of one file; --json has all


def print_checked(checked: list[Checked], *, as_json: bool) -> None:
    """What was found in each file, and a sum."""
    if as_json:
        files = [
            {
                "file": str(one.file),
                "accepted": one.accepted,
                "contracts": [contract.id for contract in one.contracts],
                "faults": [_finding(found) for found in one.faults],
                "warnings": [_finding(found) for found in one.warnings],
            }
            for one in checked
        ]
        refused = sum(not one.accepted for one in checked)
        print_json({"checked": len(checked), "refused": refused, "files": files})
        return
    console = Console(highlight=False)
    for one in checked:
        word = "[green]accepted[/]" if one.accepted else "[red]refused[/]"
        console.print(f"{word} {escape(short(one.file))}", soft_wrap=True)
        for found in one.faults:
            line = f":{found.line}" if found.line else ""
            console.print(f"{short(one.file)}{line}: {found.told}", markup=False, soft_wrap=True)
        for found in one.warnings[:MOST_WARNINGS]:
            line = f"line {found.line}: " if found.line else ""
            console.print(Padding(Text(f"{line}{found.told}", "yellow"), (0, 0, 0, 2)))
        if len(one.warnings) > MOST_WARNINGS:
            console.print(f"  [dim]{len(one.warnings) - MOST_WARNINGS} more; --json has all[/]")
    refused = sum(not one.accepted for one in checked)
    warnings = sum(len(one.warnings) for one in checked)
    console.print(
        f"{len(checked)} checked: [green]{len(checked) - refused} accepted[/], "
        f"[{'red' if refused else 'dim'}]{refused} refused[/], {counted(warnings, 'warning')}"
    )


def _finding(found: Finding) -> dict[str, Any]:
    return {"line": found.line, "key": found.key, "message": found.message}
