"""Dates and times as sources write them: Java patterns, and local times that clocks skip or repeat.

Pattern letters: https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html,
which the standard names for ``logicalTypeOptions.format``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data_contracts.errors import ContractError

TOKENS = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")
RESERVED = set("[]{}#")  # of Java's patterns
LETTERS = {  # pattern letters: strptime specifier, regular expression of the text
    "yyyy": ("%Y", "[0-9]{4}"),
    "uuuu": ("%Y", "[0-9]{4}"),
    "yy": ("%y", "[0-9]{2}"),
    "MM": ("%m", "[0-9]{2}"),
    "M": ("%m", "[0-9]{1,2}"),
    "MMM": ("%b", "[A-Za-z]{3}"),
    "MMMM": ("%B", "[A-Za-z]+"),
    "dd": ("%d", "[0-9]{2}"),
    "d": ("%d", "[0-9]{1,2}"),
    "DDD": ("%j", "[0-9]{3}"),
    "HH": ("%H", "[0-9]{2}"),
    "H": ("%H", "[0-9]{1,2}"),
    "hh": ("%I", "[0-9]{2}"),
    "h": ("%I", "[0-9]{1,2}"),
    "mm": ("%M", "[0-9]{2}"),
    "m": ("%M", "[0-9]{1,2}"),
    "ss": ("%S", "[0-9]{2}"),
    "s": ("%S", "[0-9]{1,2}"),
    "SSS": ("%g", "[0-9]{3}"),
    "SSSSSS": ("%f", "[0-9]{6}"),
    "a": ("%p", "[AaPp][Mm]"),
    "E": ("%a", "[A-Za-z]{3}"),
    "EEE": ("%a", "[A-Za-z]{3}"),
    "EEEE": ("%A", "[A-Za-z]+"),
    "Z": ("%z", "[+-][0-9]{2}:?[0-9]{2}"),
    "XX": ("%z", "(?:Z|[+-][0-9]{4})"),
    "XXX": ("%z", "(?:Z|[+-][0-9]{2}:[0-9]{2})"),
    "xxx": ("%z", "[+-][0-9]{2}:[0-9]{2}"),
}


class Pattern:
    """A Java date pattern, as DuckDB's ``strptime`` and as a regular expression of its texts.

    Raises:
        ContractError: a letter that no reader here knows.
    """

    def __init__(self, java: str) -> None:
        specifiers, expressions, self.zoned = [], [], False
        if "".join(token[0] for token in TOKENS.finditer(java)) != java:
            raise ContractError(f"format {java!r}: a quote is opened and not closed; close it")
        for token in TOKENS.finditer(java):
            text = token[0]
            if text[0].isalpha():
                if text not in LETTERS:
                    known = ", ".join(LETTERS)
                    raise ContractError(
                        f"format {java!r}: {text!r} is not understood; put plain text in single "
                        f"quotes, known letters are {known}"
                    )
                specifier, expression = LETTERS[text]
                self.zoned = self.zoned or specifier == "%z"
            elif text[0] != "'" and (reserved := set(text) & RESERVED):
                raise ContractError(
                    f"format {java!r}: {min(reserved)} makes parts optional, which is not "
                    "understood here; name one form, or put it in single quotes"
                )
            else:
                plain = text[1:-1].replace("''", "'") or "'" if text[0] == "'" else text
                specifier, expression = plain.replace("%", "%%"), re.escape(plain)
            specifiers.append(specifier)
            expressions.append(expression)
        self.java = java
        self.strptime = "".join(specifiers)
        self.regex = "".join(expressions)


def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name.

    Raises:
        ContractError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ContractError(f"time zone {name!r} is unknown; Europe/London, say") from error


@dataclass(frozen=True, slots=True)
class Change:
    """One change of clocks: local times from `start` on, for `length`, are skipped or repeated."""

    start: datetime  # local, without zone
    length: timedelta
    repeated: bool


@cache
def changes(name: str, first_year: int = 1900, last_year: int = 2100) -> tuple[Change, ...]:
    """Every change of a zone's clocks, by bisection between days whose offsets differ."""
    tz, found = zone(name), []
    if name == "UTC":
        return ()
    day = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year, 1, 1, tzinfo=UTC)
    before = _offset(tz, day)
    while day < end:
        following = day + timedelta(days=5)  # no zone changes its clocks twice within five days
        after = _offset(tz, following)
        if after != before:
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if _offset(tz, middle) == before else (low, middle)
            moment = high.replace(tzinfo=None)
            repeated = after < before
            length = before - after if repeated else after - before
            start = moment + (after if repeated else before)
            found.append(Change(start, length, repeated))
        day, before = following, after
    return tuple(found)


def _offset(tz: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(tz).utcoffset() or timedelta()


def days_of(name: str) -> tuple[date, ...]:
    """The local days on which a zone's clocks skip or repeat a time."""
    days = {
        day
        for change in changes(name)
        for day in (change.start.date(), (change.start + change.length).date())
    }
    return tuple(sorted(days))
