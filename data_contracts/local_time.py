"""Local times as moments: a skipped one does not exist, a repeated one is read as the first."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

from data_contracts.cell import case
from data_contracts.times import days_of
from data_contracts.times import zone as zone_of
from data_contracts.types import literal

FIRST_DAY = date(1990, 1, 1)  # outside these every day is looked at with care
DAYS = 18_432  # to June 2040; a whole number of bytes
NOON = time(12)
YEARS = "between timestamp '0001-01-01' and timestamp '9999-12-31 23:59:59.999999'"


def at_zone(local: str, zone: str) -> tuple[str, str, str | None]:
    """SQL of the moment of a local TIMESTAMP, of whether it exists, and of whether it is repeated.

    The moment is null, and does not exist, outside the years 1 to 9999.

    ICU reads a repeated time as the last. The first is where the day before's offset still holds,
    which is asked only on days on which the zone's clocks change (670 ns against 300 a value). They
    are looked up in a constant of bits, since a list of 364 dates costs 400 ns a value. On all
    other days of most zones the offset is one of two, which another constant tells: 50 ns a value.
    """
    if is_utc(zone):
        return f"make_timestamptz(epoch_us({local}))", f"coalesce({local} {YEARS}, false)", None
    name, usual = literal(zone), usual_day(local, zone)
    last = f"timezone({name}, {local})"
    first = f"timezone({name}, {local} - interval 24 hour) + interval 24 hour"
    usually = last
    if two := _two_offsets(zone):
        bits, offsets = two
        offset = case(
            (f"get_bit(from_base64('{bits}')::bit, {_place(local)}) = 0", f"{offsets[0]}::bigint"),
            otherwise=f"{offsets[1]}::bigint",
        )
        usually = f"make_timestamptz(epoch_us({local}) - {offset})"
    is_first, beyond = f"timezone({name}, {first}) = {local}", f"{local} not {YEARS}"
    moment = case((is_first, first), otherwise=last)
    exists = f"timezone({name}, {last}) = {local}"
    return (
        case((usual, usually), (beyond, "null"), otherwise=moment),
        case((usual, "true"), (beyond, "false"), otherwise=exists),
        case((usual, "false"), (beyond, "false"), otherwise=f"{is_first} and {first} <> {last}"),
    )


def usual_day(local: str, zone: str) -> str:
    """SQL: the clocks of a zone do not change on the day of a local TIMESTAMP."""
    return f"get_bit(from_base64('{_changes(zone)}')::bit, {_place(local)}) = 0"


def _place(local: str) -> str:
    day = f"{local}::date - date '{FIRST_DAY.isoformat()}'"
    return f"greatest(0, least({DAYS - 1}, {day}))::integer"


@cache
def is_utc(zone: str) -> bool:
    """Whether a zone's clocks have always shown UTC."""
    winter = datetime(2000, 1, 1, tzinfo=UTC)
    return not days_of(zone) and not winter.astimezone(zone_of(zone)).utcoffset()


@cache
def _changes(zone: str) -> str:
    """Bits in base 64: the days on which clocks change, and the first and the last of all."""
    return _bits({0, DAYS - 1, *_numbers(zone)})


@cache
def _two_offsets(zone: str) -> tuple[str, tuple[int, int]] | None:
    """The days with the second of the zone's two offsets, as bits, and both in microseconds.

    None where the zone has had more of them since then.
    """
    tz, seconds = zone_of(zone), dict[int, set[int]]()
    borders = [-1, *_numbers(zone), DAYS]
    for before, after in pairwise(borders):
        if after - before > 1:
            noon = datetime.combine(FIRST_DAY + timedelta(days=before + 1), NOON, tz)
            offset = int((noon.utcoffset() or timedelta()).total_seconds())
            seconds.setdefault(offset, set()).update(range(before + 1, after))
    if len(seconds) > 2:
        return None
    offsets = sorted(seconds)
    first, second = offsets[0], offsets[-1]
    return _bits(seconds[second] if second != first else set()), (first * 10**6, second * 10**6)


def _numbers(zone: str) -> list[int]:
    """The days on which clocks change, counted from the first day."""
    days = ((day - FIRST_DAY) // timedelta(days=1) for day in days_of(zone))
    return sorted({day for day in days if 0 <= day < DAYS})


def _bits(days: set[int]) -> str:
    """One bit a day, in base 64."""
    bits = bytearray(DAYS // 8)
    for day in days:
        bits[day // 8] |= 128 >> day % 8
    return b64encode(bytes(bits)).decode()
