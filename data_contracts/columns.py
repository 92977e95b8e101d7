"""From a property of the standard's model to a column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from data_contracts.contract import Column
from data_contracts.errors import ContractError
from data_contracts.quality import rules_of
from data_contracts.times import Pattern, zone
from data_contracts.types import lake_type

if TYPE_CHECKING:
    from open_data_contract_standard.model import SchemaProperty

    from data_contracts.document import Document

OPTIONS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"},
    "date": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"},
    "timestamp": {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format",
        "timezone", "defaultTimezone",
    },
    "time": {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format",
        "timezone", "defaultTimezone",
    },
    "object": {"minProperties", "maxProperties", "required"},
    "array": {"minItems", "maxItems", "uniqueItems"},
    "boolean": set(),
}  # fmt: skip
PHYSICAL = (  # what a property without a logical type is, by its physical type
    (r"(tiny|small|big|medium)?int(eger)?\d*|(u?int|long|serial).*", "integer"),
    (r"(decimal|numeric|number|float|double|real|money).*", "number"),
    (r"bool(ean)?|bit", "boolean"),
    (r"date", "date"),
    (r"timestamp.*|datetime.*", "timestamp"),
    (r"time", "time"),
    (r"(struct|record|json|object|row).*", "object"),
    (r"(array|list).*|.*\[\]", "array"),
)


def column_of(document: Document, where: tuple[str | int, ...], found: SchemaProperty) -> Column:
    """The column of a property, its nested ones with it.

    Raises:
        ContractError: names file, line and key.
    """
    if not found.name:
        raise document.fault(where, "has no name; it names the column")
    logical = found.logicalType or _logical(found.physicalType)
    options: dict[str, Any] = dict(found.logicalTypeOptions or {})
    custom = {c.property: c.value for c in found.customProperties or [] if c.property}
    fields = tuple(
        column_of(document, (*where, "properties", index), inner)
        for index, inner in enumerate(found.properties or [])
    )
    items = None
    if found.items is not None:
        inner = found.items.model_copy(update={"name": found.items.name or "item"})
        items = column_of(document, (*where, "items"), inner)
    try:
        type_ = lake_type(logical, found.physicalType, fields, items)
        _check_options(logical, options)
    except ContractError as error:
        raise document.fault((*where, "logicalType"), str(error)) from error
    currency = custom.get("currency")
    if currency and type_ == "DOUBLE":
        raise document.fault(
            where,
            f"{found.name} is money ({currency}) and would be a binary float; "
            'name its digits, physicalType: "decimal(18,2)" say',
        )
    return Column(
        name=found.name,
        source=found.physicalName or found.name,
        logical_type=logical,
        type=type_,
        required=bool(found.required) or bool(found.primaryKey),
        unique=bool(found.unique),
        key_position=(found.primaryKeyPosition or 1) if found.primaryKey else None,
        options=options,
        enum=tuple(_text(item.value) for item in found.enum or []),
        rules=rules_of(document, (*where, "quality"), found.quality, found.name),
        fields=fields,
        items=items,
        description=found.description,
        classification=found.classification,
        unit=custom.get("unit"),
        currency=currency,
    )


def _logical(physical: str | None) -> str:
    text = (physical or "").strip().lower()
    return next((logical for like, logical in PHYSICAL if re.fullmatch(like, text)), "string")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_options(logical: str, options: dict[str, Any]) -> None:
    unknown = set(options) - OPTIONS.get(logical, set())
    if unknown:
        allowed = ", ".join(sorted(OPTIONS.get(logical, set()))) or "none"
        raise ContractError(
            f"logicalTypeOptions {', '.join(sorted(unknown))}: not of a {logical}; allowed: {allowed}"
        )
    if logical in ("date", "timestamp", "time") and isinstance(options.get("format"), str):
        Pattern(options["format"])
    if "defaultTimezone" in options:
        zone(options["defaultTimezone"])
