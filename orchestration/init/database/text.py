"""The text of a table's first contract."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.init.personal import personal
from orchestration.init.yaml_text import flow, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestration.connectors.databases.described import SourceColumn, SourceTable
    from orchestration.init.database.checks import Held
    from orchestration.init.database.loads import Loads
    from orchestration.init.database.meant import Meant

WIDTH = 98


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a contract is written from.

    Attributes:
        names: in the lake, by the columns' names.
        types: by the columns' names.
    """

    domain: str
    name: str
    table: SourceTable
    names: Mapping[str, str]
    types: Mapping[str, Meant]
    loads: Loads
    held: Held


def text_of(drafted: Drafted, shown: str) -> str:
    """The YAML.

    Args:
        drafted: what it says.
        shown: the database's URL, without a password.
    """
    table = drafted.table
    load = f"Load it: lakehouse sync {shown} --contracts DIR"
    remarks = [*drafted.loads.remarks]
    remarks += [f"Not held here: CHECK ({' '.join(c.split())})" for c in drafted.held.others]
    said: dict[str, Any] = {"format": "table", **drafted.loads.custom}
    if nulls := dict.fromkeys(null for meant in drafted.types.values() for null in meant.nulls):
        said["nullValues"] = list(nulls)
    lines = [
        *_comment(f"First draft of a contract, by `lakehouse contracts init`, of {table.name}."),
        *_comment(load),
        *(line for remark in remarks for line in _comment(remark, "- ")),
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: {scalar(f'{drafted.domain}.{drafted.name}')}",
        "version: 0.1.0",
        "status: draft",
        f"domain: {scalar(drafted.domain)}",
        "schema:",
        f"  - name: {scalar(drafted.name)}",
        f"    physicalName: {scalar(table.name)}",
        "    logicalType: object",
        *([f"    description: {scalar(_line(table.comment))}"] if table.comment else []),
        "    customProperties:",
        *(f"      - {flow({'property': key, 'value': value})}" for key, value in said.items()),
        "    properties:",
    ]
    for column in table.columns:
        lines += _property(drafted, column)
    if operation := drafted.loads.custom.get("operation"):
        said = {"name": operation, "physicalName": "_op", "logicalType": "string", "required": True}
        lines += [f"      - {_flow(said)}", "        # r as it was, c inserted, u updated, d, t"]
    return "\n".join(lines) + "\n"


def _property(drafted: Drafted, column: SourceColumn) -> Sequence[str]:
    meant, name = drafted.types[column.name], drafted.names[column.name]
    said: dict[str, Any] = {"name": name}
    if column.name != name:
        said["physicalName"] = column.name
    said["logicalType"] = meant.logical
    if meant.physical:
        said["physicalType"] = meant.physical
    if not column.nullable or column.key:
        said["required"] = True
    if column.key:
        said["primaryKey"] = True
        said["primaryKeyPosition"] = column.key
    if options := {**meant.options, **drafted.held.options.get(column.name, {})}:
        said["logicalTypeOptions"] = options
    if found := personal(name, {}):
        said["classification"] = "personal"
    if enum := meant.enum or drafted.held.enums.get(column.name, ()):
        said["enum"] = [{"value": value} for value in enum]
    if column.comment:
        said["description"] = _line(column.comment)
    lines = [f"      - {_flow(said)}"]
    if found:
        lines.append(f"        # seems to be the {found[0]}")
    return [*lines, *([f"        # {meant.remark}"] if meant.remark else [])]


def _flow(said: dict[str, Any]) -> str:
    """On one line; numbers that are no whole ones as they are."""
    options = said.get("logicalTypeOptions")
    if options and any(isinstance(value, float) for value in options.values()):
        marked = {key: f"<{value!r}>" if isinstance(value, float) else value
                  for key, value in options.items()}  # fmt: skip
        text = flow({**said, "logicalTypeOptions": marked})
        for value in options.values():
            text = text.replace(f'"<{value!r}>"', repr(value))
        return text
    return flow(said)


def _line(text: str) -> str:
    return " ".join(text.split())


def _comment(text: str, bullet: str = "") -> list[str]:
    plain = "".join(c if c.isprintable() else " " for c in text)
    width = WIDTH - len(bullet)
    lines = textwrap.wrap(plain, width, break_long_words=False, break_on_hyphens=False)
    return [f"# {' ' * len(bullet) if at else bullet}{line}" for at, line in enumerate(lines)]
