"""What a dlt resource says of itself: types, keys, and what becomes of what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestration.connectors.dlt.state import disposition_of
from orchestration.init import names
from orchestration.init.property import Property, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dlt.extract import DltResource

TYPES = {
    "text": "string", "bigint": "integer", "double": "number", "bool": "boolean",
    "timestamp": "timestamp", "date": "date", "time": "time",
}  # fmt: skip
NESTED = ("object", "array")
KEPT = {"load": "append", "redelivery": "keep"}
REPLACED = {"load": "append", "redelivery": "replace"}


def columns_of(resource: DltResource) -> dict[str, Any]:
    """Hints of its columns, by their names; none where they depend on its items."""
    from dlt.extract.exceptions import DltResourceException

    try:
        return dict(resource.compute_table_schema().get("columns") or {})
    except DltResourceException:
        return {}


def hinted(found: Sequence[Property], hints: Mapping[str, Any]) -> list[Property]:
    """The properties of a sample with what the hints say of them, and those of no sampled row.

    A key that the sample seems to show is no promise, and left out.
    """
    known = {item.source for item in found}
    added = [source for source in hints if source not in known and "data_type" in hints[source]]
    lake_names = names.columns([*(item.source for item in found), *added])
    seen = [replace(item, key=None) for item in found]
    seen += [Property(name, source, Type()) for name, source in zip(
        lake_names[len(found):], added, strict=True)]  # fmt: skip
    keys = [source for source, hint in hints.items() if hint.get("primary_key")]
    return [
        replace(
            item,
            type=_type(item.type, hints.get(item.source, {})),
            key=keys.index(item.source) + 1 if item.source in keys else None,
            required=item.required or hints.get(item.source, {}).get("nullable") is False,
        )
        for item in seen
    ]


def _type(seen: Type, hint: Mapping[str, Any]) -> Type:
    kind = hint.get("data_type")
    if kind is None or seen.logical in NESTED:
        return seen
    if kind == "json":
        return seen if seen.remarks else Type("object", remarks=("JSON, by its hint",))
    if kind == "decimal":
        precision, scale = hint.get("precision"), hint.get("scale")
        if precision and precision <= 38:
            return Type("number", f"decimal({precision},{scale or 0})")
        return seen if seen.is_decimal else Type("number", "decimal(38,9)")
    if kind == "binary":
        return Type(remarks=("bytes, read as hex",))
    logical = TYPES.get(kind, "string")
    return seen if seen.logical == logical else Type(logical)


def loads_of(
    resource: DltResource, hints: Mapping[str, Any], found: Sequence[Property], *, moves: bool
) -> tuple[dict[str, Any], list[str]]:
    """Load semantics for its write disposition, and what to say of them.

    Args:
        resource: of the source.
        hints: of its columns.
        found: its properties.
        moves: whether it keeps a state, from which on it is read the next time.
    """
    keys = [item.name for item in found if item.key]
    said = disposition_of(resource)
    if said == "replace" and keys:
        return {"load": "snapshot"}, ["replace: each sync is the whole; absent keys are deleted"]
    if said == "replace":
        return REPLACED, ["replace, without a key: the whole takes the place of what was there"]
    if said == "merge" and keys:
        return {"load": "upsert", **_marks(hints, found)}, ["merge: a row replaces its key"]
    if said == "merge":
        note = "merge, but no primary_key says by what its rows are known: they are added; name one"
        return KEPT, [note]
    if keys and not moves:
        note = (
            "append, but it has a key and is read as a whole each time: a row replaces its key, "
            "else each would be there again"
        )
        return {"load": "upsert", **_marks(hints, found)}, [note]
    notes = ["append: rows are added" + (" to those before its state" if moves else "")]
    if keys:
        listed = ", ".join(keys)
        notes.append(
            f"{listed} is its key, not held under append; load: upsert keeps one row of it"
        )
    elif not moves:
        notes.append("if each sync gives everything, redelivery: replace is meant")
    return KEPT, notes


def _marks(hints: Mapping[str, Any], properties: Sequence[Property]) -> dict[str, Any]:
    """Columns that delete a row, and that say which of two is newer."""
    found: dict[str, Any] = {}
    for item in properties:
        hint = hints.get(item.source, {})
        if hint.get("hard_delete"):
            is_flag = item.type.logical == "boolean"
            found["deleteWhen"] = item.name if is_flag else f"{item.name} is not null"
        if hint.get("dedup_sort") == "desc":
            found["orderBy"] = [item.name]
    return found
