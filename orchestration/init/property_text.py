"""A property as YAML: on one line, or as a block where it has nested ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestration.init.yaml_text import flow, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.init.property import Property


def lines_of(item: Property, indent: str) -> Iterator[str]:
    """The lines of a property in a list, its comments with it."""
    said = _said(item)
    inner = [*item.fields] or ([item.items] if item.items else [])
    comment = _end(item)
    if not inner:
        yield f"{indent}- {flow(said)}{comment}"
    else:
        yield from _block(item, said, indent, comment)
    for remark in item.remarks + item.type.remarks:
        yield f"{indent}  # {remark}"
    if item.type.doubts:
        yield from (f"{indent}  # check: {doubt}" for doubt in item.type.doubts)


def _block(item: Property, said: dict[str, Any], indent: str, comment: str) -> Iterator[str]:
    """A property with nested ones, a key a line."""
    for at, (key, value) in enumerate(said.items()):
        yield f"{indent}{'  ' if at else '- '}{key}: {scalar(value)}{'' if at else comment}"
    if item.fields:
        yield f"{indent}  properties:"
        for field in item.fields:
            yield from lines_of(field, f"{indent}    ")
    if item.items:
        yield f"{indent}  items:"
        yield from _items(item.items, f"{indent}    ")


def _items(item: Property, indent: str) -> Iterator[str]:
    said = {key: value for key, value in _said(item).items() if key not in ("name", "physicalName")}
    for key, value in said.items():
        yield f"{indent}{key}: {scalar(value)}"
    if item.fields:
        yield f"{indent}properties:"
        for field in item.fields:
            yield from lines_of(field, f"{indent}  ")
    if item.items:
        yield f"{indent}items:"
        yield from _items(item.items, f"{indent}  ")


def _said(item: Property) -> dict[str, Any]:
    said: dict[str, Any] = {"name": item.name}
    if item.source != item.name:
        said["physicalName"] = item.source
    said["logicalType"] = item.type.logical
    if item.type.physical:
        said["physicalType"] = item.type.physical
    if item.required or item.key:
        said["required"] = True
    if item.key:
        said["primaryKey"] = True
        said["primaryKeyPosition"] = item.key
    if item.type.format:
        said["logicalTypeOptions"] = {"format": item.type.format}
    if item.personal:
        said["classification"] = "personal"
    if item.enum:
        said["enum"] = [{"value": value} for value in item.enum]
    if item.totals:
        arguments = {"missingValues": list(item.totals)}
        said["quality"] = [{"metric": "missingValues", "mustBe": 0, "arguments": arguments}]
    return said


def _end(item: Property) -> str:
    parts = [f"{item.confidence:.2f}"] if item.confidence is not None else []
    parts += [f"{item.missing:,} missing"] if item.missing else []
    parts += [f"e.g. {', '.join(item.examples)}"] if item.examples else []
    return f"  # {'; '.join(parts)}" if parts else ""
