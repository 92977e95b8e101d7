"""`lakehouse demo`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.settings import Settings
    from infra.demo.month import Month
    from orchestration.ingest import Report

QUERIES = Path(__file__).parents[2] / "infra" / "demo"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the lake has of the demo's rows."""

    kept: int
    quarantined: int


def demo() -> None:
    """Load a month of files of a made-up shop, twice, and show what came of them.

    The files are written into the lake's home, the same ones each time; some rows are broken and
    one file cannot be read, on purpose. Exit status: 0 all went as intended, 1 something did not.
    """
    from rich.console import Console

    from catalog.settings import load
    from orchestration.cli import demo_view
    from orchestration.cli.quick import arrow_without_pandas
    from orchestration.cli.walkthrough import Walkthrough

    arrow_without_pandas()
    settings = load()
    page = Walkthrough(Console(highlight=False))
    demo_view.begin(page)
    month = _write(settings)
    demo_view.tell_files(page, month)
    first = _load(settings, month)
    demo_view.tell_loaded(page, month, first)
    before = _counts(settings)
    again = _load(settings, month)
    after = _counts(settings)
    demo_view.tell_loaded_again(page, month, again, before, after)
    query = QUERIES / "quarantined.sql"
    demo_view.tell_quarantined(page, query, _ask(settings, query))
    query = QUERIES / "best_sellers.sql"
    demo_view.tell_answer(page, month, query, _ask(settings, query))
    wrong = faults(month, first, again, before, after)
    demo_view.end(page, wrong)
    if wrong:
        raise typer.Exit(1)


def faults(
    month: Month, first: list[Report], again: list[Report], before: Counts, after: Counts
) -> list[str]:
    """What did not go as intended, in words."""
    wrong = []
    if any(report.of("loaded") for report in again):
        wrong.append("the second load loaded something")
    if before != after:
        wrong.append(f"the second load changed the lake: before {before}, after {after}")
    if after.kept + after.quarantined != month.rows:
        wrong.append(f"{month.rows} rows were written, the lake has {after}")
    if after.quarantined != month.broken:
        wrong.append(f"{month.broken} rows were broken, the lake has {after}")
    failed = [outcome for report in (*first, *again) for outcome in report.of("failed")]
    unreadable = month.unreadable.as_posix()
    wrong += [f"{o.source}: {o.reason}" for o in failed if o.source != unreadable]
    if sum(outcome.source == unreadable for outcome in failed) != 2:
        wrong.append(f"{unreadable} cannot be read, but did not fail each time")
    return wrong


def _write(settings: Settings) -> Month:
    from catalog.errors import LakeError
    from infra.demo.month import write_month

    try:
        return write_month(settings.home / "demo")
    except OSError as error:
        words = f"{error.filename}: the demo cannot write its files there: {error.strerror}"
        raise LakeError(words) from error


def _load(settings: Settings, month: Month) -> list[Report]:
    from data_contracts.find import find
    from orchestration.ingest import ingest

    folders = {"demo.order": month.orders, "demo.card_payment": month.payments}
    return [
        ingest(settings, find(name, settings.contracts), [str(folder)])
        for name, folder in folders.items()
    ]


def _counts(settings: Settings) -> Counts:
    return Counts(**_ask(settings, QUERIES / "counts.sql").to_pylist()[0])


def _ask(settings: Settings, query: Path) -> pa.Table:
    from catalog import connect

    with connect(settings=settings) as session:
        return session.sql(query.read_text(encoding="utf-8")).arrow()
