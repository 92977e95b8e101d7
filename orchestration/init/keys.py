"""The primary key: a column, or two, that no two sampled rows share."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from orchestration.init import words
from orchestration.init.facts import enough

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.init.property import Property
    from orchestration.init.sample import Sample

MOST_CANDIDATES = 8  # columns that pairs are made of
TYPES = ("string", "integer", "date", "timestamp")


def with_key(found: Sequence[Property], sample: Sample, *, named: bool) -> list[Property]:
    """The properties, the primary key marked; only of a source that has names for its columns."""
    if sample.rows < enough(sample) or not named:
        return list(found)
    likely = [item for item in found if _may_be_key(item)]
    single = [item for item in likely if item.distinct == sample.rows]
    for item in sorted(single, key=lambda item: _rank(item, found)):
        if _rank(item, found) < 3:
            return _marked(found, [item.source], sample)
    parts = [i for i in likely if words.is_key(i.name) or i.type.logical in ("date", "timestamp")]
    parts = [item for item in parts if 1 < item.distinct < sample.rows][:MOST_CANDIDATES]
    for one, other in combinations(parts, 2):
        if not (words.is_key(one.name) or words.is_key(other.name)):
            continue
        if _is_unique(sample.columns[one.source], sample.columns[other.source]):
            pair = sorted((one, other), key=lambda item: not words.is_key(item.name))
            return _marked(found, [item.source for item in pair], sample)
    return list(found)


def _may_be_key(item: Property) -> bool:
    return item.type.logical in TYPES and not item.missing


def _rank(item: Property, found: Sequence[Property]) -> int:
    """How likely a column that is unique is the key: 0 is best, from 3 on it is chance."""
    if words.is_identifier(item.name) or item.name == "key":
        return 0
    if item is found[0]:
        return 1
    return 2 if item.type.logical in ("date", "timestamp") else 3


def _is_unique(one: list[Any], other: list[Any]) -> bool:
    seen = set()
    for pair in zip(one, other, strict=True):
        if pair in seen:
            return False
        seen.add(pair)
    return True


def _marked(found: Sequence[Property], sources: list[str], sample: Sample) -> list[Property]:
    remark = f"no two of {sample.rows:,} sampled rows share it"
    return [
        replace(item, key=sources.index(item.source) + 1, remarks=(*item.remarks, remark))
        if item.source in sources
        else item
        for item in found
    ]
