"""What is missing, extra or changed is found and named, with what is lost by it."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from catalog.verify import Finding, verify
from tests.chaos.kills import Kill, deliveries, started
from tests.lake_help import contract, orders, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

ROWS = 50  # more than the catalog keeps itself


def found(lakehouse: Lakehouse) -> list[Finding]:
    return verify(lakehouse.lake, lambda _: True)


@pytest.fixture
def loaded(lakehouse: Lakehouse) -> Lakehouse:
    """A lake with a load, another in the place of one, and an amended one."""
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", ROWS, broken=(3,)))
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", ROWS, 500))
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", ROWS, 700))
    return lakehouse


def data_files(lakehouse: Lakehouse) -> list[Path]:
    """Files of orders: those of the first load, of the replaced one, and of the last."""
    folder = lakehouse.data / "tables" / "bronze" / "shop_order"
    return sorted(file for file in folder.rglob("*.parquet") if "delete" not in file.name)


def test_a_lake_that_is_well_has_no_finding(loaded: Lakehouse) -> None:
    assert found(loaded) == []


def test_a_missing_file_is_named_with_the_rows_that_are_lost(loaded: Lakehouse) -> None:
    first, replaced, _ = data_files(loaded)
    first.unlink()
    replaced.unlink()
    told = {(f.kind, f.place.rpartition("/")[2]): f.said for f in found(loaded)}
    assert told == {
        (
            "missing",
            first.name,
        ): "lost: 49 rows of bronze.shop_order; every other table still answers",
        ("missing", replaced.name): "lost: 50 rows of history of bronze.shop_order; "
        "every other table still answers",
    }
    assert loaded.count("ops.ledger") == 3


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda b: b[:-100], "bytes and was written with", id="cut off"),
        pytest.param(lambda b: b[:4] + bytes(len(b) // 2) + b[4 + len(b) // 2 :], "", id="zeroed"),
        pytest.param(lambda b: b[:-4] + b"PAR2", "cannot be read", id="no Parquet"),
    ],
)
def test_a_changed_file_is_named(loaded: Lakehouse, spoil: object, said: str) -> None:
    first = data_files(loaded)[0]
    first.write_bytes(spoil(first.read_bytes()))  # type: ignore[operator]
    [finding] = found(loaded)
    assert (finding.kind, finding.place.rpartition("/")[2]) == ("changed", first.name)
    assert said in finding.said


def test_an_extra_file_is_named(loaded: Lakehouse) -> None:
    lost = loaded.data / "tables" / "bronze" / "shop_order" / "left.parquet"
    lost.write_bytes(data_files(loaded)[0].read_bytes())
    partial = next((loaded.data / "raw").glob("*/*.zst")).with_suffix(".1.partial")
    partial.write_bytes(b"x")
    places = [(f.kind, f.place.rpartition("/")[2]) for f in found(loaded)]
    assert places == [("extra", "left.parquet"), ("extra", partial.name)]


def test_a_copy_that_is_missing_or_changed_is_named(loaded: Lakehouse) -> None:
    hashes = dict(loaded.sql("select batch, content_hash from ops.ledger"))
    missing, changed, other = (
        loaded.data / "raw" / hashes[batch][:2] / f"{hashes[batch]}.zst" for batch in (1, 3, 2)
    )
    missing.unlink()
    changed.write_bytes(other.read_bytes())
    told = {(f.kind, f.place) for f in found(loaded)}
    assert told == {
        ("missing", "copy of load 1"),
        ("changed", f"raw/{changed.parent.name}/{changed.name}"),
    }
    assert verify(loaded.lake, lambda _: False)[0].kind == "changed"


def test_rows_that_the_ledger_does_not_know_are_found(loaded: Lakehouse) -> None:
    with loaded.lake.connect() as connection:
        connection.execute("delete from bronze.shop_order where id = 'o700'")
        connection.execute("delete from ops.quarantine")
        connection.execute("insert into bronze.shop_order (id, _batch) values ('x', 99)")
    told = {f.place: f.said for f in found(loaded)}
    assert told == {
        "load 1": "the ledger says 49 kept and 1 quarantined; bronze.shop_order has 49 and "
        "quarantine 0",
        "load 3": "the ledger says 50 kept and 0 quarantined; bronze.shop_order has 49 and "
        "quarantine 0",
        "load 99": "the ledger says 0 kept and 0 quarantined; bronze.shop_order has 1 and "
        "quarantine 0",
    }


def test_a_small_load_that_the_catalog_keeps_itself_is_well(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), write_csv(lakehouse.folder / "a.csv", "a,1,1"))
    assert found(lakehouse) == []


@pytest.mark.slow
def test_what_is_loaded_while_files_are_read_is_no_finding(loaded: Lakehouse) -> None:
    paths = iter([orders(loaded.folder / "c.csv", ROWS, 900), orders(loaded.folder / "b.csv", 30)])

    def load(_done: int, _all: int) -> None:
        for path in paths:
            assert loaded.load(contract(), path).ok

    assert verify(loaded.lake, lambda _: True, load) == []
    assert loaded.count("ops.ledger") == 5
    assert found(loaded) == []


@pytest.mark.slow
def test_the_first_load_of_a_table_that_is_under_way_is_no_finding(lakehouse: Lakehouse) -> None:
    arguments = [str(lakehouse.folder / "order.odcs.yaml"), str(deliveries(lakehouse.folder))]
    with (
        started(lakehouse.settings, arguments, Kill("before-commit")) as process,
        ThreadPoolExecutor(1) as pool,
    ):
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        try:
            assert [file.path for file in lakehouse.lake.data.files("tables")]
            waits = pool.submit(found, lakehouse)
            with pytest.raises(TimeoutError):
                waits.result(0.5)
        finally:
            process.send_signal(signal.SIGCONT)
        assert waits.result(60) == []
        assert (process.communicate()[1], process.returncode) == ("", 0)
    assert found(lakehouse) == []
