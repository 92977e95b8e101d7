"""Loading: strict, atomic and dry, and one that fails stops no other."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import attempt
from catalog.broken import BrokenRows
from catalog.delivery import DeliveryError, Outcome
from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.ledger import Standing
from catalog.loader import Loader
from catalog.runs import Run
from catalog.settings import Settings
from data_contracts.contract import Column, Reading, Rule
from orchestration.connectors.files.content import Content
from orchestration.connectors.files.deliveries import delivery_of
from orchestration.connectors.files.discover import Input
from orchestration.errors import InputError
from orchestration.ingest import ingest
from tests.lake_help import ID, PRICE, QUANTITY, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.copies import Copies
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

TWO_ROWS = Rule("rows", "library", "error", "rowCount", comparisons=(("mustBe", 2),))
PARQUET = contract(reading=Reading(format="parquet"), keep_raw=False)


def parquet(path: Path, first: int, rows: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "id": [f"o{first + at}" for at in range(rows)],
        "quantity": pa.array(range(rows), pa.int64()),
        "price": pa.array([1.5] * rows),
    }
    pq.write_table(pa.table(columns), path, compression="none", use_dictionary=False)
    return path


def test_strict_fails_the_file_with_a_broken_row(lakehouse: Lakehouse) -> None:
    bad, good = (
        orders(lakehouse.folder / "a.csv", 5, broken=[2, 4]),
        orders(lakehouse.folder / "b.csv", 2, first=9),
    )
    report = lakehouse.load(contract(), bad, good, strict=True)
    assert [o.status for o in report.outcomes] == ["failed", "loaded"]
    assert report.outcomes[0].reason == "2 of 5 rows break the contract; --strict allows none"
    assert lakehouse.ids() == ["o10", "o9"]
    assert lakehouse.count("ops.quarantine") == 0
    assert lakehouse.load(contract(), bad).outcomes[0].quarantined == 2  # and without it, it loads


BROKEN_KINDS: dict[str, Any] = {
    "unreadable": lambda path: path.write_bytes(b"no gzip") and path,
    "without a column": lambda path: write_csv(path, "1,2", header="quantity,price"),
    "against a rule": lambda path: orders(path, 3, first=50),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BROKEN_KINDS)
def test_atomic_loads_all_or_none(lakehouse: Lakehouse, kind: str) -> None:
    held_to = contract(rules=(TWO_ROWS,))
    old = orders(lakehouse.folder / "old.csv", 2)
    lakehouse.load(held_to, old)
    before = lakehouse.state()
    files = [orders(lakehouse.folder / f"{n}.csv", 2, first=n * 10) for n in (1, 2)]
    name = "bad.csv.gz" if kind == "unreadable" else "bad.csv"
    bad = BROKEN_KINDS[kind](lakehouse.folder / name)
    report = lakehouse.load(held_to, *files, bad, orders(old, 2, first=70), atomic=True)
    reasons = {o.source.rpartition("/")[2]: str(o.reason) for o in report.of("failed")}
    assert set(reasons) == {"1.csv", "2.csv", "old.csv", name}
    assert [key for key, reason in reasons.items() if "--atomic" not in reason] == [name]
    assert lakehouse.state() == before
    bad.unlink()
    assert lakehouse.load(held_to, *files, old, atomic=True).ok
    assert len(lakehouse.ids()) == 6


@on_sqlite
def test_atomic_takes_each_delivery_once(lakehouse: Lakehouse) -> None:
    by_name = contract(reading=Reading(path=r"(?P<name>\w+)\.csv$"), delivery_key=("name",))
    files = [orders(lakehouse.folder / folder / "a.csv", n) for n, folder in enumerate("xy", 1)]
    with pytest.raises(
        InputError, match=r"y/a.csv: two files of one --atomic call are the same delivery"
    ):
        lakehouse.load(by_name, *files, atomic=True)
    assert lakehouse.count("ops.receipt") == 0


@pytest.mark.slow
def test_a_dry_run_writes_nothing_in_a_lake_that_is_there(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 40))

    def everything() -> tuple[object, ...]:
        files = {p: p.stat().st_size for p in lakehouse.data.rglob("*") if p.is_file()}
        tables = ("ops.receipt", 'ops."check"', "ops.run_start", "ops.run_end")
        return (
            lakehouse.state(),
            lakehouse.snapshots(),
            files,
            [lakehouse.count(t) for t in tables],
        )

    before = everything()
    wider = contract(ID, QUANTITY, PRICE, Column("note", "note", "string", "VARCHAR"))
    files = (
        orders(lakehouse.folder / "a.csv", 50, broken=[7]),
        orders(lakehouse.folder / "b.csv", 60, first=90),
    )
    for held_to in (contract(), wider, contract(rules=(TWO_ROWS,))):
        report = lakehouse.load(held_to, *files, dry_run=True)
        assert everything() == before
    assert [o.status for o in report.outcomes] == ["failed", "failed"]
    report = lakehouse.load(contract(), *files, dry_run=True)
    assert [(o.status, o.loaded, o.quarantined) for o in report.outcomes] == [
        ("loaded", 49, 1),
        ("loaded", 60, 0),
    ]
    assert report.outcomes[0].replaced == (1,)


@on_sqlite
def test_a_dry_run_makes_no_lake(tmp_path: Path, catalog: str) -> None:
    settings = Settings(home=tmp_path / "home", data=tmp_path / "data", threads=2)
    file = orders(tmp_path / "a.csv", 5, broken=[2])
    report = ingest(settings, contract(), [str(file)], dry_run=True)
    assert report.as_json()["quarantined"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_one_that_fails_stops_no_other(lakehouse: Lakehouse) -> None:
    good = [orders(lakehouse.folder / f"{n:02}.csv", 2, first=n * 10) for n in range(10, 20)]
    bad = [
        write_csv(lakehouse.folder / "12b.csv", "1,2", header="quantity,price"),
        write_csv(lakehouse.folder / "15b.csv", "x,1,2", "y,1,2", "z,1,2"),
        lakehouse.folder / "16b.csv.gz",
    ]
    bad[2].write_bytes(b"no gzip")
    report = lakehouse.load(
        contract(rules=(TWO_ROWS,)), *good[:3], bad[0], *good[3:6], *bad[1:], *good[6:]
    )
    reasons = {o.source.rpartition("/")[2]: o.reason for o in report.of("failed")}
    assert reasons == {
        "12b.csv": "no column id, which shop.order requires; the source has quantity, price",
        "15b.csv": "rule rows: is 3, must be 2",
        "16b.csv.gz": reasons["16b.csv.gz"],
    }
    assert "gzip" in str(reasons["16b.csv.gz"]).lower()
    assert len(report.of("loaded")) == 10
    assert len(lakehouse.ids()) == 20


@on_sqlite
def test_a_parquet_file_with_spoiled_pages_fails_alone(lakehouse: Lakehouse) -> None:
    files = [parquet(lakehouse.folder / f"{n}.parquet", n * 10_000, 5000) for n in range(3)]
    data = bytearray(files[1].read_bytes())
    data[4:3000] = b"\xff" * 2996  # the footer still reads
    files[1].write_bytes(data)
    report = lakehouse.load(PARQUET, *files)
    assert [o.status for o in report.outcomes] == ["loaded", "failed", "loaded"]
    assert "\n" not in str(report.outcomes[1].reason)
    assert len(lakehouse.ids()) == 10_000


@on_sqlite
def test_bytes_that_change_before_they_are_kept_fail_their_file(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Content.keep

    def changed(self: Content, copies: Copies) -> None:
        if self.source.path.name == "b.csv":
            raise DeliveryError("changed while it was read")
        keep(self, copies)

    monkeypatch.setattr(Content, "keep", changed)
    files = [orders(lakehouse.folder / f"{name}.csv", 2, first=ord(name)) for name in "abc"]
    report = lakehouse.load(contract(), *files)
    assert [o.status for o in report.outcomes] == ["loaded", "failed", "loaded"]
    assert report.outcomes[1].reason == "changed while it was read"


@on_sqlite
def test_bytes_that_cannot_be_kept_stop_the_load_in_one_line(lakehouse: Lakehouse) -> None:
    (lakehouse.data / "raw").write_text("in the way")
    with pytest.raises(LakeError, match=r"^[^\n]+: its bytes cannot be kept: [^\n]+$"):
        lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 2))
    assert lakehouse.count("ops.ledger") == 0


@on_sqlite
def test_what_is_read_and_neither_kept_nor_quarantined_fails_its_file(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = attempt.Attempt._counts
    monkeypatch.setattr(
        attempt.Attempt,
        "_counts",
        lambda self: {batch: (kept - 1, broken) for batch, (kept, broken) in counted(self).items()},
    )
    report = lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 5))
    assert report.outcomes[0].reason == "read 5 rows, but kept 4 and quarantined 0"


@on_sqlite
def test_a_broken_row_that_does_not_reach_quarantine_fails_its_file(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BrokenRows, "write", lambda self: self.clear() or 0)
    one, *two = (orders(lakehouse.folder / f"{n}.csv", 5, 10 * n, [10 * n]) for n in range(1, 4))
    for files in ([one], two):  # counted by the statements, and in the tables
        report = lakehouse.load(contract(), *files)
        reasons = {outcome.reason for outcome in report.outcomes}
        assert reasons == {"read 5 rows, but kept 4 and quarantined 0"}
    assert lakehouse.count("ops.ledger") == 0


def test_an_open_loader_sees_what_others_have_done_meanwhile(lakehouse: Lakehouse) -> None:
    held_to = contract(reading=Reading(path=r"(?P<name>\w+)\.csv$"), delivery_key=("name",))
    lake, files = lakehouse.lake, {}
    with Loader(lake, held_to, Run("test", lakehouse.settings)) as loader:

        def load(name: str, first: int) -> Outcome:
            file = orders(lakehouse.folder / f"{name}.csv", 3, first)
            files[name] = first
            [outcome] = loader.load([delivery_of(Input(file), held_to, lake.copies)])
            return outcome

        assert [load(name, first).status for name, first in (("a", 1), ("b", 10), ("a", 20))] == [
            "loaded"
        ] * 3
        for name, first in (("a", 30), ("c", 40)):
            assert lakehouse.load(held_to, orders(lakehouse.folder / f"{name}.csv", 3, first)).ok
        assert load("c", 40).status == "already_loaded"
        outcome = load("a", 50)
        assert (outcome.status, len(outcome.replaced)) == ("loaded", 1)
    assert lakehouse.ids() == sorted(f"o{n + at}" for n in (10, 40, 50) for at in range(3))
    assert lakehouse.one("select count(*) = count(distinct batch) from ops.ledger")
    assert lakehouse.one("select count(*) = count(distinct id) from ops.receipt")


@pytest.mark.slow
@on_sqlite
@pytest.mark.parametrize("redelivery", ["replace", "append"])
def test_what_a_loader_knows_is_what_the_ledger_says(lakehouse: Lakehouse, redelivery: Any) -> None:
    """Names that move between contents, in one loader and by a reading anew after each load."""
    chosen, held_to = random.Random(20261124), contract(redelivery=redelivery)
    contents = [orders(lakehouse.folder / "in" / f"{n}", 2, 10 * n).read_bytes() for n in range(4)]
    lake = lakehouse.lake
    with Loader(lake, held_to, Run("test", lakehouse.settings)) as loader:
        for _ in range(20):
            group = []
            for name in chosen.sample("abcde", chosen.randint(1, 3)):
                file = lakehouse.folder / f"{name}.csv"
                file.write_bytes(chosen.choice(contents))
                group.append(delivery_of(Input(file), held_to, lake.copies))
            loader.load(group)
            known = loader.recall()
            fresh = Standing(loader.connection, held_to)
            assert vars(known.standing) == vars(fresh) | {"_keys": ANY}
            if redelivery == "replace":  # else nothing leaves, and who holds what is not asked
                keys = vars(known.standing)["_keys"]
                held = {batch: names for batch, names in keys.items() if names}
                assert held == vars(fresh)["_keys"]
            loader._known = known


@on_sqlite
def test_a_local_time_that_exists_twice_is_told_once_however_often_it_is_tried(
    lakehouse: Lakehouse,
) -> None:
    options = {"defaultTimezone": "Europe/Berlin", "format": "yyyy-MM-dd HH:mm"}
    at = Column("at", "at", "timestamp", "TIMESTAMP WITH TIME ZONE", options=options)
    lines = ("a,2025-10-26 02:30", "b,2025-10-26 02:31", "c,2025-10-26 01:30")
    file = write_csv(lakehouse.folder / "a.csv", *lines, header="id,at")
    bad = write_csv(lakehouse.folder / "b.csv", "x,no time", header="id,at")
    report = lakehouse.load(contract(ID, at), file, bad, strict=True)
    assert [o.status for o in report.outcomes] == ["loaded", "failed"]
    assert report.outcomes[0].notes == ("2 local times exist twice; each was read as the first",)


@on_sqlite
def test_another_error_of_the_engine_is_one_plain_line(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: attempt.Attempt) -> None:
        raise duckdb.OutOfMemoryException(
            "Out of Memory Error: it is full\n\nPossible solutions: ..."
        )

    monkeypatch.setattr(attempt.Attempt, "_gate", fail)
    with pytest.raises(LakeError, match=r"^shop_order: Out of Memory Error: it is full$"):
        lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 5))


@on_sqlite
def test_a_lake_that_cannot_be_opened_is_told(lake_settings: Settings, tmp_path: Path) -> None:
    (lake_settings.home / "catalog.sqlite").write_text("no database")
    (lake_settings.home / "catalog.sqlite-wal").unlink(missing_ok=True)
    with pytest.raises(LakeError, match=r"^[^\n]+: the lake cannot be opened: [^\n]+$"):
        ingest(replace(lake_settings), contract(), [str(orders(tmp_path / "a.csv", 1))])
    with pytest.raises(LakeError):
        Lake(lake_settings).connect()
