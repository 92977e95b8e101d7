"""A Python that has dlt, and programs that load the same with it and with ours, timed.

(PYTEST_DONT_REWRITE)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.lake_help import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NEEDS = (f"duckdb=={duckdb.__version__}", "pyarrow", "pandas")


def python_with(folder: Path, *needs: str) -> str:
    """A Python of its own in a folder, which has dlt and DuckDB as we have it."""
    uv = ["sh", str(REPOSITORY / "infra" / "uv.sh")]
    python = str(folder / "bin" / "python")
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--python", python, *needs, *NEEDS],
    ):
        done = subprocess.run([*uv, *command], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"dlt cannot be had: {done.stderr.strip().splitlines()[-1]}")
    return python


def seconds(python: str, program: str, place: Path, rows: int, arguments: Sequence[str]) -> float:
    """How long a program of its own takes, by its own word, to load so many rows.

    Args:
        python: that runs it.
        program: prints the seconds and the rows; its second argument is `place`.
        place: an empty folder, made for it.
        rows: that it has to have loaded.
        arguments: the others.
    """
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    first, *others = arguments
    done = subprocess.run(
        [python, "-c", program, first, str(place), *others],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    taken, loaded = done.stdout.split()[-2:]
    assert int(loaded) == rows
    return float(taken)
