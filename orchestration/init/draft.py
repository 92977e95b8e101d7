"""The text of a first contract: YAML, with what was inferred and how sure it is as comments."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from orchestration.init.property_text import lines_of
from orchestration.init.yaml_text import flow, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestration.init.dataset import Dataset
    from orchestration.init.groups import Groups
    from orchestration.init.profile import Profile

WIDTH = 100
HOW_SURE = (
    "The number after # is how sure the type is, 0 to 1: (rows that agree + 1) / (rows with a "
    "value + 2). It says what the sample showed, not what the source promises. When it is right, "
    "set status to active."
)
DEFAULTS = {
    "quote": '"',
    "escape": "",
    "encoding": "UTF-8",
    "header": True,
    "skipLines": 0,
    "decimalMark": ".",
    "thousandsMark": "",
    "trailingMinus": False,
    "nullValues": [""],
}


def text_of(
    dataset: Dataset,
    profile: Profile,
    groups: Groups,
    *,
    read: str,
    load: str,
    notes: Sequence[str],
    source: str | None = None,
    custom: Mapping[str, Any] | None = None,
) -> str:
    """The YAML of a contract.

    Args:
        dataset: the files, and how they are read.
        profile: what the sample showed.
        groups: what the paths say.
        read: what was read, in a sentence.
        load: the command that loads it.
        notes: what a person should look at.
        source: its name in its source, where it is of no file.
        custom: what it says of its reading, in place of what files show.
    """
    said = reading_of(dataset, profile, groups) if custom is None else custom
    lines = [
        *_comment("First draft of a contract, by `lakehouse contracts init`. " + read),
        f"# Load it: {load}",
        *_comment(HOW_SURE),
        *(["# To check:"] if notes else []),
        *(line for note in notes for line in _comment(note, "- ")),
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: {scalar(f'{dataset.domain}.{dataset.name}')}",
        "version: 0.1.0",
        "status: draft",
        f"domain: {scalar(dataset.domain)}",
        "schema:",
        f"  - name: {scalar(dataset.name)}",
        *([f"    physicalName: {scalar(source)}"] if source is not None else []),
        "    logicalType: object",
        "    customProperties:",
        *(f"      - {flow({'property': key, 'value': value})}" for key, value in said.items()),
        "    properties:",
    ]
    for item in (*profile.properties, *groups.properties):
        lines += lines_of(item, "      ")
    return "\n".join(lines) + "\n"


def reading_of(dataset: Dataset, profile: Profile, groups: Groups) -> dict[str, Any]:
    """The custom properties that say how a file is read; those of the default are left out."""
    shape = dataset.shape
    found: dict[str, Any] = {"format": shape.format}
    if shape.dialect is not None:
        found["delimiter"] = shape.dialect.delimiter
        found["quote"] = shape.dialect.quote
        found["escape"] = shape.dialect.escape
        found["encoding"] = shape.dialect.encoding.name
    if shape.table is not None:
        found["header"] = shape.table.header
        found["skipLines"] = shape.table.skip_lines
        found["decimalMark"] = profile.marks.decimal
        found["thousandsMark"] = profile.marks.thousands
        found["trailingMinus"] = profile.marks.trailing
        found["nullValues"] = list(profile.nulls)
        if profile.empty:
            found["unknownColumns"] = "ignore"
    if shape.names_sheet:
        found["sheet"] = shape.sheet
    if groups.path:
        found["path"] = groups.path
    if groups.key:
        found["deliveryKey"] = groups.key
    return {key: value for key, value in found.items() if DEFAULTS.get(key) != value}


def _comment(text: str, bullet: str = "") -> list[str]:
    width = WIDTH - 2 - len(bullet)
    plain = "".join(c if c.isprintable() else " " for c in text)  # YAML has line breaks of its own
    lines = textwrap.wrap(plain, width, break_long_words=False, break_on_hyphens=False)
    return [f"# {' ' * len(bullet) if at else bullet}{line}" for at, line in enumerate(lines)]
