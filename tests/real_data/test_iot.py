"""Engines that run to failure, and series of sensors and servers."""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.real_data.twice import check_counts, check_second_changes_nothing, load_twice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.real_data.twice import Twice

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def engines(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    path = real_data / "iot/cmapss/train_FD001.txt"
    found = load_twice(tmp_path_factory.mktemp("engines"), "iot.turbofan_cycle", path)
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def series(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    found = load_twice(tmp_path_factory.mktemp("nab"), "iot.sensor_reading", real_data / "iot/nab")
    yield found
    found.connection.close()


def test_every_cycle_of_every_engine_is_read_and_kept(engines: Twice) -> None:
    check_counts(engines, files=1, read=20_631)
    assert engines.figures("count(distinct unit)", "max(cycle)") == (100, 362)


def test_the_second_load_of_engines_changes_nothing(engines: Twice) -> None:
    check_second_changes_nothing(engines)


def test_every_figure_of_an_engine_is_the_files(engines: Twice, real_data: Path) -> None:
    text = (real_data / "iot/cmapss/train_FD001.txt").read_text(encoding="ascii")
    lines = [line.split() for line in text.splitlines()]
    expected = [
        ("FD001", unit, int(cycle), *map(float, figures)) for unit, cycle, *figures in lines
    ]
    assert engines.in_order(*(column.name for column in engines.contract.columns)) == expected


def test_blanks_at_the_end_of_a_line_leave_no_trace(engines: Twice) -> None:
    assert engines.figures("count(_rescued)") == (0,)


def test_every_reading_of_every_series_is_read_and_kept(series: Twice) -> None:
    check_counts(series, files=29, read=174_651)


def test_the_second_load_of_series_changes_nothing(series: Twice) -> None:
    check_second_changes_nothing(series)


def test_the_labels_are_left_out_and_told(series: Twice, real_data: Path) -> None:
    labels = real_data / "iot/nab/labels/combined_windows.json"
    assert series.reports[0].ignored == [str(labels)]


def test_every_reading_is_the_files_to_the_last_digit(series: Twice, real_data: Path) -> None:
    expected = []
    for path in sorted((real_data / "iot/nab").glob("*/*.csv"), key=str):
        with path.open(encoding="utf-8", newline="") as file:
            _, *rows = csv.reader(file)
        for at, (when, value) in enumerate(rows, 1):
            moment = datetime.fromisoformat(when).replace(tzinfo=UTC)
            seconds = int(moment.timestamp())
            expected.append((path.parent.name, path.stem, at, seconds, float(value)))
    found = series.in_order("family", "series", "_position", "epoch(read_at)::bigint", "value")
    assert found == expected
    (total,) = series.figures("fsum(value)")
    assert math.isclose(total, math.fsum(row[-1] for row in expected), rel_tol=1e-14)
