"""The made-up group in the lake: what was planted is what was caught, and the books tie."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from catalog import connect
from catalog.lake import Lake
from catalog.settings import Settings
from data_contracts.find import find
from infra.sandbox import company
from infra.sandbox.group import COMPANIES, Plan
from infra.sandbox.planted import planted
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.ingest import ingest
from orchestration.sources import Source
from orchestration.turns import synced

if TYPE_CHECKING:
    from infra.sandbox.planted import Planted

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
CONTRACTS = REPOSITORY / "data_contracts" / "sandbox"
BOOKS = REPOSITORY / "infra" / "sandbox" / "books.sql"
PLAN = Plan(scale=0.01, days=45)
FILES = {
    "card_transaction": "cards/transaction",
    "card_label": "cards/label",
    "device_reading": "devices/reading",
    "market_quote": "market/quote",
    "market_trade": "market/trade",
    "fx_rate": "market/fx_rate",
    "instrument": "market/instrument",
}
QUARANTINED = "select table_name, reasons[1], batch from lake.ops.quarantine"


@dataclass
class Sandbox:
    folder: Path
    settings: Settings

    def sync(self) -> tuple[int, int]:
        """Load all that is new; rows loaded, and those quarantined."""
        lake, loaded, quarantined = Lake(self.settings), 0, 0
        for name in COMPANIES:
            source = Source(
                address_of(str(self.folder / "erp" / f"{name}.sqlite")), CONTRACTS, origin=name
            )
            report = synced(lake, source, Asked())
            assert report.ok
            loaded += report.rows
            quarantined += report.quarantined
        for contract, topic in FILES.items():
            held_to = find(f"sandbox.{contract}", self.settings.contracts)
            done = ingest(self.settings, held_to, [str(self.folder / topic)])
            assert done.ok
            loaded += done.rows
            quarantined += done.quarantined
        return loaded, quarantined

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with connect(settings=self.settings) as session:
            table = session.sql(query).arrow()
        return [tuple(row.values()) for row in table.to_pylist()]

    def caught(self) -> Counter[str]:
        """Quarantined rows by table and column."""
        found: Counter[str] = Counter()
        for table, reason, _ in self.ask(QUARANTINED):
            column = reason.partition(":")[0]
            found[f"{table.removeprefix('bronze.sandbox_').removeprefix('sandbox_')}.{column}"] += 1
        return found


def as_caught(bad: dict[str, int]) -> Counter[str]:
    return Counter(bad)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    home = tmp_path_factory.mktemp("sandbox")
    made = company.create(home / "alder", PLAN)
    settings = Settings(home=home / "home", threads=1)
    box = Sandbox(made.folder, settings)
    box.sync()
    return box


def test_exactly_the_bad_rows_that_were_planted_are_quarantined(sandbox: Sandbox) -> None:
    said: Planted = planted(PLAN)
    assert min(said.bad.values()) > 0
    assert sandbox.caught() == as_caught(said.bad)


def test_the_books_tie_to_the_cent_in_the_lake(sandbox: Sandbox) -> None:
    ties = sandbox.ask(BOOKS.read_text(encoding="utf-8"))
    assert len(ties) == 13
    assert [tie for tie, differ in ties if differ] == []
