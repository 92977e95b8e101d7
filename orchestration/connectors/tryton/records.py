"""Tryton's records as columns of text with every digit, and its times as conditions."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from catalog.delivery import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.connectors.tryton.api import Domain, Record

CLOCK = ("hour", "minute", "second", "microsecond")


def columns(page: Sequence[Record], fields: Sequence[str]) -> pa.Table:
    """A page as columns of text; the gate reads texts with every digit or not at all."""
    return pa.table(
        {
            name: pa.array([text(record.get(name)) for record in page], pa.string())
            for name in fields
        }
    )


def text(value: Any) -> str | None:
    """A value as text: decimals, times and bytes come as objects that name their class."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return _text_of_object(value)
    return json.dumps(value) if isinstance(value, list) else repr(value)


def _text_of_object(value: dict[str, Any]) -> str:
    kind = value.get("__class__")
    if kind == "Decimal":
        return str(value["decimal"])
    if kind == "datetime":
        return moment(value)
    if kind == "date":
        return "{year:04d}-{month:02d}-{day:02d}".format(**value)
    if kind == "time":
        return "{hour:02d}:{minute:02d}:{second:02d}.{microsecond:06d}".format(**value)
    if kind == "timedelta":
        return repr(value["seconds"])
    if kind == "bytes":
        return base64.b64decode(value["base64"]).hex()
    return json.dumps(value, ensure_ascii=False)


def moment(value: dict[str, Any]) -> str:
    """A time of Tryton's, UTC, so written that texts are in the order of times."""
    day = "{year:04d}-{month:02d}-{day:02d}".format(**value)
    return day + " {hour:02d}:{minute:02d}:{second:02d}.{microsecond:06d}".format(**value)


def from_on(marks: Sequence[str], low: str) -> Domain:
    """Records at or above a watermark, the first of `marks` that is not null, or without one."""
    first, *others = marks
    rest = from_on(others, low) if others else []
    return ["OR", [first, ">=", _moment_of(low)], [[first, "=", None], *([rest] if rest else [])]]


def before(marks: Sequence[str], high: str) -> Domain:
    """Records below a watermark."""
    first, *others = marks
    own = [first, "<", _moment_of(high)]
    return ["OR", own, [[first, "=", None], before(others, high)]] if others else [own]


def highest(page: Sequence[Record], marks: Sequence[str]) -> str:
    """The highest watermark of a page, empty where it has none."""
    found = (next((r[m] for m in marks if r.get(m) is not None), None) for r in page)
    return max((text(mark) or "" for mark in found), default="")


def _moment_of(said: str) -> dict[str, Any]:
    """A time as Tryton's JSON has it.

    Raises:
        DeliveryError: it is none.
    """
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise DeliveryError(f"{said!r} is no time; 2026-01-31 12:00 is meant") from None
    at = at.astimezone(UTC) if at.tzinfo else at
    day = {"__class__": "datetime", "year": at.year, "month": at.month, "day": at.day}
    return day | {name: getattr(at, name) for name in CLOCK}
