"""Records of JSON: objects a line, one array of objects, or objects one after the other."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from orchestration.init.errors import InitError

if TYPE_CHECKING:
    from orchestration.init.files import SourceFile

MOST = 1 << 24  # bytes that are read of a file


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


# A float would lose the digits that were written.
DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


@dataclass(frozen=True, slots=True)
class Records:
    """The first records of a JSON file."""

    format: Literal["json", "ndjson"]
    objects: tuple[dict[str, Any], ...]
    complete: bool  # whether the file ends with them
    others: int = 0  # records that are no object, or no JSON


def records_of(file: SourceFile, limit: int, most: int = MOST) -> Records:
    """The first objects of a file, at most `limit`.

    Raises:
        InitError: the file is empty, no JSON, or holds no objects.
    """
    with file.open() as stream:
        data = stream.read(most)
        cut = bool(stream.read(1))
    encoding = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    text = data.decode(encoding, errors="replace").strip()
    if not text:
        raise InitError(f"{file.name}: is empty; give a file with records")
    try:
        found = _values(text, limit, cut) if text[0] == "[" else _lines(text, limit, cut)
    except ValueError as error:
        raise InitError(f"{file.name}: {error}") from error
    if not found.objects:
        raise InitError(
            f"{file.name}: holds no JSON objects; give objects a line, or an array of objects"
        )
    return found


def _values(text: str, limit: int, cut: bool) -> Records:
    """The elements of an array, or values that stand one after the other over any lines.

    Raises:
        ValueError: what comes after some of them is no JSON.
    """
    found: list[dict[str, Any]] = []
    is_array = text[0] == "["
    others, at, between = 0, int(is_array), " \t\r\n" + "," * is_array
    while len(found) < limit:
        while at < len(text) and text[at] in between:
            at += 1
        if at >= len(text) or (is_array and text[at] == "]"):
            return Records("json", tuple(found), not cut, others)
        try:
            value, at = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            if found and not cut:  # the loader takes such a file for spoiled, whatever is before
                said = f"is no JSON after record {len(found) + others}; is it cut off?"
                raise ValueError(said) from error
            return Records("json", tuple(found), False, others)
        if isinstance(value, dict):
            found.append(value)
        else:
            others += 1
    return Records("json", tuple(found), False, others)


def _lines(text: str, limit: int, cut: bool) -> Records:
    lines = text.split("\n")
    if cut and len(lines) > 1:
        lines.pop()
    found: list[dict[str, Any]] = []
    others = 0
    for line in lines:
        if len(found) == limit:
            return Records("ndjson", tuple(found), False, others)
        value = _object(line)
        if value is not None:
            found.append(value)
        elif line.strip():
            others += 1
    if len(found) > others:
        return Records("ndjson", tuple(found), not cut, others)
    return _values(text, limit, cut)


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
