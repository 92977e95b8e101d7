"""Deliveries that change what is there: what is written, what is held, what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from catalog.delivery import Chunk, Delivery
from catalog.lake import Lake
from catalog.loader import Loader
from catalog.runs import Run
from catalog.undo import undo
from data_contracts.contract import Column, Reading
from data_contracts.errors import ContractError
from data_contracts.loading import Loading
from tests.lake_help import ID, PRICE, QUANTITY, contract, on_sqlite, write_csv

if TYPE_CHECKING:
    from catalog.delivery import Outcome
    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

SNAPSHOT = contract(loading=Loading(mode="snapshot", shrink=100))
UPSERT = contract(loading=Loading(mode="upsert"))
OP = Column("op", "op", "string", "VARCHAR")
DAY = Column("day", "day", "date", "DATE")
LOG = "select id, quantity, _op from bronze.shop_order order by _batch, _position"
NOW = "select id, quantity from silver.shop_order order by all"
COUNTS = ("read", "loaded", "quarantined", "unchanged", "deleted")


def load(
    lakehouse: Lakehouse, held_to: Contract, name: str, *lines: str, **options: Any
) -> Outcome:
    """Load a file of orders."""
    header = options.pop("header", "id,quantity,price")
    file = write_csv(lakehouse.folder / name, *lines, header=header)
    [outcome] = lakehouse.load(held_to, file, **options).outcomes
    return outcome


def counts(outcome: Outcome) -> tuple[int, ...]:
    assert outcome.status == "loaded", outcome.reason
    return tuple(getattr(outcome, name) for name in COUNTS)


def test_only_what_changed_is_written_and_silver_is_what_was_delivered(
    lakehouse: Lakehouse,
) -> None:
    first = load(lakehouse, SNAPSHOT, "a.csv", "o1,1,1.00", "o2,2,2.00", "o3,3,3.00")
    assert counts(first) == (3, 3, 0, 0, 0)
    second = load(lakehouse, SNAPSHOT, "b.csv", "o4,4,4.00", "o2,5,2.00", "o1,1,1.00")
    assert counts(second) == (3, 2, 0, 1, 1)
    assert lakehouse.sql(LOG) == [
        ("o1", 1, "I"), ("o2", 2, "I"), ("o3", 3, "I"),
        ("o4", 4, "I"), ("o2", 5, "U"), ("o3", 3, "D"),
    ]  # fmt: skip
    assert lakehouse.sql(NOW) == [("o1", 1), ("o2", 5), ("o4", 4)]
    was = lakehouse.sql(
        "select id, quantity, valid_to is null from silver.shop_order_history order by all"
    )
    assert was == [
        ("o1", 1, True), ("o2", 2, False), ("o2", 5, True), ("o3", 3, False), ("o4", 4, True),
    ]  # fmt: skip


def test_a_path_with_other_content_is_a_new_delivery_and_so_is_the_first_content_again(
    lakehouse: Lakehouse,
) -> None:
    for lines, found in ((["o1,1,1"], 1), (["o1,2,1"], 2), (["o1,1,1"], 1)):
        assert load(lakehouse, UPSERT, "a.csv", *lines).status == "loaded"
        assert lakehouse.sql(NOW) == [("o1", found)]
    assert load(lakehouse, UPSERT, "a.csv", "o1,1,1").status == "already_loaded"
    assert counts(load(lakehouse, UPSERT, "elsewhere.csv", "o1,1,1")) == (1, 0, 0, 1, 0)


def test_a_quarantined_row_is_not_absent(lakehouse: Lakehouse) -> None:
    load(lakehouse, SNAPSHOT, "a.csv", "o1,1,1", "o2,2,2", "o3,3,3")
    done = load(lakehouse, SNAPSHOT, "b.csv", "o1,many,1", "o2,2,2")
    assert counts(done) == (2, 0, 1, 1, 1)
    assert lakehouse.sql(NOW) == [("o1", 1), ("o2", 2)]


def test_where_a_key_cannot_be_read_nothing_is_deleted_and_that_is_told(
    lakehouse: Lakehouse,
) -> None:
    load(lakehouse, SNAPSHOT, "a.csv", "o1,1,1", "o2,2,2")
    done = load(lakehouse, SNAPSHOT, "b.csv", ",7,1", "o2,2,2")
    assert counts(done) == (2, 0, 1, 1, 0)
    assert done.notes == ("the key of 1 row cannot be read: nothing that is absent was deleted",)
    assert lakehouse.sql(NOW) == [("o1", 1), ("o2", 2)]


@on_sqlite
def test_a_key_that_is_there_twice_in_a_whole_is_told(lakehouse: Lakehouse) -> None:
    first = load(lakehouse, SNAPSHOT, "a.csv", "o1,1,1", "o1,2,1", "o2,1,1")
    assert first.notes == (
        "1 key is there more than once in what is a whole: of its rows the last counts",
    )
    again = load(lakehouse, SNAPSHOT, "b.csv", "o1,1,1", "o1,3,1", "o2,5,1", "o2,1,1")
    assert again.notes[0].startswith("2 keys are there more than once")
    assert lakehouse.sql(NOW) == [("o1", 3), ("o2", 1)]
    assert load(lakehouse, SNAPSHOT, "c.csv", "o1,3,1", "o2,1,2").notes == ()


def test_a_broken_export_deletes_nothing_until_somebody_accepts_it(lakehouse: Lakehouse) -> None:
    held_to = replace(SNAPSHOT, loading=Loading(mode="snapshot"))
    whole = [f"o{number},1,1" for number in range(100)]
    load(lakehouse, held_to, "a.csv", *whole)
    before = lakehouse.snapshots()
    for lines, rows in ((whole[:79], 79), ([], 0)):
        held = load(lakehouse, held_to, "b.csv", *lines)
        assert held.status == "failed"
        assert held.reason is not None
        assert held.reason.startswith(f"is held: it has {rows} rows, and the table has 100; --acc")
        assert lakehouse.one("select count(*) from silver.shop_order") == 100
    assert lakehouse.one("select count(*) from bronze.shop_order") == 100
    assert lakehouse.snapshots() == before + 2  # of their receipts
    assert counts(load(lakehouse, held_to, "b.csv", *whole[:80])) == (80, 0, 0, 80, 20)
    assert counts(load(lakehouse, held_to, "c.csv", accept=True)) == (0, 0, 0, 0, 80)
    assert lakehouse.sql(NOW) == []


@on_sqlite
def test_the_contract_may_allow_a_whole_to_shrink(lakehouse: Lakehouse) -> None:
    held_to = replace(SNAPSHOT, loading=Loading(mode="snapshot", shrink=50))
    load(lakehouse, held_to, "a.csv", "o1,1,1", "o2,1,1", "o3,1,1", "o4,1,1")
    assert load(lakehouse, held_to, "b.csv", "o1,1,1").status == "failed"
    assert counts(load(lakehouse, held_to, "b.csv", "o1,1,1", "o2,1,1")) == (2, 0, 0, 2, 2)


PERIOD = contract(
    ID, QUANTITY, DAY,
    loading=Loading(mode="period", period_by="day", period=("from", "to"), shrink=100),
    reading=Reading(path=r"(?P<from>\d{8})-(?P<to>\d{8})"),
)  # fmt: skip


@on_sqlite
def test_a_period_replaces_the_days_that_its_path_names_and_no_others(
    lakehouse: Lakehouse,
) -> None:
    header = "id,quantity,day"
    january = ["o1,1,2026-01-01", "o2,2,2026-01-02", "o3,3,2026-01-03"]
    load(lakehouse, PERIOD, "20260101-20260103.csv", *january, header=header)
    done = load(
        lakehouse, PERIOD, "20260102-20260103.csv", "o2,7,2026-01-02", "o4,4,2026-01-04",
        header=header,
    )  # fmt: skip
    assert counts(done) == (2, 1, 1, 0, 1)
    assert lakehouse.sql(NOW) == [("o1", 1), ("o2", 7)]
    [(reason,)] = lakehouse.sql("select reasons[1] from ops.quarantine")
    assert reason == ("day: is not within 2026-01-02 to 2026-01-03, which its path names")
    wrong = load(lakehouse, PERIOD, "20260102-20261399.csv", "o2,7,2026-01-02", header=header)
    assert wrong.reason == (
        "its path has '20261399' for the group to, which is no day such as 2026-01-31"
    )


@on_sqlite
def test_operations_are_those_that_the_source_names(lakehouse: Lakehouse) -> None:
    loading = Loading(mode="cdc", operation="op", operations={"n": "insert", "x": "delete"})
    held_to = contract(ID, replace(QUANTITY, required=True), OP, loading=loading)
    header = "id,quantity,op"
    done = load(lakehouse, held_to, "a.csv", "o1,1,N", "o2,2,n", "o1,,X", "o3,3,?", header=header)
    assert counts(done) == (4, 3, 1, 0, 0)
    assert lakehouse.sql(NOW) == [("o2", 2)]
    assert lakehouse.sql("select reasons from ops.quarantine") == [(["op: is none of n, x"],)]
    again = load(lakehouse, held_to, "b.csv", "o1,,x", "o2,2,n", header=header)
    assert counts(again) == (2, 0, 0, 2, 0)


@on_sqlite
@pytest.mark.parametrize("by", [(), ("at",)], ids=["deliveries", "rows"])
def test_a_truncation_empties_what_came_before_it(
    lakehouse: Lakehouse, by: tuple[str, ...]
) -> None:
    at = Column("at", "at", "integer", "BIGINT")
    held_to = contract(
        ID, QUANTITY, OP, at, loading=Loading(mode="cdc", operation="op", order_by=by)
    )
    header = "id,quantity,op,at"
    load(lakehouse, held_to, "a.csv", "o1,1,c,1", "o2,2,c,2", header=header)
    done = load(lakehouse, held_to, "b.csv", "o3,3,c,3", ",,t,4", "o2,9,c,5", header=header)
    assert done.status == "loaded", done.reason
    assert lakehouse.sql(NOW) == [("o2", 9)]
    ended = "select id, quantity from silver.shop_order_history where valid_to is null"
    assert lakehouse.sql(ended) == [("o2", 9)]
    if by:  # a row that comes late, from before it
        load(lakehouse, held_to, "c.csv", "o4,4,c,3", header=header)
        assert lakehouse.sql(NOW) == [("o2", 9)]


@on_sqlite
def test_a_nested_column_says_which_version_is_newer(lakehouse: Lakehouse) -> None:
    inner = Column("upto", "upto", "integer", "BIGINT")
    meta = Column("meta", "meta", "object", "STRUCT(upto BIGINT)", fields=(inner,))
    held_to = contract(
        ID, QUANTITY, meta, loading=Loading(mode="upsert", order_by=("meta.upto",)),
        reading=Reading(format="ndjson"),
    )  # fmt: skip
    lakehouse.folder.mkdir(exist_ok=True)
    for name, quantity, at in (("a", 2, 20), ("b", 1, 10)):
        file = lakehouse.folder / f"{name}.ndjson"
        file.write_text(f'{{"id": "o1", "quantity": {quantity}, "meta": {{"upto": {at}}}}}\n')
        assert lakehouse.load(held_to, file).ok
    assert lakehouse.sql(NOW) == [("o1", 2)]
    was = "select quantity, valid_from, valid_to from silver.shop_order_history order by 2"
    assert lakehouse.sql(was) == [(1, 10, 20), (2, 20, None)]


@on_sqlite
def test_rows_that_say_so_delete_their_key(lakehouse: Lakehouse) -> None:
    held_to = replace(UPSERT, loading=Loading(mode="upsert", delete_when="quantity < 0"))
    load(lakehouse, held_to, "a.csv", "o1,1,1", "o2,2,2")
    assert counts(load(lakehouse, held_to, "b.csv", "o1,-1,1", "o9,-1,1")) == (2, 1, 0, 1, 0)
    assert lakehouse.sql(NOW) == [("o2", 2)]
    load(lakehouse, held_to, "c.csv", "o1,5,1")
    assert lakehouse.sql(NOW) == [("o1", 5), ("o2", 2)]


def delivered(origin: str, *rows: tuple[str, int]) -> Delivery:
    """A delivery of a source instance, as a connector hands it over."""
    table = pa.table(
        {
            "id": [key for key, _ in rows],
            "quantity": pa.array([quantity for _, quantity in rows], pa.int64()),
            "price": pa.array([None for _ in rows], pa.string()),
            "_position": pa.array(range(1, len(rows) + 1), pa.int64()),
        }
    )
    return Delivery(
        source=f"{origin}/order", key=f"{origin}/order", content_hash=str(rows), size=1,
        read=lambda: iter([Chunk(len(rows), table)]), origin=origin, position='{"upto": 3}',
    )  # fmt: skip


@on_sqlite
def test_sources_of_one_table_keep_out_of_each_others_keys(lakehouse: Lakehouse) -> None:
    for sent in (
        delivered("north", ("o1", 1), ("o2", 2)),
        delivered("south", ("o1", 7)),
        delivered("north", ("o2", 3)),
    ):
        run = Run("sync", lakehouse.settings)
        with Loader(lakehouse.lake, SNAPSHOT, run) as loader:
            [outcome] = loader.load([sent], last=True)
            assert outcome.status == "loaded", outcome.reason
    now = "select _origin, id, quantity from silver.shop_order order by all"
    assert lakehouse.sql(now) == [("north", "o2", 3), ("south", "o1", 7)]
    assert lakehouse.sql("select origin, position ->> 'upto' from ops.delivery order by batch") == [
        ("north", "3"), ("south", "3"), ("north", "3"),
    ]  # fmt: skip


@on_sqlite
def test_a_delivery_whose_place_is_not_one_fails_and_says_so(lakehouse: Lakehouse) -> None:
    held_to = contract(
        ID, QUANTITY, DAY, loading=Loading(mode="snapshot", delivery_order="day", shrink=100)
    )
    header = "id,quantity,day"
    two = load(lakehouse, held_to, "a.csv", "o1,1,2026-01-01", "o2,1,2026-01-02", header=header)
    assert two.reason == (
        "deliveryOrder is day, which orders whole deliveries, and its rows have 2 values of it, "
        "from 2026-01-01 to 2026-01-02"
    )
    none = load(lakehouse, held_to, "b.csv", "o1,1,", header=header)
    assert none.reason == "deliveryOrder is day, and none of its rows has a value of it"
    newer = load(lakehouse, held_to, "c.csv", "o1,2,2026-01-02", header=header)
    older = load(lakehouse, held_to, "d.csv", "o1,1,2026-01-01", header=header)
    assert counts(newer) == (1, 1, 0, 0, 0)
    assert counts(older) == (1, 1, 0, 0, 0)
    assert lakehouse.sql(NOW) == [("o1", 2)]


@on_sqlite
def test_a_table_that_appends_is_not_made_one_of_changes(lakehouse: Lakehouse) -> None:
    load(lakehouse, contract(), "a.csv", "o1,1,1")
    with pytest.raises(
        ContractError, match=r"has load upsert, and bronze\.shop_order was loaded by"
    ):
        load(lakehouse, UPSERT, "b.csv", "o1,1,1")


@on_sqlite
def test_views_follow_the_contract(lakehouse: Lakehouse) -> None:
    load(lakehouse, UPSERT, "a.csv", "o1,1,1")
    note = Column("note", "note", "string", "VARCHAR")
    wider = contract(ID, QUANTITY, PRICE, note, loading=UPSERT.loading, digest="e" * 64)
    load(lakehouse, wider, "b.csv", "o2,2,2,new", header="id,quantity,price,note")
    assert lakehouse.sql("select id, note from silver.shop_order order by all") == [
        ("o1", None), ("o2", "new"),
    ]  # fmt: skip
    assert lakehouse.one("select count(note) from silver.shop_order_history") == 1


@on_sqlite
def test_rows_that_later_loads_lean_on_are_not_undone(lakehouse: Lakehouse) -> None:
    held_to = replace(UPSERT, loading=Loading(mode="upsert", order_by=("quantity",)))
    first = load(lakehouse, held_to, "a.csv", "o1,1,1")
    load(lakehouse, held_to, "b.csv", "o1,1,1", "o2,2,2")
    run = Run("undo", lakehouse.settings)
    with pytest.raises(Exception, match=r"load 2 came after it with rows .* lakehouse reload"):
        undo(Lake(lakehouse.settings), first.batch or 0, run, lambda _: held_to)


@on_sqlite
def test_a_column_may_be_called_month(lakehouse: Lakehouse) -> None:
    month = Column("month", "month", "integer", "BIGINT")
    held_to = contract(ID, QUANTITY, month, loading=SNAPSHOT.loading)
    header = "id,quantity,month"
    load(lakehouse, held_to, "a.csv", "o1,1,1", header=header)
    assert counts(load(lakehouse, held_to, "b.csv", "o1,1,2", header=header)) == (1, 1, 0, 0, 0)
    assert lakehouse.sql("select month from silver.shop_order") == [(2,)]
