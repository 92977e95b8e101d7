"""Loads killed by SIGKILL, seeded: a few in the normal run, any number by `make chaos N=...`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.chaos.kills import STEPS, Kill, kills, survives

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.s3_help")
N = int(os.environ.get("LAKEHOUSE_CHAOS_N", "0"))  # kills, three of each load, of four lakes
FEW, FEW_ON_S3 = 2, 3  # on each catalog, beside one kill at every step

pytestmark = [pytest.mark.chaos, pytest.mark.slow]


@pytest.mark.parametrize("step", STEPS)
def test_a_load_killed_at_any_step_and_run_again_is_exact(lakehouse: Lakehouse, step: str) -> None:
    survives(lakehouse, Kill(step, 2))


@pytest.mark.parametrize("seed", range(20261122, 20261122 + (N // 12 or FEW)))
def test_a_load_killed_anywhere_and_run_again_is_exact(lakehouse: Lakehouse, seed: int) -> None:
    survives(lakehouse, *kills(seed, 3))


@pytest.mark.parametrize("seed", range(20261224, 20261224 + (N // 12 or FEW_ON_S3)))
def test_a_load_to_s3_killed_anywhere_and_run_again_is_exact(on_s3: Lakehouse, seed: int) -> None:
    survives(on_s3, *kills(seed, 3))
