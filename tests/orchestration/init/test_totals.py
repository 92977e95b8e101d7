"""A last record is a total where a word or the sums say so, and nothing else is taken for one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from orchestration.init.header import is_below_groups
from orchestration.init.totals import place_of_total

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.orchestration.init.conftest import Drafted

ROWS = (("a", "1", "2.50"), ("b", "2", "3.50"), ("c", "", "0.1"))


@pytest.mark.parametrize(
    ("last", "place"),
    [
        (("Total", "3", "6.10"), 0),
        (("", "Sum", "6.10"), 1),
        (("", "3", "6.10"), 0),
        (("", "", "6.1000000000000005"), 0),
        (("", "3", ""), 0),
        (("", "3", "6.11"), None),
        (("", "4", "6.10"), None),
        (("", "3", "6.10", "x"), None),
        (("", "", ""), None),
        (("", "x", "6.10"), None),
        (("d", "3", "6.10"), None),
        (("Total", "x", "y"), None),
    ],
)
def test_a_total_is_told_by_its_word_or_by_its_sums(
    last: tuple[str, ...], place: int | None
) -> None:
    assert place_of_total(last, list(zip(*ROWS, strict=True))) == place


@pytest.mark.parametrize(
    ("columns", "last"),
    [
        ([("a",), ("1",)], ("", "1")),  # one record is no sum
        ([("a", ""), ("1", "2")], ("", "3")),  # records have no key either
        ([("a", "b"), ("0", "0")], ("", "0")),
        ([("a", "b"), ("1", "x")], ("", "1")),
    ],
)
def test_a_record_without_its_first_cell_is_no_total(
    columns: list[tuple[str, ...]], last: tuple[str, ...]
) -> None:
    assert place_of_total(last, columns) is None


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("id;n\na;1.234,50\nb;0,50\n;1.235,00\n", "decimal comma"),
        ("id,n\na,1.5\nb,2\n,3.50\n", "another number of digits"),
    ],
)
def test_a_total_makes_what_it_lacks_required(
    draft_of: Callable[..., Drafted], text: str, marks: str
) -> None:
    found = draft_of(text)
    assert [name for name, said in found.properties.items() if said.get("required")] == ["id"]
    assert "nothing else is required" in " ".join(found.draft.notes)
    assert "no record but a second header or a total" in " ".join(found.draft.notes)


def test_a_total_of_a_sheet_is_known(draft_of: Callable[..., Drafted]) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        rows = (("id", "n"), ("a", 0.1), ("b", 0.2), ("c", 0.7), ("", 0.1 + 0.2 + 0.7))
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    assert draft_of(out.getvalue(), "x.xlsx").properties["id"]["required"]


NAMES = ["first", "last", "role", "team"]
BELOW = [["Anna", "A", "dev", "x"], ["Bert", "B", "ops", "y"]]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        (["Person", "", "Job", ""], NAMES, True),
        (["Person", "", "Job", ""], ["first", "last", "first", "last"], True),
        (["Person", "", "Job"], NAMES, True),
        (["", "Person", "Job", ""], NAMES, False),  # one group of two columns
        (["Person", "", "", ""], NAMES, False),  # a title
        (["Person", "last", "Job", "team"], NAMES, False),
        (["Person", "", "Job", ""], ["Anna", "C", "hr", "z"], False),  # Anna is below, too
        (["Person", "", "Job", ""], ["first", "", "role", "team"], False),
        (["Person", "", "Job", ""], ["first", "2", "role", "team"], False),
    ],
)
def test_a_header_of_groups_above_texts_is_told_by_its_gaps(
    first: list[str], second: list[str], is_one: bool
) -> None:
    assert is_below_groups(first, second, BELOW) is is_one
