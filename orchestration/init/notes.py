"""What a person should look at in a first contract, and what it was made from."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from orchestration.init.facts import shown_as
from orchestration.init.naming import stems_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orchestration.init.dataset import Dataset
    from orchestration.init.groups import Groups
    from orchestration.init.profile import Profile
    from orchestration.init.sample import Sample

MOST = 5  # names in one note
FEW = 20  # rows


def read_of(dataset: Dataset, chosen: int, sample: Sample, rest: str) -> str:
    """What was read, in a sentence."""
    first, count = dataset.files[0].name.rpartition("/")[2], len(dataset.files)
    files = f"{chosen} of {count:,} files ({first} and others)" if count > 1 else first
    return f"Sampled: {sample.rows:,} records of {files}; {rest}."


def load_of(contract: Path, paths: Sequence[Path | str]) -> str:
    """The command that loads the files."""
    given = [_argument(path) for path in paths[:MOST]]
    more = " ..." if len(paths) > MOST else ""
    return f"lakehouse ingest {_argument(contract)} {' '.join(given)}{more}"


def _argument(path: Path | str) -> str:
    """A path or URL on a line of the shell; a line break is any character, as patterns have it."""
    return shlex.quote("".join(c if c.isprintable() else "?" for c in str(path)))


def notes_of(
    dataset: Dataset, sample: Sample, profile: Profile, groups: Groups, skipped: Sequence[str]
) -> list[str]:
    """What to look at, the most important first."""
    return [
        *_of_rows(sample),
        *_of_table(dataset),
        *_of_doubts(sample, profile),
        *_of_values(profile),
        *_of_dataset(dataset, profile, groups),
        *([f"not read: {_listed(skipped, '; ')}"] if skipped else []),
    ]


def _of_rows(sample: Sample) -> list[str]:
    notes = []
    if sample.rows < FEW:
        else_ = "else " if any("" in told for told in sample.totals.values()) else ""
        said = f"nothing {else_}is required, no key is named"
        notes.append(f"few rows were seen ({sample.rows}): {said}")
    for record in sample.aside[:MOST]:
        notes.append(f"no record but a second header or a total: {shown_as(' '.join(record))}")
    if sample.odd:
        notes.append(f"{sample.odd:,} of the first records are cut wrong and go to quarantine")
    return notes


def _of_table(dataset: Dataset) -> list[str]:
    table, dialect, notes = dataset.shape.table, dataset.shape.dialect, []
    if table is not None:
        if table.raw_header:
            notes.append("names in the header are empty or repeated: columns go by their order")
        elif not table.header:
            notes.append("there is no header: name the columns")
        if not table.sure:
            notes.append("whether there is a header was told by its looks alone")
        if table.skip_lines and not table.raw_header:
            notes.append(f"lines skipped before the table: {table.skip_lines}")
    if dialect is not None and not dialect.encoding.sure:
        notes.append(
            f"the encoding is a guess ({dialect.encoding.name}): look at names with accents"
        )
    return notes


def _of_doubts(sample: Sample, profile: Profile) -> list[str]:
    doubted: dict[str, list[str]] = {}
    for item in profile.properties if sample.rows else ():
        for doubt in item.type.doubts:
            doubted.setdefault(doubt, []).append(item.name)
    return [f"{_listed(names)}: {doubt}" for doubt, names in doubted.items()]


def _of_values(profile: Profile) -> list[str]:
    notes = []
    nulls = [text for text in profile.nulls if text]
    if nulls:
        notes.append(f"{_listed([repr(n) for n in nulls])} means null, in every column")
    keyed = sorted((i for i in profile.properties if i.key), key=lambda item: item.key or 0)
    if keyed:
        notes.append(f"primary key by the sample: {_listed([item.name for item in keyed])}")
    if private := [item.name for item in profile.properties if item.personal]:
        notes.append(f"personal data, by name and shape: {_listed(private)}")
    if profile.left_out:
        notes.append(f"kept in _rescued, as no one type holds them: {_listed(profile.left_out)}")
    return notes


def _of_dataset(dataset: Dataset, profile: Profile, groups: Groups) -> list[str]:
    notes = []
    if (count := len(stems_of(dataset.files))) > 1:
        notes.append(f"files of {count} names have the same columns and are one contract")
    if groups.properties:
        named = [item.name for item in groups.properties]
        notes.append(f"taken from the path: {_listed(named)}")
    if groups.key:
        notes.append(f"a later file of the same {_listed(groups.key)} replaces the earlier one")
    if profile.empty:
        notes.append(f"{profile.empty} empty column(s) at the end are ignored")
    if dataset.has_neighbours and any(file.member for file in dataset.files):
        notes.append("other data lies beside, or in the zip: unpack it and load this contract's")
    elif dataset.has_neighbours:
        notes.append("other files of the format lie beside: load this contract's files by name")
    return notes


def _listed(texts: Sequence[str], between: str = ", ") -> str:
    more = f"{between}and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return between.join(texts[:MOST]) + more
