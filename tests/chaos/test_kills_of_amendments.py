"""Undo, reload, retry and discard killed by SIGKILL at each step: done whole or not at all."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from data_contracts.find import find
from orchestration.cli import main
from tests.chaos.kills import CONTRACT
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there, contents
from tests.forked import Command, settings_of
from tests.lake_help import write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse, Prepared

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.chaos

NARROW = "logicalType: integer, logicalTypeOptions: {maximum: 5}"
# What each leaves: ids in bronze, and of the rows in quarantine.
OPERATIONS = {
    "undo 2": (["a", "o"], ["1-2", "1-3", "3-2"]),
    "reload shop.order": (["n", "o", "p", "x"], ["2-3"]),
    "quarantine retry": (["n", "o", "p", "x"], ["2-3"]),
    "quarantine discard 2 3-2": (["n", "o"], []),
}
STEPS = {
    "undo 2": ("undo-restore", "before-commit", "after-commit"),
    "reload shop.order": ("reload-gate", "reload-write", "before-commit", "after-commit"),
    "quarantine retry": ("retry-gate", "retry-write", "before-commit", "after-commit"),
    "quarantine discard 2 3-2": ("discard-write", "before-commit", "after-commit"),
}
# Each step on one catalog or the other, in turn.
CASES = [
    pytest.param(operation, step, ("sqlite", "postgres")[at % 2], id=f"{operation} at {step}")
    for at, (operation, step) in enumerate((o, s) for o, steps in STEPS.items() for s in steps)
]


def environment(lakehouse: Lakehouse) -> dict[str, str]:
    """The settings by which a command finds the test's lake."""
    contracts = str(lakehouse.folder / "contracts")
    return settings_of(lakehouse.settings, LAKEHOUSE_CONTRACTS=contracts, LAKEHOUSE_THREADS="1")


def run(lakehouse: Lakehouse, operation: str, step: str) -> int:
    """Run a command in a process of its own, which is killed; its exit status."""
    there = environment(lakehouse) | {"LAKEHOUSE_KILL_AT": step}
    return Command(operation.split(), there).status()[0]


def run_again(lakehouse: Lakehouse, operation: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command in this process; its exit status."""
    for name, value in environment(lakehouse).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["lakehouse", *operation.split()])
    try:
        main()
    except SystemExit as exit_:
        return int(exit_.code or 0)
    return 0


def load(lakehouse: Lakehouse) -> None:
    """Three loads, by a contract that is too narrow; one took another's place."""
    file = lakehouse.folder / "narrow" / "order.odcs.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CONTRACT.replace("logicalType: integer", NARROW), encoding="utf-8")
    held_to = find(str(file))
    lakehouse.load(held_to, write_csv(lakehouse.folder / "a.csv", "a,1,1", "b,9,1", "c,x,1"))
    lakehouse.load(held_to, write_csv(lakehouse.folder / "a.csv", "n,1,1", "x,8,1", "d,y,1"))
    lakehouse.load(held_to, write_csv(lakehouse.folder / "other.csv", "o,1,1", "p,7,1"))


@pytest.mark.parametrize(("operation", "step", "catalog"), CASES, indirect=["catalog"])
def test_what_is_killed_at_any_step_is_done_whole_or_not_at_all(
    lakehouse: Lakehouse,
    prepared: Prepared,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    step: str,
) -> None:
    prepared.copy_to(lakehouse, request, load)
    file = lakehouse.folder / "contracts" / "shop" / "order.odcs.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(CONTRACT, encoding="utf-8")
    before = contents(lakehouse)
    assert run(lakehouse, operation, step) == -signal.SIGKILL
    if step != "after-commit":
        assert contents(lakehouse) == before
    done_before = step == "after-commit" and operation.startswith("undo")
    assert run_again(lakehouse, operation, monkeypatch) == (1 if done_before else 0)
    ids, broken = OPERATIONS[operation]
    assert lakehouse.ids() == ids
    assert lakehouse.sql("select id from ops.quarantine order by 1") == [(one,) for one in broken]
    assert_the_ledger_counts_what_is_there(lakehouse)
