"""A number's text is read with every digit, or the row is broken: held against Python's Decimal."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.data_contracts.gate_help import BLANKS, column, contract, few, read, texts

MARKS = [(".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", "'")]
NUMBER = st.from_regex(
    r"[ \t]?[+-]?[0-9]{0,20}[.,]?[0-9]{0,20}([eE][+-]?[0-9]{1,3})?\n?", fullmatch=True
)
GROUPED = st.from_regex(r"[+-]?[0-9]{1,3}([.,' ][0-9]{3}){1,3}([.,][0-9]{1,3})?", fullmatch=True)
CLOSE = st.text("0123456789.,+-eE_xinfa '", max_size=12)
SHORT = st.decimals(-(10**9), 10**9, places=2).map(str)
TEXTS = st.lists(NUMBER | GROUPED | CLOSE | SHORT | st.floats().map(str), min_size=1, max_size=30)


def parts(text: str, decimal: str, thousands: str) -> tuple[str, str, str, int] | None:
    """Sign, digits before and after the mark, and exponent of a number's text, by hand."""
    text = text.strip(BLANKS)
    sign = text[:1] if text[:1] in ("+", "-") else ""
    mantissa, e, exponent = re.sub("[eE]", "e", text[len(sign) :]).partition("e")
    if e and not re.fullmatch("[+-]?[0-9]+", exponent):
        return None
    before, _mark, after = mantissa.partition(decimal)
    if thousands and thousands in before:
        first, *groups = before.split(thousands)
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            return None
        before = first + "".join(groups)
    if not all(c in "0123456789" for c in before + after) or not before + after:
        return None
    if not before and not after:
        return None
    return sign, before, after, int(exponent) if e else 0


def number(text: str, decimal: str = ".", thousands: str = "") -> Fraction | None:
    """The number that a text is, of any size."""
    if (found := parts(text, decimal, thousands)) is None:
        return None
    sign, before, after, exponent = found
    return Fraction(int(f"{sign}{before}{after}")) * Fraction(10) ** (exponent - len(after))


def significant(text: str, decimal: str = ".", thousands: str = "") -> str:
    """The significant digits of a number's text."""
    found = parts(text, decimal, thousands)
    return (found[1] + found[2]).strip("0") if found else ""


@few
@given(TEXTS, st.sampled_from(MARKS))
def test_an_integer_is_read_exactly_or_broken(given_: list[str], marks: tuple[str, str]) -> None:
    agreed = contract(column("integer"), decimal_mark=marks[0], thousands_mark=marks[1])
    for text, row in zip(given_, texts(agreed, given_), strict=True):
        found = number(text, *marks)
        has_exponent = "e" in text.lower()
        has_digits = bool((parts(text, *marks) or ("", "", "", 0))[1])
        is_whole = found is not None and found.denominator == 1 and not has_exponent and has_digits
        is_one = is_whole and -(2**63) <= (found or 0) < 2**63
        assert row.ok is is_one, text
        assert not row.ok or row.values["x"] == found, text


@few
@given(TEXTS, st.sampled_from(MARKS), st.sampled_from([(18, 2), (4, 0), (9, 9), (38, 18), (3, 1)]))
def test_a_decimal_is_read_exactly_or_broken(
    given_: list[str], marks: tuple[str, str], size: tuple[int, int]
) -> None:
    precision, scale = size
    agreed = contract(
        column("number", f"decimal({precision},{scale})"),
        decimal_mark=marks[0],
        thousands_mark=marks[1],
    )
    for text, row in zip(given_, texts(agreed, given_), strict=True):
        found = number(text, *marks)
        fits = found is not None and (found * 10**scale).denominator == 1
        fits = fits and abs(found or 0) < 10 ** (precision - scale)
        # Zero with an exponent that no number of the type has may be broken: nothing is lost.
        if not (found == 0 and "e" in text.lower()):
            assert row.ok is fits, text
        assert not row.ok or Fraction(row.values["x"]) == found, text


