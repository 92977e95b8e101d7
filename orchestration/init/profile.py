"""The columns of a first contract, from a sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from data_contracts.text import Marks
from orchestration.init import names, nested, numbers, words
from orchestration.init.facts import with_facts
from orchestration.init.keys import with_key
from orchestration.init.property import Property, confidence
from orchestration.init.types import File, split, type_of

if TYPE_CHECKING:
    from orchestration.init.sample import Sample
    from orchestration.init.shape import Shape


@dataclass(frozen=True, slots=True)
class Profile:
    """What a sample shows."""

    properties: tuple[Property, ...]
    nulls: tuple[str, ...] = ("",)  # texts that mean null
    marks: Marks = numbers.MARKS[0]
    left_out: tuple[str, ...] = ()  # columns that no type of a contract holds


def profile_of(sample: Sample, shape: Shape) -> Profile:
    """The columns of a sample, its texts that mean null, and its marks of numbers."""
    profile = _of_text(sample, shape) if shape.format in ("csv", "excel") else _of_typed(sample)
    nulls = frozenset(profile.nulls) if shape.format in ("csv", "excel") else frozenset()
    found = [
        with_facts(item, sample.columns[item.source], sample, nulls, profile.marks)
        for item in profile.properties
    ]
    named = shape.table is None or shape.table.header
    return replace(profile, properties=tuple(with_key(found, sample, nulls, named=named)))


def _of_text(sample: Sample, shape: Shape) -> Profile:
    sources = _with_content(sample, shape)
    named = dict(zip(sources, names.columns(sources), strict=True))
    texts = {s: Counter(v for v in sample.columns[s] if v) for s in sources}
    distinct = [split(texts[s])[0] for s in sources if not words.is_identifier(named[s])]
    marks, others = numbers.marks_of(distinct)
    file = File(marks, others, sample.complete, shape.format == "excel")
    found = []
    for source in sources:
        type_ = type_of(named[source], texts[source], file)
        rows = sum(n for text, n in texts[source].items() if text not in type_.nulls)
        found.append(Property(named[source], source, type_, confidence(rows, rows)))
    nulls = frozenset().union(*(item.type.nulls for item in found))
    return Profile(tuple(found), ("", *sorted(nulls)), marks)


def _with_content(sample: Sample, shape: Shape) -> list[str]:
    """The columns, without empty ones at the end where there is no header to name them."""
    sources = list(sample.columns)
    if shape.table is not None and not shape.table.header:
        while len(sources) > 1 and not any(sample.columns[sources[-1]]):
            sources.pop()
    return sources


def _of_typed(sample: Sample) -> Profile:
    found, left_out = [], []
    for source, name in zip(sample.columns, names.columns(sample.columns), strict=True):
        item = _typed(name, sample.columns[source], sample, source)
        if item is None:
            left_out.append(source)
        else:
            found.append(replace(item, source=source))
    return Profile(tuple(found), left_out=tuple(left_out))


def _typed(name: str, values: list[Any], sample: Sample, source: str) -> Property | None:
    if source in sample.types:
        return nested.of_arrow(name, sample.types[source], values)
    return nested.of_json(name, values, complete=sample.complete)
