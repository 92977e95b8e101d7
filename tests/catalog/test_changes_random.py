"""Whatever order deliveries come in, what is current and what was are the same."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.loading import Loading
from tests.catalog.changes_help import BROKEN, Row, Sent, contract_of, folded
from tests.lake_help import on_sqlite

if TYPE_CHECKING:
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


@on_sqlite
@pytest.mark.parametrize("mode", LOADINGS)
def test_deliveries_in_any_order_give_one_current_and_one_history(
    lakehouse: Lakehouse, mode: str
) -> None:
    loading = LOADINGS[mode]

    @given(deliveries(mode))
    @settings(
        max_examples=25, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def check(arriving: list[Sent]) -> None:
        name = f"{mode}{next(NUMBER)}"
        held_to = contract_of(name, loading)
        for number, sent in enumerate(arriving):
            report = lakehouse.load(held_to, sent.file(lakehouse.folder / name / str(number)))
            [outcome] = report.outcomes
            assert outcome.status == "loaded", outcome.reason
            assert outcome.read == len(sent.rows)
            assert outcome.read == outcome.loaded + outcome.quarantined + outcome.unchanged
        meant = folded(loading, arriving)
        view = f"silver.shop_{name}"
        found = lakehouse.sql(f"select id, amount from {view} order by all")
        assert found == meant.current
        columns = "id, amount, valid_from::varchar, valid_to::varchar"
        found = lakehouse.sql(f"select {columns} from {view}_history")
        assert sorted(found, key=str) == meant.history

    check()
