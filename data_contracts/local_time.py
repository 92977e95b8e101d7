"""Local times as moments: a skipped one does not exist, a repeated one is read as the first."""

from __future__ import annotations

from base64 import b64encode
from datetime import date, timedelta
from functools import cache

from data_contracts.times import changes, days_of
from data_contracts.types import literal

FIRST_DAY = date(1960, 1, 1)  # outside these every day is looked at with care
DAYS = 40_960  # to 2072; a whole number of bytes


def at_zone(local: str, zone: str) -> tuple[str, str, str | None]:
    """SQL of the moment of a local TIMESTAMP, of whether it exists, and of whether it is repeated.

    ICU reads a repeated time as the last, so that case goes back by the length of the change. Only
    the days on which the zone's clocks change pay for the comparison (326 ns against 125 a value);
    they are looked up in a constant of bits, since a list of 364 dates costs 400 ns a value.
    """
    if zone == "UTC":
        return f"make_timestamptz(epoch_us({local}))", "true", None
    bits, lengths = _suspects(zone)
    name = literal(zone)
    last = f"timezone({name}, {local})"
    if not bits:
        return last, "true", None
    day = f"({local}::date - date '{FIRST_DAY.isoformat()}')"
    place = f"greatest(0, least({DAYS - 1}, {day}))::integer"
    suspect = f"get_bit(from_base64('{bits}')::bit, {place}) = 1"
    firsts = [f"{last} - interval {seconds} second" for seconds in lengths]
    repeated = " or ".join(f"timezone({name}, {first}) = {local}" for first in firsts) or "false"
    careful = " ".join(f"when timezone({name}, {first}) = {local} then {first}" for first in firsts)
    chosen = f"case {careful} else {last} end" if careful else last
    return (
        f"case when {suspect} then {chosen} else {last} end",
        f"(case when {suspect} then timezone({name}, {last}) = {local} else true end)",
        f"(case when {suspect} then {repeated} else false end)",
    )


@cache
def _suspects(zone: str) -> tuple[str, tuple[int, ...]]:
    """Bits of the days with a change of clocks, in base 64, and the lengths of repeated times."""
    bits = bytearray(DAYS // 8)
    days = {(day - FIRST_DAY) // timedelta(days=1) for day in days_of(zone)}
    if not days:
        return "", ()
    for day in {0, DAYS - 1, *(day for day in days if 0 <= day < DAYS)}:
        bits[day // 8] |= 128 >> day % 8
    repeated = {int(change.length.total_seconds()) for change in changes(zone) if change.repeated}
    return b64encode(bytes(bits)).decode(), tuple(sorted(repeated))
