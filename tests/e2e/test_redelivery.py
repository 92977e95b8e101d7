"""Other content under a known name: in the earlier one's place, beside it, or refused."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

import orchestration.ingest
from data_contracts.contract import Reading
from data_contracts.loading import Loading
from orchestration.reload import reload
from tests.lake_help import contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.loading import Mode
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

KEEP = contract(redelivery="keep")
REFUSE = contract(redelivery="refuse")


def version(
    lakehouse: Lakehouse, number: int, name: str = "a", broken: tuple[int, ...] = ()
) -> Path:
    """A file of two rows of version `number`."""
    return orders(lakehouse.folder / f"{name}.csv", 2, first=number * 10, broken=broken)


def test_a_redelivery_puts_its_rows_in_the_place_of_the_earlier_ones(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1), version(lakehouse, 5, "other"))
    report = lakehouse.load(contract(), version(lakehouse, 2))
    assert [(o.status, o.replaced) for o in report.outcomes] == [("loaded", (1,))]
    assert lakehouse.ids() == ["o20", "o21", "o50", "o51"]
    assert lakehouse.one("select replaced from ops.ledger where batch = 3") == [1]
    said = lakehouse.one(
        "select commit_message from lake.snapshots() order by snapshot_id desc limit 1"
    )
    assert said.endswith("in place of 2 earlier rows")


def test_replaced_rows_are_still_readable_by_time_travel(lakehouse: Lakehouse) -> None:
    before = lakehouse.load(contract(), version(lakehouse, 1)).snapshot
    lakehouse.load(contract(), version(lakehouse, 2))
    with lakehouse.lake.connect(at=before) as then:
        ids = then.execute("select id from bronze.shop_order order by 1").fetchall()
    assert ids == [("o10",), ("o11",)]


def test_quarantined_rows_of_a_replaced_load_leave_with_it(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1, broken=(11,)))
    assert lakehouse.sql("select batch, position from ops.quarantine") == [(1, 2)]
    lakehouse.load(contract(), version(lakehouse, 2, broken=(20,)))
    assert lakehouse.sql("select batch, position from ops.quarantine") == [(2, 1)]
    assert lakehouse.ids() == ["o21"]


def test_a_load_of_nothing_but_broken_rows_is_replaced_too(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1, broken=(10, 11)))
    report = lakehouse.load(contract(), version(lakehouse, 2))
    assert report.outcomes[0].replaced == (1,)
    assert lakehouse.count("ops.quarantine") == 0


def test_v1_v2_v1_ends_as_v1(lakehouse: Lakehouse) -> None:
    for number in (1, 2, 1):
        report = lakehouse.load(contract(), version(lakehouse, number))
    assert [(o.status, o.batch, o.replaced) for o in report.outcomes] == [("loaded", 3, (2,))]
    assert lakehouse.ids() == ["o10", "o11"]


def test_keep_leaves_the_earlier_rows_beside_the_new_ones(lakehouse: Lakehouse) -> None:
    for number in (1, 2):
        report = lakehouse.load(KEEP, version(lakehouse, number))
    assert [(o.status, o.replaced) for o in report.outcomes] == [("loaded", ())]
    assert lakehouse.ids() == ["o10", "o11", "o20", "o21"]


@pytest.mark.parametrize("by_key", [False, True])
def test_keep_loads_no_version_a_second_time(lakehouse: Lakehouse, by_key: bool) -> None:
    reading = Reading(path=r"(?P<name>\w+)\.csv$")
    says = {"reading": reading, "delivery_key": ("name",)} if by_key else {}
    held_to = contract(redelivery="keep", **says)
    for number in (1, 2, 1, 2, 1):
        report = lakehouse.load(held_to, version(lakehouse, number))
    assert [(o.status, o.batch) for o in report.outcomes] == [("already_loaded", 1)]
    assert lakehouse.ids() == ["o10", "o11", "o20", "o21"]
    assert lakehouse.count("ops.ledger") == 2


def test_refuse_fails_a_redelivery_and_keeps_what_is_there(lakehouse: Lakehouse) -> None:
    lakehouse.load(REFUSE, version(lakehouse, 1))
    before = lakehouse.state()
    report = lakehouse.load(REFUSE, version(lakehouse, 2), version(lakehouse, 3, "new"))
    assert [o.status for o in report.outcomes] == ["failed", "loaded"]
    assert "loaded before with other content (load 1)" in str(report.outcomes[0].reason)
    assert lakehouse.ids() == ["o10", "o11", "o30", "o31"]
    again = lakehouse.load(REFUSE, version(lakehouse, 1))
    assert [o.status for o in again.outcomes] == ["already_loaded"]
    assert lakehouse.state()[1] == before[1]


def test_a_name_may_move_to_a_content_that_another_name_holds(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1), version(lakehouse, 2, "b"))
    report = lakehouse.load(contract(), version(lakehouse, 2))
    assert [(o.status, o.batch, o.replaced) for o in report.outcomes] == [
        ("already_loaded", 2, (1,))
    ]
    assert lakehouse.ids() == ["o20", "o21"]
    before = lakehouse.state()
    lakehouse.load(contract(), version(lakehouse, 2), version(lakehouse, 2, "b"))
    assert lakehouse.state() == before


def test_a_content_of_two_names_stays_until_both_have_moved(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1), version(lakehouse, 1, "b"))
    lakehouse.load(contract(), version(lakehouse, 2))
    assert lakehouse.ids() == ["o10", "o11", "o20", "o21"]
    lakehouse.load(contract(), version(lakehouse, 3, "b"))
    assert lakehouse.ids() == ["o20", "o21", "o30", "o31"]


@pytest.mark.parametrize("files_of_a_group", [1, 1000])
def test_two_names_may_swap_their_contents(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, files_of_a_group: int
) -> None:
    monkeypatch.setattr(orchestration.ingest, "GROUP_FILES", files_of_a_group)
    lakehouse.load(contract(), version(lakehouse, 1), version(lakehouse, 2, "b"))
    lakehouse.load(contract(), version(lakehouse, 2), version(lakehouse, 1, "b"))
    assert lakehouse.ids() == ["o10", "o11", "o20", "o21"]
    lakehouse.load(contract(), version(lakehouse, 3))
    assert lakehouse.ids() == ["o10", "o11", "o30", "o31"]


def test_a_redelivery_that_fails_leaves_the_earlier_rows(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1))
    before = lakehouse.state()
    report = lakehouse.load(contract(), version(lakehouse, 2, broken=(20,)), strict=True)
    assert [o.status for o in report.outcomes] == ["failed"]
    assert lakehouse.state() == before


def test_an_emptied_file_takes_its_rows_out(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), version(lakehouse, 1), version(lakehouse, 2, "b"))
    for name in "ab":  # the second time the content is there under the other name
        lakehouse.load(contract(), write_csv(lakehouse.folder / f"{name}.csv"))
    assert lakehouse.ids() == []
    lakehouse.load(contract(), version(lakehouse, 1))
    assert lakehouse.ids() == ["o10", "o11"]


@pytest.mark.parametrize("seed", range(3))
def test_the_table_is_always_what_its_names_stand_for(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    held: dict[str, int] = {}
    for _ in range(8):
        monkeypatch.setattr(orchestration.ingest, "GROUP_FILES", chance.choice([1, 2, 1000]))
        given = {
            name: chance.randrange(1, 4) for name in chance.sample("abcd", chance.randrange(1, 4))
        }
        report = lakehouse.load(
            contract(), *(version(lakehouse, n, name) for name, n in given.items())
        )
        assert report.ok
        held |= given
        expected = Counter(f"o{n}{at}" for n in set(held.values()) for at in (0, 1))
        assert Counter(lakehouse.ids()) == expected


@on_sqlite
@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_the_same_file_of_another_instance_is_another_delivery(
    lakehouse: Lakehouse, mode: Mode
) -> None:
    held_to = contract(loading=Loading(mode=mode))
    file = orders(lakehouse.folder / "a.csv", 3)
    for origin, status in (("north", "loaded"), ("south", "loaded"), ("south", "already_loaded")):
        [outcome] = lakehouse.load(held_to, file, origin=origin).outcomes
        assert outcome.status == status
    found = "select _origin, count(*) from bronze.shop_order group by all order by 1"
    assert lakehouse.sql(found) == [("north", 3), ("south", 3)]
    reload(lakehouse.settings, held_to)
    assert lakehouse.sql(found) == [("north", 3), ("south", 3)]
