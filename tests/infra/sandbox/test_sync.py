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
from infra.sandbox.model import Model
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
# A broken row in the overlap is read, and quarantined, again by each sync: it is counted once.
QUARANTINED = "select distinct table_name, reasons[1], payload from lake.ops.quarantine"


@dataclass
class Sandbox:
    folder: Path
    settings: Settings

    def sync(self) -> None:
        """Load all that is new."""
        lake = Lake(self.settings)
        for name in COMPANIES:
            file = self.folder / "erp" / f"{name}.sqlite"
            source = Source(address_of(str(file)), CONTRACTS, origin=name)
            assert synced(lake, source, Asked()).ok
        for contract, topic in FILES.items():
            held_to = find(f"sandbox.{contract}", self.settings.contracts)
            assert ingest(self.settings, held_to, [str(self.folder / topic)]).ok

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
    """What was planted, as the reasons call it: a line that is cut off has no columns."""
    return Counter(
        {name.replace("cut off", "the record is no JSON object"): n for name, n in bad.items()}
    )


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


def test_what_came_twice_or_out_of_order_is_there_once(sandbox: Sandbox) -> None:
    said = planted(PLAN).others
    assert said["re-sent: payment"]
    assert said["re-sent: devices/reading"]
    assert said["re-sent: market/quote"]
    assert said["out of order: market/quote"]
    keys = {"payment": "payment_id", "market_quote": "quote_id", "device_reading": "reading_id"}
    for table, key in keys.items():
        query = f"select count(*), count(distinct {key}) from silver.sandbox_{table}"
        [(rows, distinct)] = sandbox.ask(query)
        assert rows == distinct > 0, table


def test_what_is_deleted_in_the_source_is_not_current(sandbox: Sandbox) -> None:
    [(deleted,)] = sandbox.ask(
        "select count(*) from silver.sandbox_contact where deleted_at is not null"
    )
    [(logged,)] = sandbox.ask(
        "select count(distinct contact_id) from bronze.sandbox_contact where deleted_at is not null"
    )
    assert (deleted, logged) == (0, planted(PLAN).others["soft delete: contact"])


def test_a_second_sync_changes_nothing_and_a_next_day_brings_only_itself(sandbox: Sandbox) -> None:
    # Rows of the overlap are read again, and found to be there.
    state = "select table_name, sum(loaded) from lake.ops.ledger group by all"
    before, caught = sorted(sandbox.ask(state)), sandbox.caught()
    sandbox.sync()
    assert sandbox.caught() == caught
    assert sorted(sandbox.ask(state)) == before
    made = company.next_day(sandbox.folder)
    sandbox.sync()
    brought = planted(made.plan, made.plan.last).bad
    assert sandbox.caught() == caught + as_caught(brought)
    assert [tie for tie, differ in sandbox.ask(BOOKS.read_text(encoding="utf-8")) if differ] == []
    [(there,)] = sandbox.ask("select count(*) from silver.sandbox_sales_order")
    with Model(made.plan) as model:
        [(said,)] = model.connection.execute("select count(*) from orders").fetchall()
    assert there == said
