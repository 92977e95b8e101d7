"""Changes of what columns mean: the definitions that they are linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data_contracts.change import READERS, Change

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFINES = ("businessDefinition", "definition", "semantics", "semantic")


def meaning_changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]], path: str = ""
) -> Iterator[Change]:
    """Changes of definitions among objects or properties as they stand in a file, by name."""
    found = {item.get("name"): item for item in after}
    for item in before:
        other = found.get(item.get("name"), {})
        where = f"{path}{item.get('name')}"
        old, new = _meaning(item), _meaning(other)
        if old and old != new:
            words = f"{', '.join(old)}, is now by {', '.join(new) or 'nothing'}"
            yield Change(where, f"its meaning was defined by {words}", READERS)
        yield from meaning_changes(
            item.get("properties") or [], other.get("properties") or [], f"{where}."
        )


def _meaning(item: dict[str, Any]) -> list[str]:
    links = item.get("authoritativeDefinitions") or []
    urls = sorted(str(link.get("url")) for link in links if link.get("type") in DEFINES)
    return [str(item["semanticType"]), *urls] if item.get("semanticType") else urls