@few
@given(TEXTS, st.sampled_from(MARKS))
@example(["1e999", "-1e999", "1e-400", "9007199254740993", "4.9e-324", "0e999"], (".", ""))
def test_a_double_is_read_where_it_holds_every_digit(
    given_: list[str], marks: tuple[str, str]
) -> None:
    agreed = contract(column("number"), decimal_mark=marks[0], thousands_mark=marks[1])
    for text, row in zip(given_, texts(agreed, given_), strict=True):
        found = number(text, *marks)
        if found is None:
            assert not row.ok, text
            continue
        sign, before, after, exponent = parts(text, *marks) or ("", "", "", 0)
        nearest = float(f"{sign}{before or 0}.{after or 0}e{exponent}")
        written = {significant(repr(nearest)), significant(f"{nearest:.17g}")}
        digits = significant(text, *marks)
        normal = 1e-307 <= abs(nearest) <= 1e308
        held = digits in written or (len(digits) <= 15 and normal)
        assert row.ok is (held and "inf" not in repr(nearest)), text
        assert not row.ok or row.values["x"] == nearest, text


@few
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
def test_what_a_double_writes_it_reads_again(values: list[float]) -> None:
    for write in (repr, lambda value: f"{value:.17g}", lambda value: f"{value:E}"):
        written = [write(value) for value in values]
        for text, row in zip(written, texts(contract(column("number")), written), strict=True):
            assert row.ok or 0 < abs(float(text)) < 1e-307, text
            assert row.values["x"] == (float(text) if row.ok else None)


@pytest.mark.parametrize(
    ("physical", "text", "value"),
    [
        ("decimal(18,2)", "1.2300", "1.23"),
        ("decimal(18,2)", "1e2", "100"),
        ("decimal(18,5)", "1e-05", "0.00001"),
        ("decimal(18,2)", "-.5", "-0.5"),
        ("decimal(18,2)", " 5. ", "5"),
        ("decimal(38,18)", "12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
    ],
)  # fmt: skip
def test_no_digit_of_a_decimal_is_lost(physical: str, text: str, value: str) -> None:
    assert read("number", text, physical) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "1.234",
        "1e-05",
        "1.00000000000000001e0",
        "1_000",
        "0x1F",
        "１２",
        "nan",
        "1e999999",
        "",
        "1,5",
    ],
)
def test_what_would_be_rounded_is_broken(text: str) -> None:
    reason = f"x: '{text}' is not a decimal(18,2) without losing digits"
    assert read("number", text, "decimal(18,2)") == reason


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.234,50", "1234.50"), ("1234,5", "1234.50"), ("-1.234.567", "-1234567")],
)
def test_thousands_are_marked_where_they_are_grouped(text: str, value: str) -> None:
    reading = {"decimal_mark": ",", "thousands_mark": "."}
    assert read("number", text, "decimal(18,2)", reading=reading) == Decimal(value)


@pytest.mark.parametrize("text", ["12.34,5", "1234.567,8", "1.23", "1,234.50", ".123", "1..234"])
def test_marks_that_group_no_thousands_are_broken(text: str) -> None:
    reading = {"decimal_mark": ",", "thousands_mark": "."}
    assert "is not a" in read("number", text, "decimal(18,2)", reading=reading)


def test_a_point_is_no_decimal_mark_where_the_comma_is() -> None:
    for physical in ("decimal(18,2)", None):
        assert "is not" in read("number", "12.50", physical, reading={"decimal_mark": ","})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("441.15000000000003", "441.15"),
        ("1e-05", "is not a decimal(18,2) without losing digits"),
        ("441.154999", "is not a decimal(18,2) without losing digits"),
        ("441.150000000000000001", "is not a decimal(18,2) without losing digits"),
        ("1.5E3", "1500"),
    ],
)
def test_the_binary_floats_of_a_workbook_count_with_15_digits(text: str, value: str) -> None:
    found = str(read("number", text, "decimal(18,2)", reading={"format": "excel"}))
    assert found.endswith(value) if "is not" in value else Decimal(found) == Decimal(value)


def test_the_marks_of_text_do_not_change_the_numbers_of_a_workbook() -> None:
    reading = {"format": "excel", "decimal_mark": ",", "thousands_mark": "."}
    assert read("number", "1.234", "decimal(18,3)", reading=reading) == Decimal("1.234")


@pytest.mark.parametrize("word", ["true", "T", "yes", "Y", "1", " TRUE\t"])
def test_words_of_truth(word: str) -> None:
    assert read("boolean", word) is True


@pytest.mark.parametrize("word", ["false", "F", "no", "N", "0", "\nFalse "])
def test_words_of_untruth(word: str) -> None:
    assert read("boolean", word) is False


@pytest.mark.parametrize("word", ["", "2", "on", "truee", "ja", "1.0", "nul"])
def test_other_words_are_no_boolean(word: str) -> None:
    assert read("boolean", word) == f"x: '{word}' is not a boolean"
