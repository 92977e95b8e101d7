"""Whatever order deliveries come in, what is current and what was are the same."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.runs import Run
from catalog.undo import undo
from catalog.verify import verify
from data_contracts.loading import Loading
from orchestration.reload import reload
from orchestration.retry import retry
from tests.catalog.changes_help import BROKEN, Row, Sent, by_rows, contract_of, folded
from tests.lake_help import on_sqlite

if TYPE_CHECKING:
    from data_contracts.contract import Contract
    from tests.catalog.changes_help import Fold
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.slow

NUMBER = count(1)
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")
amounts = st.sampled_from(("1", "2", "3", BROKEN))
ids = st.sampled_from("abc")


def rows(mode: str, days: tuple[str, ...] = DAYS[:1]) -> st.SearchStrategy[tuple[Row, ...]]:
    """Rows of a delivery; under cdc some delete."""
    ops = st.sampled_from(("u", "d")) if mode == "cdc" else st.just("u")
    one = st.builds(Row, ids, amounts, st.sampled_from(days), ops)
    return st.lists(one, max_size=5).map(tuple)


@st.composite
def deliveries(draw: st.DrawFn, mode: str) -> list[Sent]:
    """Deliveries with places of their own, in the order in which they arrive."""
    places = draw(st.permutations(range(draw(st.integers(1, 5)))))
    sent = []
    for place in places:
        if mode == "period":
            first = draw(st.integers(0, 2))
            last = draw(st.integers(first, 2))
            days = DAYS[first : last + 1]
            sent.append(Sent(place, draw(rows(mode, days)), (days[0], days[-1])))
        else:
            sent.append(Sent(place, draw(rows(mode))))
    return sent


LOADINGS = {
    "snapshot": Loading(mode="snapshot", delivery_order="{place}", shrink=100),
    "period": Loading(
        mode="period", period_by="day", period=("first", "last"), delivery_order="{place}",
        shrink=100,
    ),
    "upsert": Loading(mode="upsert", delivery_order="{place}"),
    "cdc": Loading(mode="cdc", delivery_order="{place}", operation="op"),
}  # fmt: skip


# An example takes half a second: one that fails is shown as it is.
SEEDED = settings(
    max_examples=int(os.environ.get("LAKEHOUSE_FUZZ_N", "3")), deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@on_sqlite
@pytest.mark.parametrize("mode", LOADINGS)
def test_deliveries_in_any_order_give_one_current_and_one_history(
    lakehouse: Lakehouse, mode: str
) -> None:
    loading = LOADINGS[mode]

    @given(deliveries(mode))
    @SEEDED
    def check(arriving: list[Sent]) -> None:
        name = f"{mode}{next(NUMBER)}"
        load_all(lakehouse, contract_of(name, loading), name, arriving)
        holds(lakehouse, name, folded(loading, arriving))

    check()


@on_sqlite
@pytest.mark.parametrize("mode", LOADINGS)
def test_a_load_of_changes_taken_back_is_as_if_it_had_never_come(
    lakehouse: Lakehouse, mode: str
) -> None:
    loading = LOADINGS[mode]

    @given(deliveries(mode), st.data())
    @SEEDED
    def check(arriving: list[Sent], data: st.DataObject) -> None:
        name = f"{mode}{next(NUMBER)}"
        held_to = contract_of(name, loading)
        loads = load_all(lakehouse, held_to, name, arriving)
        left = list(arriving)
        for at in data.draw(st.permutations(range(len(arriving))))[:2]:
            run = Run("undo", lakehouse.settings)
            undo(lakehouse.lake, loads[at], run, lambda _: held_to)
            left.remove(arriving[at])
            holds(lakehouse, name, folded(loading, left))
        again = load_all(lakehouse, held_to, name, arriving)
        assert len(again) == min(2, len(arriving))
        holds(lakehouse, name, folded(loading, arriving))

    check()


@on_sqlite
@pytest.mark.parametrize("mode", LOADINGS)
def test_what_was_quarantined_is_in_its_place_once_it_is_tried_again_or_read_again(
    lakehouse: Lakehouse, mode: str
) -> None:
    loading = LOADINGS[mode]

    @given(deliveries(mode), st.booleans())
    @SEEDED
    def check(arriving: list[Sent], whole: bool) -> None:
        name = f"{mode}{next(NUMBER)}"
        load_all(lakehouse, contract_of(name, loading, most=2), name, arriving)
        loose = contract_of(name, loading)
        if whole:
            reload(lakehouse.settings, loose)
        else:
            retry(lakehouse.settings, [f"shop.{name}"], lambda _: loose)
        holds(lakehouse, name, folded(loading, arriving))
        assert verify(lakehouse.lake, lambda _: True) == []

    check()


@on_sqlite
@pytest.mark.parametrize("mode", LOADINGS)
def test_the_same_holds_where_the_last_to_arrive_wins(lakehouse: Lakehouse, mode: str) -> None:
    loading = replace(LOADINGS[mode], delivery_order=None)

    @given(deliveries(mode), st.data())
    @SEEDED
    def check(arriving: list[Sent], data: st.DataObject) -> None:
        name = f"{mode}{next(NUMBER)}"
        arriving = [replace(sent, place=place) for place, sent in enumerate(arriving)]
        loads = load_all(lakehouse, contract_of(name, loading, most=2), name, arriving)
        loose = contract_of(name, loading)
        retry(lakehouse.settings, [f"shop.{name}"], lambda _: loose)
        now = f"select id, amount from silver.shop_{name} order by all"
        assert lakehouse.sql(now) == folded(loading, arriving).current
        at = data.draw(st.integers(0, len(arriving) - 1))
        undo(lakehouse.lake, loads[at], Run("undo", lakehouse.settings), lambda _: loose)
        left = arriving[:at] + arriving[at + 1 :]
        assert lakehouse.sql(now) == folded(loading, left).current

    check()


def load_all(lakehouse: Lakehouse, held_to: Contract, name: str, arriving: list[Sent]) -> list[int]:
    """Load deliveries in the order in which they come; those that were loaded."""
    files = [
        sent.file(lakehouse.folder / name / str(number)) for number, sent in enumerate(arriving)
    ]
    loads, at_once = [], len(files) // 2  # the first half by one call, in one commit
    groups = [files[:at_once], *([file] for file in files[at_once:])]
    outcomes = [o for group in groups if group for o in lakehouse.load(held_to, *group).outcomes]
    for outcome, sent in zip(outcomes, arriving, strict=True):
        assert outcome.status != "failed", outcome.reason
        assert outcome.read == outcome.loaded + outcome.quarantined + outcome.unchanged
        if outcome.status == "loaded" and outcome.batch:
            assert outcome.read == len(sent.rows)
            loads.append(outcome.batch)
    return loads


def holds(lakehouse: Lakehouse, name: str, meant: Fold) -> None:
    """What is current and what was is what is meant."""
    view = f"silver.shop_{name}"
    assert lakehouse.sql(f"select id, amount from {view} order by all") == meant.current
    columns = "id, amount, valid_from::varchar, valid_to::varchar"
    found = lakehouse.sql(f"select {columns} from {view}_history")
    assert sorted(found, key=str) == meant.history


timed = st.builds(Row, ids, amounts, st.just(DAYS[0]), st.sampled_from("uuudt"), st.integers(1, 4))


@on_sqlite
@pytest.mark.parametrize("mode", ["upsert", "cdc"])
def test_rows_that_order_themselves_give_one_current_and_one_history_in_any_order(
    lakehouse: Lakehouse, mode: str
) -> None:
    loading = {
        "upsert": Loading(mode="upsert", order_by=("at",), delete_when="op = 'd'"),
        "cdc": Loading(mode="cdc", order_by=("at",), operation="op"),
    }[mode]
    row = timed if mode == "cdc" else timed.filter(lambda row: row.op != "t")

    @given(st.lists(st.lists(row, max_size=4).map(tuple), min_size=1, max_size=4))
    @SEEDED
    def check(batches: list[tuple[Row, ...]]) -> None:
        name = f"rows{next(NUMBER)}"
        held_to = contract_of(name, loading)
        arriving = [Sent(place, rows) for place, rows in enumerate(batches)]
        for sent in arriving:
            [outcome] = lakehouse.load(held_to, sent.file(lakehouse.folder / name)).outcomes
            assert outcome.status == "loaded", outcome.reason
            assert outcome.read == outcome.loaded + outcome.quarantined + outcome.unchanged
        now, was = by_rows(arriving)
        view = f"silver.shop_{name}"
        assert lakehouse.sql(f"select id, amount from {view} order by all") == now
        found = lakehouse.sql(f"select id, amount, valid_from, valid_to from {view}_history")
        assert sorted(found, key=str) == was

    check()
