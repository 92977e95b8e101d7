"""The Makefile explains itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make") or "make"
TARGETS = {"help", "setup", "demo", "test", "quick", "lint", "bench", "chaos", "clean"}


def make(*arguments: str) -> str:
    call = [MAKE, "--no-print-directory", "-C", str(ROOT), *arguments]
    return subprocess.run(call, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("arguments", [[], ["help"]], ids=["alone", "help"])
def test_make_explains_each_target(arguments: list[str]) -> None:
    explained = re.findall(r"^  make (\w+) +\S.*$", make(*arguments), re.MULTILINE)
    assert set(explained) == TARGETS
    assert len(explained) == len(TARGETS)


def test_the_help_fits_a_terminal() -> None:
    assert max(map(len, make("help").splitlines())) <= 80


def test_every_target_of_the_makefile_is_explained() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == TARGETS


def test_chaos_hands_its_number_on() -> None:
    assert "LAKEHOUSE_CHAOS_N=1000 " in make("--dry-run", "chaos", "N=1000")


def test_clean_leaves_the_lake() -> None:
    removed = [line for line in make("--dry-run", "clean").splitlines() if line.startswith("rm ")]
    assert removed
    assert not any(".lakehouse" in line for line in removed)
