from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from data_contracts.errors import ContractError
from data_contracts.times import Change, Pattern, changes, days_of, zone


@pytest.mark.parametrize(
    ("java", "text", "read"),
    [
        ("yyyyMMdd", "20260131", datetime(2026, 1, 31)),
        ("dd.MM.yyyy HH:mm", "31.01.2026 23:59", datetime(2026, 1, 31, 23, 59)),
        ("d/M/yy", "1/2/26", datetime(2026, 2, 1)),
        (
            "yyyy-MM-dd'T'HH:mm:ss.SSS",
            "2026-01-31T01:02:03.004",
            datetime(2026, 1, 31, 1, 2, 3, 4000),
        ),
        ("dd MMM yyyy hh:mm a", "31 Jan 2026 01:05 PM", datetime(2026, 1, 31, 13, 5)),
        ("yyyy 'o''clock' HH", "2026 o'clock 07", datetime(2026, 1, 1, 7)),
        ("yyyy''MM", "2026'02", datetime(2026, 2, 1)),
        ("yyyy%MM", "2026%02", datetime(2026, 2, 1)),
        ("yyyyDDD", "2026032", datetime(2026, 2, 1)),
        ("EEE, d MMMM yyyy", "Sat, 31 January 2026", datetime(2026, 1, 31)),
    ],
)
def test_a_java_pattern_is_read_by_duckdb(java: str, text: str, read: datetime) -> None:
    pattern = Pattern(java)
    found = duckdb.execute("select strptime(?, ?)", [text, pattern.strptime]).fetchone()
    assert found == (read,)
    assert re.fullmatch(pattern.regex, text)
    full = duckdb.execute("select regexp_full_match(?, ?)", [text, pattern.regex]).fetchone()
    assert full == (True,)


@pytest.mark.parametrize(
    ("java", "text"),
    [
        ("yyyyMMdd", "2026131"),
        ("dd.MM.yyyy", "1.1.2026"),
        ("HH:mm", "7:05"),
        ("yyyy-MM-dd", "2026-01-31 "),
        ("yyyy.MM", "2026x02"),
    ],
)
def test_text_of_another_form_is_not_of_the_pattern(java: str, text: str) -> None:
    assert not re.fullmatch(Pattern(java).regex, text)


@pytest.mark.parametrize(
    ("java", "zoned"),
    [("yyyy-MM-dd'T'HH:mm:ssXXX", True), ("yyyyMMdd HHmm Z", True), ("yyyy-MM-dd'Z'", False)],
)
def test_a_pattern_knows_whether_it_names_a_zone(java: str, zoned: bool) -> None:
    assert Pattern(java).zoned is zoned


@pytest.mark.parametrize(
    ("java", "told"),
    [
        ("YYYY-MM-dd", "'YYYY' is not understood; put plain text in single quotes"),
        ("yyyy-MM-ddTHH", "'T' is not understood"),
        ("yyyy-MM-dd'T", "a quote is opened and not closed"),
        ("yyyy-MM-dd'", "a quote is opened and not closed"),
        ("yyyy-MM-dd[ HH:mm]", "[ makes parts optional, which is not understood here"),
        ("yyyy年MM月", "'年MM月' is not understood"),
    ],
)
def test_a_pattern_that_is_not_understood_is_refused(java: str, told: str) -> None:
    with pytest.raises(ContractError, match=re.escape(told.replace("MM月", ""))) as error:
        Pattern(java)
    assert repr(java) in str(error.value)


@pytest.mark.parametrize("name", ["Europe/Nowhere", "Europe", "", "../etc", "UTC+1", " UTC"])
def test_a_zone_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="is unknown; Europe/London, say"):
        zone(name)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Europe/London", Change(datetime(2026, 3, 29, 1), timedelta(hours=1), repeated=False)),
        ("Europe/London", Change(datetime(2026, 10, 25, 1), timedelta(hours=1), repeated=True)),
        (
            "Australia/Lord_Howe",
            Change(datetime(2026, 4, 5, 1, 30), timedelta(minutes=30), repeated=True),
        ),
        (
            "Australia/Lord_Howe",
            Change(datetime(2026, 10, 4, 2), timedelta(minutes=30), repeated=False),
        ),
        ("Pacific/Apia", Change(datetime(2011, 12, 30), timedelta(days=1), repeated=False)),
    ],
)
def test_a_change_of_clocks_is_known_to_the_second(name: str, change: Change) -> None:
    assert change in changes(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Europe/London", "Australia/Lord_Howe", "America/New_York"])
def test_every_skipped_and_repeated_time_is_within_a_change(name: str) -> None:
    tz = ZoneInfo(name)
    local = datetime(2026, 1, 1)
    known = changes(name, 2026, 2027)
    assert len(known) == 2
    while local < datetime(2027, 1, 1):
        first, last = local.replace(tzinfo=tz), local.replace(tzinfo=tz, fold=1)
        exists = first.astimezone(UTC).astimezone(tz).replace(tzinfo=None) == local
        within = [c for c in known if c.start <= local < c.start + c.length]
        assert bool(within) == (first.utcoffset() != last.utcoffset())
        assert all(change.repeated == exists for change in within)
        local += timedelta(minutes=10)


def test_utc_never_changes_its_clocks() -> None:
    assert changes("UTC") == ()
    assert days_of("UTC") == ()


def test_the_days_of_a_change_are_those_it_begins_and_ends_on() -> None:
    days = days_of("Europe/London")
    assert {date(2026, 3, 29), date(2026, 10, 25)} <= set(days)
    assert date(2026, 3, 28) not in days
