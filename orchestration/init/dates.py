"""Text as dates and times: ISO, or the one Java pattern that every text keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from data_contracts.times import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARKED = (
    "dd-MM-yyyy", "MM-dd-yyyy", "d-M-yyyy", "M-d-yyyy", "yyyy-MM-dd", "yyyy-M-d",
    "dd-MMM-yyyy", "d-MMM-yyyy", "d-MMMM-yyyy",
)  # fmt: skip
DAYS = (
    *(form.replace("-", mark) for form, mark in product(MARKED, "/.- ")),
    "MMM d, yyyy", "MMMM d, yyyy", "yyyyMMdd",
)  # fmt: skip
CLOCKS = (
    "", " HH:mm", " HH:mm:ss", " H:mm", " H:mm:ss", " HH.mm", " HH.mm.ss", " hh:mm a",
    " hh:mm:ss a", " h:mm a", " h:mm:ss a", "'T'HH:mm", "'T'HH:mm:ss", " HH:mm:ss.SSS", "HHmmss",
)  # fmt: skip
FORMS = tuple(day + clock for day, clock in product(DAYS, CLOCKS))
YEARS = range(1900, 2101)
ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MIDNIGHT = r"([ T]00:00(:00(\.0+)?)?)?"
OFFSET = "(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6}0*)?)?"
TIME = re.compile(f"{CLOCK}({OFFSET})?")
TIMESTAMP = re.compile(f"{ISO_DATE}([ T]{CLOCK}({OFFSET})?)?")
DATE = re.compile(ISO_DATE + MIDNIGHT)
ZONED = re.compile(f".*[0-9]({OFFSET})$")


@dataclass(frozen=True, slots=True)
class Moments:
    """What kind of dates or times a column holds."""

    logical_type: str  # date, timestamp or time
    format: str | None = None
    doubtful: tuple[str, ...] = ()  # patterns between which no text decides
    decided_by: int = 0  # rows that only the chosen order of day and month reads
    instead_of: str | None = None  # the order that they rule out
    zoned: bool = False  # some texts name their zone
    midnights: bool = False  # times of day are there, and all are midnight


def moments_of(texts: Mapping[str, int]) -> Moments | None:
    """The dates or times that all texts are, each given with its rows; None where they are not."""
    plain = {text.strip(" \t"): rows for text, rows in texts.items()}
    if all(map(TIMESTAMP.fullmatch, plain)) and all(map(_is_day, plain)):
        return _iso(plain)
    if all(map(TIME.fullmatch, plain)):
        return Moments("time")
    first = next(iter(plain))
    if not 6 <= len(first) <= 32 or not re.search(r"\d", first):
        return None
    likely = [form for form in FORMS if _pattern(form)[0].fullmatch(first)]
    fitting = [form for form in likely if all(_fits(form, text) for text in plain)]
    return _chosen(fitting, likely, plain)


def _iso(plain: Iterable[str]) -> Moments:
    days = all(map(DATE.fullmatch, plain))
    midnights = days and any(len(text) > 10 for text in plain)
    zoned = any(len(text) > 10 and ZONED.fullmatch(text[10:]) for text in plain)
    kind = "date" if days and not midnights else "timestamp"
    return Moments(kind, zoned=zoned, midnights=midnights)


def _chosen(fitting: list[str], likely: list[str], plain: Mapping[str, int]) -> Moments | None:
    if not fitting:
        return None
    padded = any(re.search(r"(?<!\d)0\d", text) for text in plain)
    single = [form for form in fitting if _is_single(form)]
    shown = [f for f in fitting if f not in single] if padded or not single else single
    form = (shown or fitting)[0]
    others = [other for other in shown if _order(other) != _order(form)]
    kind = "timestamp" if re.search("[Hh]", form) else "date"
    if others:
        return Moments(kind, doubtful=(form, others[0]))
    ruled_out = next((f for f in likely if _order(f) == _order(form)[::-1] != _order(form)), None)
    rows = sum(n for t, n in plain.items() if ruled_out and not _fits(ruled_out, t))
    return Moments(kind, form, decided_by=rows, instead_of=ruled_out)


@cache
def _pattern(form: str) -> tuple[re.Pattern[str], str]:
    pattern = Pattern(form)
    return re.compile(pattern.regex), pattern.strptime.replace("%g", "%f")


def _fits(form: str, text: str) -> bool:
    expression, strptime = _pattern(form)
    if not expression.fullmatch(text):
        return False
    try:
        return datetime.strptime(text, strptime).year in YEARS
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text[:10]))
    except ValueError:
        return False


def _is_single(form: str) -> bool:
    return re.search(r"(?<![dMHh])[dMHh](?![dMHh])", form) is not None


def _order(form: str) -> str:
    return "".join(dict.fromkeys(re.findall("[dM]", re.sub("MMM+", "", form))))
