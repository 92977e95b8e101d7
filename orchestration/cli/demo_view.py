"""How the demo is told, step by step."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from infra.demo.shop import NAME
from orchestration.cli.walkthrough import COMMAND, Walkthrough, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from infra.demo.month import Month
    from orchestration.cli.demo import Counts
    from orchestration.ingest import Report

ROOT = Path(__file__).parents[2]
CONTRACTS = ("demo.order", "demo.card_payment")


def begin(page: Walkthrough) -> None:
    """Say what is shown, and that the shop is made up."""
    page.rule("Smart Lakehouse, shown on a made-up shop")
    words = (
        f"{NAME} sells tea. It does not exist: its orders and payments are made up, the same "
        "ones each time. As in real life, some rows are broken, and one file cannot be read."
    )
    page.say(words, indent=0)


def tell_files(page: Walkthrough, month: Month) -> None:
    """The files that were written."""
    page.heading("A month of files arrives")
    table = Table.grid(padding=(0, 2))
    for folder, what in (
        (month.orders, "one CSV a day, with ; and decimal comma"),
        (month.payments, "card payments, Parquet"),
    ):
        count = sum(1 for _ in folder.iterdir())
        table.add_row(Text(short(folder), "cyan"), _files(count), what)
    page.put(table, COMMAND)


def tell_loaded(page: Walkthrough, month: Month, reports: Sequence[Report]) -> None:
    """The first load."""
    page.heading("Load them, each row held to its contract")
    _tell_reports(page, month, reports)
    if any(report.of("loaded") for report in reports):
        page.say("One bad file stops no other: it is named, and loaded once it is mended.")
    else:
        page.say("An earlier demo has loaded these files: nothing was left to do.")


def tell_loaded_again(
    page: Walkthrough, month: Month, reports: Sequence[Report], before: Counts, after: Counts
) -> None:
    """The second load, and what the lake had before and after."""
    page.heading("Load them again: nothing changes")
    _tell_reports(page, month, reports)
    table = Table.grid(padding=(0, 2))
    for when, counts in (("in the lake before", before), ("and after", after)):
        table.add_row(when, f"{counts.kept:,} kept", f"{counts.quarantined:,} quarantined")
    page.put(table, COMMAND)


def tell_quarantined(page: Walkthrough, query: Path, answer: pa.Table) -> None:
    """Broken rows and their reasons."""
    page.heading("What was set aside, and why")
    page.command("sql", short(query))
    page.table(answer)
    page.gap()
    page.say("None of them is lost: each is kept as it came, beside its reasons.")


def tell_answer(page: Walkthrough, month: Month, query: Path, answer: pa.Table) -> None:
    """A query and its answer."""
    page.heading("Ask: what did each tea bring in?")
    page.command("sql", short(query))
    sql = query.read_text(encoding="utf-8").strip()
    page.put(Syntax(sql, "sql", theme="ansi_dark", background_color="default"))
    page.gap()
    page.table(answer)
    page.gap()
    page.say(f"All but the orders of {month.unreadable.name}, which could not be read.")


def end(page: Walkthrough, wrong: Sequence[str]) -> None:
    """How to go on, and whether all went as intended."""
    page.heading("Go on")
    contract = ROOT / "data_contracts" / "demo" / "order.odcs.yaml"
    rows = [
        ("what an order must be", short(contract)),
        ("who changed what, when", "lakehouse snapshots"),
        ("your own files", 'README.md, "Your own files in ten minutes"'),
    ]
    if shutil.which("lakehouse") is None:
        rows.append(("to type lakehouse", f". {short(Path(sys.executable).with_name('activate'))}"))
    table = Table.grid(padding=(0, 2))
    for what, where in rows:
        table.add_row(what, Text(where, "cyan"))
    page.put(table, COMMAND)
    page.rule()
    for words in wrong:
        page.put(Text.assemble(("not as intended: ", "red"), words), 0)
    if not wrong:
        page.put("[green]All went as intended.[/]", 0)


def _tell_reports(page: Walkthrough, month: Month, reports: Sequence[Report]) -> None:
    folders = (month.orders, month.payments)
    for name, folder, report in zip(CONTRACTS, folders, reports, strict=True):
        page.command("ingest", name, short(folder))
        sums = report.as_json()
        if sums["read"]:
            kept, broken = f"{sums['loaded']:,} kept", f"{sums['quarantined']:,} quarantined"
            page.put(f"{sums['read']:,} rows read = [green]{kept}[/] + [yellow]{broken}[/]")
        files = [(status.replace("_", " "), n) for status, n in sums["files"].items() if n]
        page.put(", ".join(f"{_files(count)} {status}" for status, count in files))
        for outcome in report.of("failed"):
            what = f"{Path(outcome.source).name} {outcome.reason}"
            page.put(Text.assemble(("failed: ", "red"), what))
        page.gap()


def _files(count: int) -> str:
    return f"{count:,} {'file' if count == 1 else 'files'}"
