"""A data set loaded by its example contract, twice, into a lake of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from catalog.lake import Lake
from catalog.settings import Settings
from data_contracts.find import find
from orchestration.ingest import ingest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract
    from orchestration.ingest import Report

HOME = Path(__file__).parents[2] / "data_contracts"
HASH = "select count(*), bit_xor(hash(t)), sum(hash(t)) from {} as t"


@dataclass(frozen=True, slots=True)
class Twice:
    """What two loads of the same files did, and the lake after them."""

    contract: Contract
    reports: tuple[Report, Report]
    states: tuple[dict[str, Any], dict[str, Any]]  # of each table: rows, and hashes of them all
    receipts: tuple[int, int]
    connection: DuckDBPyConnection

    @property
    def table(self) -> str:
        return f"bronze.{self.contract.table}"

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query in which `{}` is the table."""
        return self.connection.execute(query.format(self.table)).fetchall()

    def figures(self, *expressions: str) -> tuple[Any, ...]:
        """What these expressions are over the whole table."""
        (row,) = self.sql(f"select {', '.join(expressions)} from {{}}")
        return row

    def in_order(self, *expressions: str) -> list[tuple[Any, ...]]:
        """These expressions of every row, in the order of the files and of the rows in them."""
        return self.sql(f"select {', '.join(expressions)} from {{}} order by _source, _position")


def load_twice(home: Path, name: str, path: Path) -> Twice:
    """Load a file or folder by the contract of that name, and again.

    Skips the test where the path is missing.
    """
    if not path.exists():
        pytest.skip(f"no real files: {path} is missing")
    settings = Settings(home=home, threads=2)
    contract = find(str(HOME / "{}/{}.odcs.yaml".format(*name.split("."))))
    reports, states, receipts = [], [], []
    for _ in range(2):
        reports.append(ingest(settings, contract, [str(path)]))
        with Lake(settings).connect(read_only=True) as connection:
            tables = (f"bronze.{contract.table}", "ops.quarantine", "ops.ledger", 'ops."check"')
            states.append({t: connection.execute(HASH.format(t)).fetchone() for t in tables})
            (count,) = connection.execute("select count(*) from ops.receipt").fetchall()
            receipts.append(count[0])
    connection = Lake(settings).connect(read_only=True)
    return Twice(
        contract,
        (reports[0], reports[1]),
        (states[0], states[1]),
        (receipts[0], receipts[1]),
        connection,
    )


def check_counts(found: Twice, *, files: int, read: int, quarantined: int = 0) -> None:
    """Every file is loaded, and every row that was read is kept or quarantined."""
    told = found.reports[0].as_json()
    assert told["failures"] == []
    assert told["files"] == {"loaded": files, "already_loaded": 0, "failed": 0}
    assert (told["read"], told["loaded"], told["quarantined"]) == (
        read,
        read - quarantined,
        quarantined,
    )
    assert found.figures("count(*)") == (read - quarantined,)
    assert found.sql("select sum(read), sum(loaded), sum(quarantined) from ops.ledger") == [
        (read, read - quarantined, quarantined)
    ]
    assert found.sql("select count(*) from ops.quarantine") == [(quarantined,)]


def check_second_changes_nothing(found: Twice) -> None:
    """The second load answers "already loaded", and only receipts grow."""
    files = found.reports[0].as_json()["files"]["loaded"]
    told = found.reports[1].as_json()
    assert told["files"] == {"loaded": 0, "already_loaded": files, "failed": 0}
    assert (told["read"], told["loaded"], told["quarantined"], told["loads"]) == (0, 0, 0, [])
    assert found.states[1] == found.states[0]
    assert found.receipts == (files, 2 * files)
    statuses = "select status, count(*) from ops.receipt group by 1 order by 1"
    assert found.sql(statuses) == [("already_loaded", files), ("loaded", files)]
