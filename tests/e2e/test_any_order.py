"""Deliveries in any order, twice or in overlapping sets give one table, where duplicates are kept."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.chaos.faults import holds
from tests.lake_help import contract, orders

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

FILES = 4
TABLES = count()  # one for each example: a lake would take as long as its loads
CALLS = st.lists(
    st.lists(st.integers(0, FILES - 1), min_size=1, max_size=FILES), min_size=1, max_size=2
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=CALLS)
def test_deliveries_in_any_order_twice_or_in_overlapping_sets_give_one_table(
    lakehouse: Lakehouse, calls: list[list[int]]
) -> None:
    # Half of the rows of each file are in the next one too.
    files = [
        orders(lakehouse.folder / f"{n}.csv", 20, 1 + 10 * n, broken=[7 + 10 * n])
        for n in range(FILES)
    ]
    held_to = contract(name=f"order{next(TABLES)}")
    loaded = set[int]()
    for call in calls:
        report = lakehouse.load(held_to, *(files[at] for at in call))
        assert {outcome.source for outcome in report.of("loaded")} == {
            str(files[at]) for at in {*call} - loaded
        }
        loaded |= {*call}
    holds(lakehouse, [files[at] for at in loaded], held_to.table)
