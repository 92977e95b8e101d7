"""How one contract, or what changed in it, is shown, in 80 columns or JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console, Group

from orchestration.cli.plain import counted, print_json, table
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from data_contracts.comparison import Comparison
    from data_contracts.show import Shown


def print_shown(shown: Shown, *, as_json: bool) -> None:
    """One contract."""
    if as_json:
        print_json(asdict(shown))
        return
    console = Console(highlight=False)
    console.print(
        f"[bold]{escape(shown.name)}[/] {escape(shown.version)} [dim]{escape(shown.status)}, "
        f"{escape(shown.table)}[/]"
    )
    if shown.description:
        console.print(escape(shown.description))
    found = table("column", "type", "what it is and what it is held to")
    for column in shown.columns:
        source = f"\n[dim]from {escape(column.source)}[/]" if column.is_renamed else ""
        marks = f"\n[cyan]{', '.join(column.marks)}[/]" if column.marks else ""
        said = [escape(column.description)] if column.description else []
        said += [f"[magenta]{escape(', '.join(column.labels))}[/]"] if column.labels else []
        said += [f"[dim]{escape(rule)}[/]" for rule in column.rules]
        found.add_row(f"{escape(column.name)}{source}", f"{column.type}{marks}", "\n".join(said))
    facts = table("", "", header=False)
    pairs = [("Owner", shown.owner or ""), ("Primary key", ", ".join(shown.key))]
    pairs += [*shown.reading.items(), *shown.delivery.items()]
    pairs += [("Rule of a load", rule) for rule in shown.rules]
    pairs += [("Partitioned by", ", ".join(shown.partition)), ("File", shown.file)]
    for label, value in pairs:
        if value:
            facts.add_row(f"[dim]{label}[/]", escape(value))
    console.print(Group("", found, "", facts))


def print_comparison(comparison: Comparison, *, as_json: bool) -> None:
    """What changed, the breaking changes first."""
    changes = comparison.changes
    if as_json:
        sides = {
            name: {"id": side.id, "version": side.version, "file": str(side.file)}
            for name, side in (("old", comparison.old), ("new", comparison.new))
        }
        said = {"breaking": comparison.is_breaking, "advice": comparison.advice}
        print_json({**sides, **said, "changes": [asdict(change) for change in changes]})
        return
    console = Console(highlight=False)
    old, new = comparison.old, comparison.new
    console.print(f"[bold]{escape(new.id)}[/] {escape(old.version)} to {escape(new.version)}")
    found = table("breaks", "where", "what")
    for change in changes:
        who = f"[red]{', '.join(change.breaking_for)}[/]" if change.is_breaking else "[dim]-[/]"
        found.add_row(who, escape(change.where), escape(change.what))
    if changes:
        console.print(found)
    counts = {
        who: sum(who in change.breaking_for for change in changes)
        for who in ("readers", "deliverers")
    }
    if comparison.is_breaking:
        told = ", ".join(f"{counted(count, 'change')} for {who}" for who, count in counts.items())
        console.print(f"[red]breaking: {told}[/]")
    else:
        console.print("[green]nothing breaks[/]" if changes else "[green]nothing changed[/]")
    if comparison.advice:
        console.print(f"[yellow]{escape(comparison.advice)}[/]")
