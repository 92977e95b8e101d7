"""A load is taken back as if it had never come, and what it had replaced comes back."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError
from catalog.runs import Run
from catalog.undo import undo
from tests.e2e.test_redelivery import version
from tests.lake_help import contract, write_csv

if TYPE_CHECKING:
    from catalog.undo import Undone
    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn


def take_back(lakehouse: Lakehouse, load: int, held_to: Contract | None = None) -> Undone:
    run = Run("undo", lakehouse.settings)
    return undo(lakehouse.lake, load, run, lambda _: held_to or contract())


def contents(lakehouse: Lakehouse) -> list[object]:
    """Every row of bronze and quarantine."""
    quarantine = "select * exclude (id, quarantined_at) from ops.quarantine order by all"
    return [lakehouse.rows("*"), lakehouse.sql(quarantine)]


def assert_the_ledger_counts_what_is_there(lakehouse: Lakehouse) -> None:
    """The sums of each live load's ledger rows are its rows; of others there is no row."""
    from catalog.loads import live

    with lakehouse.lake.connect(read_only=True) as connection:
        told = {
            o.batch: (o.loaded, o.quarantined)
            for o in live(connection, "shop_order")
            if o.loaded or o.quarantined
        }
    kept = dict(lakehouse.sql("select _batch, count(*) from bronze.shop_order group by 1"))
    broken = dict(lakehouse.sql("select batch, count(*) from ops.quarantine group by 1"))
    there = {batch: (kept.get(batch, 0), broken.get(batch, 0)) for batch in {*kept, *broken}}
    assert there == told


def test_a_load_taken_back_leaves_nothing_and_its_file_can_be_loaded_again(
    lakehouse: Lakehouse,
) -> None:
    other, file = version(lakehouse, 5, "other"), version(lakehouse, 1, broken=(11,))
    lakehouse.load(contract(), other)
    before = contents(lakehouse)
    snapshot = lakehouse.load(contract(), file).snapshot

    undone = take_back(lakehouse, 2)
    assert (undone.rows, undone.quarantined, undone.restored) == (1, 1, {})
    assert contents(lakehouse) == before
    assert undone.snapshot == (snapshot or 0) + 1
    sums = "select sum(read), sum(loaded), sum(quarantined) from ops.ledger where of_load = 2"
    assert lakehouse.sql(sums) == [(0, 0, 0)]
    with lakehouse.lake.connect(at=snapshot) as then:
        assert then.execute("select count(*) from bronze.shop_order").fetchone() == (3,)
    again = lakehouse.load(contract(), file, other)
    assert [o.status for o in again.outcomes] == ["loaded", "already_loaded"]
    rows = "* exclude (_batch)"
    with lakehouse.lake.connect(at=snapshot) as then:
        first = then.execute(f"select {rows} from bronze.shop_order").fetchall()
    assert sorted(lakehouse.rows(rows)) == sorted(first)
    assert_the_ledger_counts_what_is_there(lakehouse)


def test_a_redelivery_taken_back_gives_its_place_back(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1, broken=(11,)))
    before = contents(lakehouse)
    lakehouse.load(contract(), version(lakehouse, 2, broken=(20,)))
    undone = take_back(lakehouse, 2)
    assert undone.restored == {1: 1}
    assert contents(lakehouse) == before
    assert_the_ledger_counts_what_is_there(lakehouse)
    file = version(lakehouse, 1, broken=(11,))
    assert [o.status for o in lakehouse.load(contract(), file).outcomes] == ["already_loaded"]
    take_back(lakehouse, 1)
    assert contents(lakehouse) == [[], []]


def test_a_load_taken_back_frees_every_name_of_its_content(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1, "a"), version(lakehouse, 1, "b"))
    take_back(lakehouse, 1)
    assert lakehouse.ids() == []
    assert lakehouse.load(contract(), version(lakehouse, 1, "b")).outcomes[0].status == "loaded"
    assert lakehouse.ids() == ["o10", "o11"]


def test_names_that_had_moved_to_a_load_go_back(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1, "a"), version(lakehouse, 2, "b"))
    lakehouse.load(contract(), version(lakehouse, 1, "b"))
    assert lakehouse.ids() == ["o10", "o11"]
    assert take_back(lakehouse, 1).restored == {2: 2}
    assert lakehouse.ids() == ["o20", "o21"]
    assert_the_ledger_counts_what_is_there(lakehouse)


def test_what_is_not_in_the_table_cannot_be_taken_back(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1))
    lakehouse.load(contract(), version(lakehouse, 2))
    before = contents(lakehouse)
    for load, why in ((1, "load 2 took its place"), (3, "there is no load 3")):
        with pytest.raises(LakeError, match=why):
            take_back(lakehouse, load)
    assert contents(lakehouse) == before
    take_back(lakehouse, 2)
    with pytest.raises(
        LakeError, match=r"load 2 is not in bronze.shop_order any more: it was undone"
    ):
        take_back(lakehouse, 2)


@pytest.mark.parametrize("duplicates", ["refuse", "first"])
def test_no_key_comes_back_that_is_there_again(lakehouse: Lakehouse, duplicates: str) -> None:
    held_to = contract(duplicates=duplicates)
    lakehouse.load(held_to, version(lakehouse, 1))
    lakehouse.load(held_to, version(lakehouse, 2))
    lakehouse.load(held_to, write_csv(lakehouse.folder / "other.csv", "o10,7,7.50"))
    before = contents(lakehouse)
    with pytest.raises(LakeError, match=r"which load 3 has by now; undo that one first"):
        take_back(lakehouse, 2, held_to)
    assert contents(lakehouse) == before
    take_back(lakehouse, 3, held_to)
    take_back(lakehouse, 2, held_to)
    assert lakehouse.ids() == ["o10", "o11"]


def test_rows_come_back_into_a_table_that_has_grown(lakehouse: Lakehouse) -> None:
    from data_contracts.contract import Column

    lakehouse.load(contract(), version(lakehouse, 1))
    more = contract(*contract().columns, Column("note", "note", "string", "VARCHAR"))
    file = write_csv(lakehouse.folder / "a.csv", "o20,1,2.5,hi", header="id,quantity,price,note")
    lakehouse.load(more, file)
    assert lakehouse.rows("id, note") == [("o20", "hi")]
    take_back(lakehouse, 2, more)
    assert lakehouse.rows("id, note") == [("o10", None), ("o11", None)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_the_table_is_what_its_names_stand_for_however_loads_are_taken_back(
    lakehouse: Lakehouse, seed: int
) -> None:
    chance = random.Random(seed)
    stood: dict[str, list[int]] = {name: [] for name in "abc"}  # for which, the latest last
    for _ in range(12):
        held = {numbers[-1] for numbers in stood.values() if numbers}
        if held and chance.random() < 0.4:
            number = chance.choice(sorted(held))
            take_back(
                lakehouse,
                lakehouse.one(f"select _batch from bronze.shop_order where id = 'o{number}0'"),
            )
            for numbers in stood.values():
                while numbers and numbers[-1] == number:
                    numbers.pop()
        else:
            name, number = chance.choice("abc"), chance.randrange(1, 5)
            lakehouse.load(contract(), version(lakehouse, number, name))
            if number in stood[name]:
                stood[name] = [n for n in stood[name] if n != number]
            stood[name].append(number)
        held = {numbers[-1] for numbers in stood.values() if numbers}
        expected = Counter(f"o{number}{at}" for number in held for at in (0, 1))
        assert Counter(lakehouse.ids()) == expected
        assert_the_ledger_counts_what_is_there(lakehouse)
