"""How `lakehouse verify` shows what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from orchestration.cli.plain import print_json, table
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from catalog.verify import Finding


def print_findings(findings: list[Finding], *, json: bool) -> None:
    """Every finding, and how many there are of each kind."""
    if json:
        print_json(findings)
        return
    console = Console(highlight=False)
    listed = table("", "where", "what is wrong")
    for finding in findings:
        listed.add_row(f"[red]{finding.kind}[/]", escape(finding.place), escape(finding.said))
    kinds = sorted({finding.kind for finding in findings})
    if findings:
        console.print(listed)
        counts = ", ".join(f"{sum(f.kind == k for f in findings)} {k}" for k in kinds)
        console.print(f"[bold]{counts}[/]")
    else:
        console.print("[green]all is well[/]: every file is there, whole and known")
