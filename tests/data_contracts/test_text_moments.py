"""Dates and times are read as they are written, or the row is broken: held against Python's own."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.times import Pattern
from tests.data_contracts.gate_help import BLANKS, column, contract, few, read, texts

DAY = r"\d{4}-\d{2}-\d{2}"
CLOCK = r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6}0*)?)?"
OFFSET = r"Z|[+-](?:0\d|1[0-8])(?::?[0-5]\d)?"
NASTY = [
    "", "0000-00-00", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2023-02-29", "infinity",
    "-infinity", "epoch", "now", "today", "2024-1-1", "20240101", "2024/01/01", "24-01-01", "-2024-01-01",
    "2024-01-01x", "2024-01-01 00:00:00", "2024-01-01T00:00", " 2024-01-01\t", "2024-01-01 10:30:00",
    "2024-01-01 24:00:00", "2024-01-01 23:59:60", "2024-01-01 10:00:00.1234567", "2024-01-01T10:00Z",
    "2024-01-01 10:00:00.123456000", "2024-01-01T10:00:00+05:30", "2024-01-01 10:00:00-0530",
    "2024-01-01 10:00:00+99:99", "2024-01-01 10:00:00 UTC", "2024-01-01 10:00:00 Europe/London",
    "0044-03-15 (BC)", "0044-03-15 (BC) 00:00:00", "290309-12-22 (BC) 00:00:00", "２０２４-01-01",
    "9999-12-31 23:59:59.999999", "2024-01-01 00:00:00Z", "2024-01-01T1:00", "2024-01-01 10:00:00.",
]  # fmt: skip
SHAPED = st.from_regex(
    rf"[ \t]?[012]\d\d\d-[01]\d-[0-3]\d(?:[ T][0-2]\d:[0-5]\d(?::[0-6]\d(?:\.\d{{1,8}})?)?(?:{OFFSET})?)?\n?",
    fullmatch=True,
)
WRITTEN = st.builds(
    lambda at, shape: at.isoformat(*shape),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.sampled_from([(" ", "minutes"), ("T", "seconds"), (" ", "microseconds"), ("T", "auto")]),
)
TEXTS = st.lists(
    st.sampled_from(NASTY) | SHAPED | WRITTEN | st.dates().map(str) | st.text(max_size=12),
    min_size=1,
    max_size=30,
)


def iso_date(text: str) -> date | None:
    """The date of an ISO text, its clock at midnight where it has one."""
    found = re.fullmatch(rf"({DAY})(?:[ T]00:00(?::00(?:\.0+)?)?)?", text.strip(BLANKS), re.ASCII)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def iso_moment(text: str) -> datetime | None:
    """The moment of an ISO text, in UTC where it names no zone."""
    shape = rf"({DAY})(?:[ T]({CLOCK})({OFFSET})?)?"
    if not (found := re.fullmatch(shape, text.strip(BLANKS), re.ASCII)):
        return None
    whole, _, fraction = (found[2] or "00:00").partition(".")
    seconds = whole if len(whole) == 8 else f"{whole}:00"
    try:
        text = f"{found[1]}T{seconds}.{fraction[:6]:0<6}{found[3] or 'Z'}"
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@few
@given(TEXTS)
def test_a_date_is_read_as_iso_writes_it_or_broken(given_: list[str]) -> None:
    for text, row in zip(given_, texts(contract(column("date")), given_), strict=True):
        assert (row.values["x"] if row.ok else None) == iso_date(text), text


@few
@given(TEXTS)
def test_a_timestamp_is_read_as_iso_writes_it_or_broken(given_: list[str]) -> None:
    for text, row in zip(given_, texts(contract(column("timestamp")), given_), strict=True):
        assert (row.values["x"] if row.ok else None) == iso_moment(text), text


@few
@given(TEXTS, st.sampled_from(["yyyy-MM-dd", "yyyyMMdd", "dd.MM.yyyy", "d/M/yyyy", "MMM d, yyyy"]))
def test_a_java_pattern_is_kept_strictly(given_: list[str], java: str) -> None:
    pattern = Pattern(java)
    days = [d for text in given_ if (d := iso_date(text))]
    given_ = given_ + [day.strftime(pattern.strptime) for day in days]
    agreed = contract(column("date", format=java))
    for text, row in zip(given_, texts(agreed, given_), strict=True):
        expected = None
        if re.fullmatch(pattern.regex, text.strip(BLANKS)):
            try:
                expected = datetime.strptime(text.strip(BLANKS), pattern.strptime).date()
            except ValueError:
                expected = None
        assert (row.values["x"] if row.ok else None) == expected, text


@pytest.mark.parametrize(
    ("java", "text", "value"),
    [
        ("yyyyMMdd", "20261101", date(2026, 11, 1)),
        ("yyyyMMdd", "2026111", None),
        ("yyyyMMdd", "20260230", None),
        ("yyyyMMdd", "00000101", None),
        ("d.M.yy", "1.2.24", date(2024, 2, 1)),
        ("EEE, dd MMM yyyy", "Mon, 01 Jan 2024", date(2024, 1, 1)),
        ("EEE, dd MMM yyyy", "Tue, 01 Jan 2024", None),
        ("EEEE d MMMM yyyy", "MONDAY 1 january 2024", date(2024, 1, 1)),
        ("yyyyDDD", "2024366", date(2024, 12, 31)),
        ("yyyyDDD", "2023366", None),
        ("yyyyDDD", "2023000", None),
        ("yyyy-MM-dd HH:mm:ss", "2024-01-01 00:00:00", date(2024, 1, 1)),
        ("yyyy-MM-dd HH:mm:ss", "2024-01-01 10:30:00", None),
        ("yyyy-MM-dd", "infinity", None),
        ("yyyy-MM-dd'%j'", "2024-01-01%j", date(2024, 1, 1)),
    ],
)
def test_dates_by_their_pattern(java: str, text: str, value: date | None) -> None:
    expected = value or f"x: '{text}' is not a date as {java}"
    assert read("date", text, format=java) == expected


@pytest.mark.parametrize(
    ("java", "text", "value"),
    [
        ("yyyy-MM-dd HH:mm:ss.SSS", "2024-01-01 10:00:00.123", "2024-01-01 10:00:00.123"),
        ("yyyy-MM-dd HH:mm:ss.SSSSSS", "2024-01-01 10:00:00.123456", "2024-01-01 10:00:00.123456"),
        ("dd/MM/yyyy hh:mm a", "01/02/2024 12:30 AM", "2024-02-01 00:30"),
        ("dd/MM/yyyy hh:mm a", "01/02/2024 12:30 pm", "2024-02-01 12:30"),
        ("dd/MM/yyyy hh:mm a", "01/02/2024 13:30 PM", None),
        ("yyyyMMddHHmmss", "20240101240000", None),
        ("yyyy-MM-dd HH:mm:ss", "2024-01-01 24:00:00", None),
        ("yyyy-MM-dd HH:mm:ss", " 2024-01-01 10:00:00\t", "2024-01-01 10:00"),
        ("yyyy-MM-dd HH:mm:ss", "2024-01-01T10:00:00", None),
        ("yyyy-MM-dd HH:mm:ss", "2024-01-01 10:00:00.5", None),
        ("yyyy-MM-dd HH:mm:ss", "2024-01-01", None),
        ("yyyy-MM-dd HH:mm:ss", "infinity", None),
        ("yyyyMMddHHmmss", "20240101235960", None),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-01-01T10:00:00Z", "2024-01-01 10:00"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-01-01T10:00:00+05:30", "2024-01-01 04:30"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-01-01T10:00:00+0530", None),
        ("yyyy-MM-dd HH:mm:ssZ", "2024-01-01 10:00:00-0100", "2024-01-01 11:00"),
        ("EEE, dd MMM yyyy HH:mm:ss Z", "Mon, 01 Jan 2024 00:30:00 +0100", "2023-12-31 23:30"),
        ("yyyy'%z'MMddXX", "2024%z0102Z", "2024-01-02 00:00"),
    ],
)
def test_timestamps_by_their_pattern(java: str, text: str, value: str | None) -> None:
    expected = f"x: '{text}' is not a timestamp as {java}"
    if value:
        assert read("timestamp", text, format=java) == datetime.fromisoformat(f"{value}+00:00")
    else:
        assert read("timestamp", text, format=java) == expected


def test_a_zone_in_the_text_counts_more_than_the_default() -> None:
    zone = {"defaultTimezone": "America/New_York"}
    assert read("timestamp", "2024-07-01 12:00:00Z", **zone).hour == 12
    assert read("timestamp", "2024-07-01T12:00:00-07:00", **zone).hour == 19
    assert read("timestamp", "2024-07-01 12:00:00", **zone).hour == 16
    assert read("timestamp", "2024-07-01", **zone).hour == 4


CLOCKS = st.builds(
    lambda at, zone: at.replace(tzinfo=zone).isoformat(),
    st.times(),
    st.none() | st.sampled_from([UTC]),
) | st.from_regex(r"\d{1,2}:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?", fullmatch=True)


@few
@given(st.lists(CLOCKS | st.text(max_size=8), min_size=1, max_size=30))
def test_a_time_is_kept_as_the_text_it_is(given_: list[str]) -> None:
    for text, row in zip(given_, texts(contract(column("time")), given_), strict=True):
        found = re.fullmatch(rf"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)({OFFSET})?", text, re.ASCII)
        try:
            is_time = (
                found is not None and time.fromisoformat(found[1].partition(".")[0]) is not None
            )
        except ValueError:
            is_time = False
        assert row.ok is is_time, text
        assert not row.ok or row.values["x"] == text


@pytest.mark.parametrize(
    ("java", "text", "is_time"),
    [
        ("H:mm", "9:30", True),
        ("H:mm", "25:00", False),
        ("hh:mm a", "09:30 PM", True),
        ("HH:mm", " 9:30", False),
    ],
)
def test_a_time_keeps_its_pattern(java: str, text: str, is_time: bool) -> None:
    assert (read("time", text, format=java) == text) is is_time


def test_every_day_and_second_of_a_year_is_read() -> None:
    moments = [datetime(2024, 1, 1) + timedelta(days=d, seconds=d * 233) for d in range(366)]
    written = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments]
    rows = texts(contract(column("timestamp")), written)
    assert [row.values["x"].replace(tzinfo=None) for row in rows if row.ok] == moments
