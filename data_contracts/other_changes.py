"""Changes of what the gate and the lake do not work with: service levels, meaning, links, people.

``datacontract-cli`` knows these best, so it is asked; about columns, rules and files it is not,
because it calls every new value of a list breaking and knows nothing of our custom properties.
"""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from data_contracts.change import DELIVERERS, NOBODY, READERS, Audience, Change
from data_contracts.custom import OURS
from data_contracts.meaning_changes import DEFINES, meaning_changes
from data_contracts.quality import is_kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datacontract.model.breaking import BreakingChangeEntry

    from data_contracts.document import Document

TOP = ("apiVersion", "kind", "id", "version", "status", "domain")
OF_COLUMNS = {
    "authoritativeDefinitions", "businessName", "criticalDataElement", "customProperties",
    "deprecated", "encryptedName", "examples", "items", "name", "properties", "quality",
    "relationships", "semanticType", "synonyms", "tags", "transformDescription", "transformLogic",
    "transformSourceObjects",
}  # fmt: skip
COMPARED = {*OURS, "unit", "currency", "currencyColumn", "currencyInternal"}
CHANGED = {"added": "is new", "removed": "is taken out", "updated": "is changed"}
LONGEST = 60
UNGRADED = "metadata-or-unknown-change"  # the rule that stands for no rule


def other_changes(old: Document, new: Document) -> list[Change]:
    """Every change between two contract files that `diff` of their contracts does not tell."""
    before, after = deepcopy(old.data), deepcopy(new.data)
    _keep_common(before.get("schema"), after.get("schema"))
    meant = list(meaning_changes(before.get("schema") or [], after.get("schema") or []))
    before, after = _rest(before), _rest(after)
    if before == after:
        return meant
    return [*meant, *_asked(before, after)]


def _asked(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    from datacontract.data_contract import DataContract
    from open_data_contract_standard.model import OpenDataContractStandard

    logging.getLogger("datacontract").setLevel(logging.CRITICAL)
    old, new = (
        DataContract(data_contract=OpenDataContractStandard(**said), inline_references=False)
        for said in (before, after)
    )
    found = [e for e in old.breaking(new, perspective="producer").entries if e.direction]
    graded = [entry.path for entry in found if entry.rule_id != UNGRADED]
    # A part that came or went whole is told as one, unless something within it has a grade.
    parts = [e.path for e in found if e.change_type != "updated" and not _within(e.path, graded)]
    for entry in found:
        is_inner = any(entry.path.startswith(f"{path}.") for path in parts)
        if not is_inner and not _within(entry.path, graded):
            where = entry.path.removeprefix("schema.").replace(".properties.", ".")
            yield Change(where, _words(entry), _broken(entry))


def _within(path: str, others: list[str]) -> bool:
    return any(other.startswith(f"{path}.") for other in others)


def _words(entry: BreakingChangeEntry) -> str:
    values = [str(value)[:LONGEST] for value in (entry.old_value, entry.new_value) if value]
    told = f": {', now '.join(values)}" if values else ""
    return CHANGED[entry.change_type.value] + told


def _broken(entry: BreakingChangeEntry) -> tuple[Audience, ...]:
    """Its own grade for deliverers; a service level that is let go is felt by readers."""
    if entry.level == "error":
        return DELIVERERS
    loosened = entry.direction == "loosens" and entry.path.startswith("slaProperties")
    return READERS if loosened else NOBODY


def _keep_common(before: list[Any] | None, after: list[Any] | None) -> None:
    """Leave out objects and properties that only one of them has; `diff` tells those."""
    if not before or not after:
        return
    names = {item.get("name") for item in before} & {item.get("name") for item in after}
    for items in (before, after):
        items[:] = [item for item in items if item.get("name") in names]
    found = {item.get("name"): item for item in after}
    for item in before:
        _keep_common(item.get("properties"), found[item.get("name")].get("properties"))


def _rest(said: dict[str, Any]) -> dict[str, Any]:
    """What is left of a contract when everything is taken out that `diff` compares."""
    rest = {name: value for name, value in said.items() if name not in TOP}
    if isinstance(rest.get("description"), dict):
        rest["description"].pop("purpose", None)
    for item in rest.get("schema") or []:
        item.pop("description", None)
        _strip(item)
    return rest


def _strip(item: dict[str, Any]) -> None:
    item.pop("semanticType", None)
    custom = item.get("customProperties") or []
    item["customProperties"] = [c for c in custom if c.get("property") not in COMPARED]
    item["quality"] = [q for q in item.get("quality") or [] if not is_kept(q)]
    links = item.get("authoritativeDefinitions") or []
    item["authoritativeDefinitions"] = [link for link in links if link.get("type") not in DEFINES]
    for name in ("customProperties", "quality", "authoritativeDefinitions"):
        if not item[name]:
            del item[name]
    inner = item.get("properties") or []
    for index, found in enumerate(inner):
        inner[index] = {key: value for key, value in found.items() if key in OF_COLUMNS}
        _strip(inner[index])
    item.pop("items", None)
