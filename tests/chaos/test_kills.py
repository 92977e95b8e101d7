"""Loads killed by SIGKILL, seeded: a few in the normal run, any number by `make chaos N=...`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.chaos.kills import STEPS, Kill, kills, survives

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.s3_help")
FEW = 4  # of each catalog, beside one at every step
N_S3 = int(os.environ.get("LAKEHOUSE_CHAOS_N", "0")) // 4 or 6  # on each catalog
N = int(os.environ.get("LAKEHOUSE_CHAOS_N", "0")) // 2 or FEW

pytestmark = [pytest.mark.chaos, pytest.mark.slow]


@pytest.mark.parametrize("step", STEPS)
def test_a_load_killed_at_any_step_and_run_again_is_exact(lakehouse: Lakehouse, step: str) -> None:
    survives(lakehouse, Kill(step, 2))


@pytest.mark.parametrize("kill", kills(20261122, N), ids=str)
def test_a_load_killed_anywhere_and_run_again_is_exact(lakehouse: Lakehouse, kill: Kill) -> None:
    survives(lakehouse, kill)


@pytest.mark.parametrize("kill", kills(20261224, N_S3), ids=str)
def test_a_load_to_s3_killed_anywhere_and_run_again_is_exact(on_s3: Lakehouse, kill: Kill) -> None:
    survives(on_s3, kill)
