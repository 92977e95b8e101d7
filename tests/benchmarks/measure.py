"""Two ways of doing the same thing, timed in turn in one run; what counts is their ratio."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(os.environ.get("LAKEHOUSE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
RUNS = 5
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"the real files are not in {DATA}")


def ratio(name: str, ours: Callable[[], object], other: Callable[[], object], limit: float) -> None:
    """Time both `RUNS` times in turn after one warm-up, print the medians, and hold the ratio."""
    pairs = [(_seconds(ours), _seconds(other)) for _ in range(RUNS + 1)][1:]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    figure = statistics.median(a / b for a, b in pairs)
    report(name, figure, limit, f"{mine:.3f} s against {theirs:.3f} s")


def report(name: str, figure: float, limit: float, told: str = "") -> None:
    """Print a figure with its limit, and hold it."""
    print(f"\n{name}: {figure:.2f} (at most {limit:g}) {told}")  # noqa: T201 - its purpose
    assert figure <= limit, f"{name} is {figure:.2f}, above {limit:g}"


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def tenfold(folder: Path, sources: list[Path], times: int = 10) -> Path:
    """One CSV file of the rows of `sources`, `times` over."""
    target = folder / f"2010-12-{times:02}.csv"
    with target.open("wb") as out:
        header = sources[0].read_bytes().partition(b"\n")[0]
        bodies = [source.read_bytes().partition(b"\n")[2] for source in sources]
        out.write(header + b"\n")
        for _ in range(times):
            out.writelines(bodies)
    return target
