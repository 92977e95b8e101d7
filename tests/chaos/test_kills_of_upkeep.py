"""Upkeep killed by SIGKILL at each step, and run again: what it promises holds all the same."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog.settings import load
from catalog.verify import verify
from tests.catalog.upkeep_help import AGED, NOW, answers, keep_up, wear
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there
from tests.forked import Command, settings_of
from tests.lake_help import Lakehouse

if TYPE_CHECKING:
    from tests.lake_help import Prepared

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.chaos

STEPS = (
    "maintain-rows",
    "maintain-expire",
    "maintain-flush",
    "maintain-flush:3",
    "maintain-rewrite",
    "maintain-widen",
    "maintain-merge",
    "before-commit:3",
    "after-commit:4",
    "maintain-compare",
    "maintain-sweep",
)
# Each step on one catalog or the other, in turn.
CASES = [(step, ("sqlite", "postgres")[at % 2]) for at, step in enumerate(STEPS)]


def all_of_it() -> None:
    """Keep the lake of the environment up."""
    keep_up(Lakehouse(load(), Path()), AGED, history=NOW)


def killed(lakehouse: Lakehouse, step: str) -> int:
    """Keep the lake up in a process of its own, which is killed; its exit status."""
    given = settings_of(lakehouse.settings, LAKEHOUSE_THREADS="1", LAKEHOUSE_KILL_AT=step)
    return Command([], given, all_of_it).status()[0]


@pytest.mark.parametrize(("step", "catalog"), CASES, indirect=["catalog"])
def test_upkeep_killed_at_any_step_and_run_again_is_exact(
    lakehouse: Lakehouse, prepared: Prepared, request: pytest.FixtureRequest, step: str
) -> None:
    prepared.copy_to(lakehouse, request, wear)
    pinned = lakehouse.one("select snapshot from ops.pin")
    before = answers(lakehouse, pinned)
    kept = lakehouse.sql(
        "select id from bronze.shop_order where day > date '2020-01-01' order by 1"
    )
    lakehouse.close()
    assert killed(lakehouse, step) == -signal.SIGKILL
    assert answers(lakehouse, pinned) == before
    keep_up(lakehouse, AGED, history=NOW)
    assert answers(lakehouse, pinned) == before
    assert lakehouse.sql("select id from bronze.shop_order order by 1") == kept
    assert_the_ledger_counts_what_is_there(lakehouse)
    assert not verify(lakehouse.lake, lambda _: True)
