"""The columns of a first contract, from a sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orchestration.init import arrow_types, json_types, names, numbers, words
from orchestration.init.facts import with_facts
from orchestration.init.keys import with_key
from orchestration.init.nulls import split
from orchestration.init.property import Property, Type, confidence
from orchestration.init.types import File, type_of

if TYPE_CHECKING:
    from orchestration.init.numbers import Marks
    from orchestration.init.sample import Sample
    from orchestration.init.shape import Shape


@dataclass(frozen=True, slots=True)
class Profile:
    """What a sample shows."""

    properties: tuple[Property, ...]
    nulls: tuple[str, ...] = ("",)  # texts that mean null
    marks: Marks = numbers.MARKS[0]
    left_out: tuple[str, ...] = ()  # columns that no type of a contract holds
    empty: int = 0  # columns at the end that are empty and are ignored


def profile_of(sample: Sample, shape: Shape) -> Profile:
    """The columns of a sample, its texts that mean null, and its marks of numbers."""
    profile = _of_text(sample, shape) if shape.format in ("csv", "excel") else _of_typed(sample)
    nulls = frozenset(profile.nulls) if shape.format in ("csv", "excel") else frozenset()
    found = [
        with_facts(item, sample.columns[item.source], sample, nulls, profile.marks)
        for item in profile.properties
    ]
    named = shape.table is None or shape.table.header
    return replace(profile, properties=tuple(with_key(found, sample, named=named)))


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
    found = _in_one_order(found)
    nulls = frozenset().union(*(item.type.nulls for item in found))
    width = shape.table.width if shape.table is not None else 0
    empty = 0 if sample.beyond else width - len(sources)
    return Profile(tuple(found), ("", *sorted(nulls)), marks, empty=empty)


def _in_one_order(found: list[Property]) -> list[Property]:
    """Dates whose order of day and month no value decides, in the order of another column's."""
    known = {i.type.format: i.name for i in found if i.type.format and i.type.logical == "date"}
    settled = []
    for item in found:
        form = next((form for form in item.type.either if form in known), None)
        if form:
            remark = f"day and month in the order of {known[form]}; no value of its own decides"
            item = replace(item, type=Type("date", format=form, remarks=(remark,)))
        settled.append(item)
    return settled


def _with_content(sample: Sample, shape: Shape) -> list[str]:
    """The columns, without empty ones at the end where there is no header to name them."""
    sources = list(sample.columns)
    if shape.table is None or shape.table.header or not sample.rows:
        return sources
    named = len([name for name in shape.table.raw_header if name.strip()])
    while len(sources) > max(1, named) and not any(sample.columns[sources[-1]]):
        sources.pop()
    return sources


def _of_typed(sample: Sample) -> Profile:
    found, left_out = [], []
    seen: set[str] = set()
    for source, name in zip(sample.columns, names.columns(sample.columns), strict=True):
        # Names that differ in case alone are one to the engine.
        clear = source.strip() and not names.is_own(source) and source.casefold() not in seen
        seen.add(source.casefold())
        item = _typed(name, sample.columns[source], sample, source) if clear else None
        if item is None:
            left_out.append(source)
        else:
            found.append(replace(item, source=source))
    return Profile(tuple(found), left_out=tuple(left_out))


def _typed(name: str, values: list[Any], sample: Sample, source: str) -> Property | None:
    if source in sample.types:
        return arrow_types.property_of(name, sample.types[source], values)
    return json_types.property_of(name, values, complete=sample.complete)
