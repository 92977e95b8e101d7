"""Whatever a CSV text holds, its records and their numbers are those of Python's csv module."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.delivery import DeliveryError
from data_contracts.contract import Reading
from orchestration.connectors.files import csv as reader
from tests.orchestration.connectors.files.reading_help import holding, read_bytes, texts

if TYPE_CHECKING:
    from tests.orchestration.connectors.files.reading_help import Records

MOST = 6
WANTED = [f"c{at}" for at in range(MOST)]
BLOCKS = [16, 32, 64, 1 << 20]

plain = st.text("ab €\t'", max_size=6)
inch = st.builds("{}{}".format, st.text("ab", min_size=1, max_size=3), st.just('"'))
quoted = st.text('ab,€"\n\r ', max_size=8).map(lambda text: '"{}"'.format(text.replace('"', '""')))
records = st.lists(st.one_of(plain, inch, quoted), min_size=1, max_size=MOST).map(",".join)
ends = st.sampled_from(["\n", "\r\n", "\n\n", "\r"])


def found_in(text: str, block: int, header: bool) -> Records:
    held_to = holding(*texts(*WANTED), reading=Reading(header=header))
    with tempfile.TemporaryDirectory() as folder, patch.object(reader, "BLOCK", block):
        return read_bytes(Path(folder), text.encode(), held_to)


def check(text: str, block: int) -> None:
    """Compare with Python's csv, which gives no fields for a blank line."""
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    width = len(expected[0]) if expected else 0
    found = found_in(text, block, header=False)
    assert [(position, list(row.values())) for position, row in found.rows] == [
        (at, row) for at, row in enumerate(expected, 1) if len(row) == width
    ]
    assert found.broken_positions == [at for at, row in enumerate(expected, 1) if len(row) != width]


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.tuples(records, ends)), st.sampled_from(BLOCKS))
def test_records_are_numbered_as_they_stand(lines: list[tuple[str, str]], block: int) -> None:
    check("".join(record + end for record, end in lines), block)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.tuples(records, ends)), st.sampled_from(BLOCKS))
def test_a_header_is_not_counted(lines: list[tuple[str, str]], block: int) -> None:
    text = "".join(record + end for record, end in lines)
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    found = found_in("c0,c1\n" + text, block, header=True)
    assert [(position, tuple(row.values())) for position, row in found.rows] == [
        (at, tuple(row)) for at, row in enumerate(expected, 1) if len(row) == 2
    ]
    assert found.broken_positions == [at for at, row in enumerate(expected, 1) if len(row) != 2]


@settings(deadline=None)
@given(st.text('a,"\n\r', max_size=30), st.sampled_from(BLOCKS))
def test_text_of_marks_only_is_read_or_refused_for_a_quote_that_is_open(
    text: str, block: int
) -> None:
    if is_open(text):
        with pytest.raises(DeliveryError, match=r"a quote opened in .* is never closed"):
            found_in(text, block, header=False)
    elif max((line.count(",") for line in text.splitlines()), default=0) < MOST:
        check(text, block)


def is_open(text: str) -> bool:
    """Whether the text ends within a quoted field: quotes count at a field's start only."""
    state = "start"
    for character in text:
        if state == "quoted":
            state = "after a quote" if character == '"' else "quoted"
        elif character in ",\n\r":
            state = "start"
        elif character == '"' and state in ("start", "after a quote"):
            state = "quoted"
        else:
            state = "field"
    return state == "quoted"
