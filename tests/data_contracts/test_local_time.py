"""Local times are the moments that Python's zoneinfo says, the first where there are two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.local_time import at_zone
from data_contracts.times import changes
from tests.data_contracts.gate_help import column, connection, contract, few, texts

ZONES = [
    "Africa/Casablanca",  # clocks change for Ramadan
    "America/New_York",
    "America/Sao_Paulo",  # at midnight, until 2019
    "Asia/Kathmandu",  # by 15 minutes, once
    "Australia/Lord_Howe",  # by half an hour
    "Etc/UTC",
    "Europe/Dublin",  # summer is the standard
    "Europe/London",
    "Pacific/Apia",  # skipped 2011-12-30
]


def moment(local: datetime, zone: str) -> tuple[datetime | None, bool]:
    """The first moment of a local time, None where it does not exist, and whether it has two."""
    zone_info = ZoneInfo(zone)
    both = [local.replace(tzinfo=zone_info, fold=fold).astimezone(UTC) for fold in (0, 1)]
    there = [m for m in both if m.astimezone(zone_info).replace(tzinfo=None) == local]
    return min(there, default=None), len(set(there)) == 2


@st.composite
def local_times(draw: st.DrawFn) -> tuple[str, list[datetime]]:
    """A zone, and local times at any time, most of them close to a change of its clocks."""
    zone = draw(st.sampled_from(ZONES))
    anywhere = st.datetimes(datetime(1850, 1, 1), datetime(2150, 1, 1))
    if not (known := changes(zone, 1900, 2072)):
        return zone, draw(st.lists(anywhere, min_size=1, max_size=30))
    apart = st.timedeltas(-timedelta(hours=50), timedelta(hours=50)) | st.sampled_from(
        [timedelta(seconds=s) for s in (-1, 0, 1, 1799, 1800, 3599, 3600, 3601)]
    )
    near = st.builds(lambda change, by: change.start + by, st.sampled_from(known), apart)
    return zone, draw(st.lists(near | anywhere, min_size=1, max_size=60))


@few
@given(local_times())
def test_a_local_time_is_the_first_moment_that_shows_it(drawn: tuple[str, list[datetime]]) -> None:
    zone, locals_ = drawn
    value, exists, repeated = at_zone("local", zone)
    query = f"select {value}, {exists}, {repeated or 'false'} from (select unnest(?::timestamp[]) as local)"
    for local, row in zip(locals_, connection().execute(query, [locals_]).fetchall(), strict=True):
        expected, twice = moment(local, zone)
        assert row[1] is (expected is not None), (zone, local)
        assert expected is None or row == (expected, True, twice), (zone, local)


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/London", "2011-03-27 01:30"),
        ("America/New_York", "2024-03-10 02:00"),
        ("Australia/Lord_Howe", "2024-10-06 02:15"),
        ("Pacific/Apia", "2011-12-30 12:00"),
        ("Asia/Kathmandu", "1986-01-01 00:14:59"),
    ],
)
def test_a_local_time_that_does_not_exist_is_broken(zone: str, local: str) -> None:
    (row,) = texts(contract(column("timestamp", defaultTimezone=zone)), [local])
    assert row.reasons == [f"x: '{local}' is not a timestamp that exists in {zone}"]
    assert not row.repeated


@pytest.mark.parametrize(
    ("zone", "local", "first"),
    [
        ("Europe/London", "2011-10-30 01:30", "2011-10-30 00:30"),
        ("America/New_York", "2024-11-03 01:59:59", "2024-11-03 05:59:59"),
        ("Australia/Lord_Howe", "2024-04-07 01:45", "2024-04-06 14:45"),
    ],
)
def test_a_local_time_that_exists_twice_is_the_first_and_said_so(
    zone: str, local: str, first: str
) -> None:
    (row,) = texts(contract(column("timestamp", defaultTimezone=zone)), [local])
    assert row.ok
    assert row.values["x"] == datetime.fromisoformat(f"{first}+00:00")
    assert row.repeated


def test_no_repeat_is_said_of_a_row_that_is_not_kept_or_names_its_zone() -> None:
    stamp = column("timestamp", name="x", defaultTimezone="Europe/London", maximum="2000-01-01")
    (row,) = texts(contract(stamp), ["2011-10-30 01:30"])
    assert (row.ok, row.repeated) == (False, False)
    stamp = column("timestamp", defaultTimezone="Europe/London")
    (row,) = texts(contract(stamp), ["2011-10-30 01:30:00Z"])
    assert (row.ok, row.repeated) == (True, False)


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "Asia/Kathmandu", "Etc/GMT+5"])
def test_no_local_time_of_any_size_raises(zone: str) -> None:
    value, exists, repeated = at_zone("local", zone)
    sizes = [
        "-infinity",
        "290309-12-22 (BC) 00:00",
        "0001-01-01",
        "9999-12-31 23:59",
        "10000-01-01",
    ]
    sizes += ["294247-01-10 04:00:54", "infinity"]
    query = f"select {exists}, {value}, {repeated or 'false'} from (select unnest(?::varchar[])::timestamp as local)"
    found = connection().execute(query, [sizes]).fetchall()
    assert [row[0] for row in found] == [False, False, True, True, False, False, False]


def test_what_needs_no_care_is_not_looked_at_twice() -> None:
    """Outside the days of a change, a moment is one call: the others cost as much again each."""
    value, exists, repeated = at_zone("local", "Europe/London")
    assert value.count("timezone(") > exists.count("timezone(") > 0
    for expression in (value, exists, repeated or ""):
        assert expression.startswith("case when get_bit(")
