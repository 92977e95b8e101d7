"""Dates and times as texts write them: ISO, or the Java pattern that the contract names.

A canonical ISO text is known by casting back, which takes 45 ns a value on one core where its
regular expression takes 118. Years are 1 to 9999, as every reader of the lake knows them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data_contracts.cell import case
from data_contracts.local_time import at_zone, is_utc, usual_day
from data_contracts.marks import BLANKS, matches
from data_contracts.times import Pattern
from data_contracts.types import literal

if TYPE_CHECKING:
    from data_contracts.contract import Column

SPACES = literal(" \t\n\v\f\r")
ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MIDNIGHT = r"([ T]00:00(:00(\.0+)?)?)?"
HOUR = "([01][0-9]|2[0-3])"  # the engine reads 24:00:00 as the next day
ISO_CLOCK = HOUR + r":[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
ISO_OFFSET = "(Z|[+-](0[0-9]|1[0-8])(:?[0-5][0-9])?)"
CLOCK = f"{HOUR}:[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?{ISO_OFFSET}?"
DATES = "between date '0001-01-01' and date '9999-12-31'"
FIRST, LAST = "0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"
MOMENTS = f"between timestamptz '{FIRST}' and timestamptz '{LAST}'"
ISO_DAY, ISO = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"
NO_SECONDS = "^(.{16})([Z+-].*)$"


def date_of(column: Column, text: str) -> tuple[str, str]:
    """SQL of a text as DATE, and of whether it is one."""
    form = column.options.get("format")
    pattern = Pattern(form or "yyyy-MM-dd")
    if pattern.strptime == ISO_DAY:
        value = f"try_cast({text} as date)"
        fits = matches(text, f"{BLANKS}{ISO_DATE}{'' if form else MIDNIGHT}{BLANKS}")
        return value, case(
            (f"{value}::varchar = {text} or {fits}", f"{value} {DATES}"), otherwise="false"
        )
    read = _read(pattern, text)
    value = f"{read}::date"
    good = [f"{value} {DATES}", *_agreement(pattern, text)]
    if _has(pattern, "HIMSgf"):
        good.append(f"{read} = {value}")  # no time of day is cut off
    return value, _where(pattern, text, " and ".join(good))


def timestamp_of(column: Column, text: str) -> tuple[str, str, str | None]:
    """SQL of a text as a moment, of whether it is one, and whether its local time is repeated."""
    zone = column.options.get("defaultTimezone") or "UTC"
    if form := column.options.get("format"):
        pattern = Pattern(form)
        read = _read(pattern, text)
        if pattern.zoned:
            return read, _where(pattern, text, f"{read} {MOMENTS}"), None
        value, exists, repeated = at_zone(read, zone)
        good = " and ".join([f"({exists})", *_agreement(pattern, text)])
        return value, _where(pattern, text, good), repeated
    value, exists, repeated = at_zone(_local(text), zone)
    naive = matches(text, f"{BLANKS}{ISO_DATE}([ T]{ISO_CLOCK})?{BLANKS}")
    is_zoned = matches(text, f"{BLANKS}{ISO_DATE}[ T]{ISO_CLOCK}{ISO_OFFSET}{BLANKS}")
    with_seconds = f"regexp_replace({_trimmed(text)}, {literal(NO_SECONDS)}, '\\1:00\\2')"
    zoned = f"coalesce(try_cast({text} as timestamptz), try_cast({with_seconds} as timestamptz))"
    canonical = f"try_cast({text} as timestamp)::varchar is not distinct from {text}"
    return (
        case((f"not {canonical} and {is_zoned}", zoned), otherwise=value),
        case(
            (f"{canonical} or {naive}", exists),
            (is_zoned, f"{zoned} {MOMENTS}"),
            otherwise="false",
        ),
        case((repeated, f"not {is_zoned}"), otherwise="false") if repeated else None,
    )


def shared_of(column: Column, text: str) -> tuple[str, ...]:
    """What the SQL of a text's date or moment says more than once, and is worth its own step."""
    form = column.options.get("format")
    if column.logical_type == "date":
        iso = Pattern(form or "yyyy-MM-dd").strptime == ISO_DAY
        return (f"try_cast({text} as date)",) if iso else ()
    if form and Pattern(form).strptime != ISO:
        return ()
    zone = str(column.options.get("defaultTimezone") or "UTC")
    local = (f"try_cast({text} as timestamp)", _local(text))
    return local if is_utc(zone) else (*local, usual_day(_local(text), zone))


def time_of(column: Column, text: str) -> tuple[str, str]:
    """SQL of a time, kept as the text it is, and of whether it is one."""
    if form := column.options.get("format"):
        pattern = Pattern(form)
        return text, _where(pattern, text, f"{_read(pattern, text)} is not null", "")
    return text, matches(text, CLOCK)


def clock(column: Column, text: str) -> str:
    """SQL of a time's text as TIME, for comparing; its offset does not count."""
    if form := column.options.get("format"):
        return f"{_read(Pattern(form), text)}::time"
    return f"try_cast(regexp_extract({text}, '^[0-9:.]+') as time)"


def _where(pattern: Pattern, text: str, good: str, blanks: str = BLANKS) -> str:
    if pattern.strptime != ISO:
        return case((matches(text, blanks + pattern.regex + blanks), good), otherwise="false")
    fits = matches(text, f"{blanks}{ISO_DATE} {HOUR}:[0-9]{{2}}:[0-9]{{2}}{blanks}")
    canonical = f"try_cast({text} as timestamp)::varchar = {text} and strlen({text}) = 19"
    return case((f"{canonical} or {fits}", good), otherwise="false")


def _local(text: str) -> str:
    """SQL of a TIMESTAMP; its cast takes no blanks after a date alone."""
    trimmed = f"try_cast({_trimmed(text)} as timestamp)"
    return f"coalesce(try_cast({text} as timestamp), {trimmed})"


def _trimmed(text: str) -> str:
    return f"trim({text}, {SPACES})"


def _read(pattern: Pattern, text: str) -> str:
    """SQL of what `strptime` makes of a text; its %z does not know the Z of UTC."""
    if pattern.strptime == ISO:
        return _local(text)  # in half of the time
    if not pattern.zoned:
        return f"try_strptime({text}, {literal(pattern.strptime)})"
    forms = [pattern.strptime, re.sub("(?<!%)((?:%%)*)%z", r"\1Z", pattern.strptime)]
    return f"try_strptime({text}, [{', '.join(map(literal, forms))}])"


def _agreement(pattern: Pattern, text: str) -> list[str]:
    """SQL: the day of week is the date's, and a year of 365 days has no day 366."""
    read = _read(pattern, text)
    if _has(pattern, "j"):
        return [f"strftime({read}, {literal(pattern.strptime)}) = {_trimmed(text)}"]
    if _has(pattern, "aA"):
        return [f"contains(lower({text}), lower(strftime({read}, '%a')))"]
    return []


def _has(pattern: Pattern, specifiers: str) -> bool:
    return re.search(f"(?<!%)(?:%%)*%[{specifiers}]", pattern.strptime) is not None
