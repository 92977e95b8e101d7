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
    from data_contracts.standard import Path_

BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
OPTIONS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {*BOUNDS, "multipleOf", "format"},
    "number": {*BOUNDS, "multipleOf", "format"},
    "date": {*BOUNDS, "format"},
    "timestamp": {*BOUNDS, "format", "timezone", "defaultTimezone"},
    "time": {*BOUNDS, "format", "timezone", "defaultTimezone"},
    "object": {"minProperties", "maxProperties", "required"},
    "array": {"minItems", "maxItems", "uniqueItems"},
    "boolean": set(),
}
SIZED = r"(\s*\(.*\))?"
PHYSICAL = (  # what a property without a logical type is, by its physical type
    (r"(array|list|set)\W.*|array|list|.*\[\]", "array"),
    (r"(u?(tiny|small|medium|big|huge)?int(eger)?\d*|long|(small|big)?serial\d*|byteint)"
     rf"{SIZED}(\s+unsigned)?", "integer"),
    (r"(dec(imal)?|numeric|number|float|double|real|(small)?money)\d*( precision)?"
     rf"{SIZED}", "number"),
    (r"bool(ean)?|bit(\s*\(1\))?", "boolean"),
    (r"date", "date"),
    (r"(timestamp|datetime).*", "timestamp"),
    (r"time(\s*\(\d+\))?( with(out)? time zone)?|timetz", "time"),
    (r"(struct|record|row)\W.*|struct|record|jsonb?|object|variant|map\W.*", "object"),
)  # fmt: skip
WITH_YEAR = re.compile("y|u")


def column_of(document: Document, where: Path_, found: SchemaProperty) -> Column:
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
    except ContractError as error:
        key = "physicalType" if "decimal" in str(error) else "logicalType"
        raise document.fault((*where, key), str(error)) from error
    _check_options(document, (*where, "logicalTypeOptions"), logical, options)
    currency = _text(custom.get("currency"))
    if currency and type_ == "DOUBLE":
        raise document.fault(
            where,
            f"is money ({currency}) and would be a binary float; "
            'name its digits, physicalType: "decimal(18,2)" say',
        )
    by_row = _text(custom.get("currencyColumn"))
    internal = custom.get("currencyInternal", False)
    if (by_row or internal) and not type_.startswith("DECIMAL"):
        said = 'has a currencyColumn, and is no decimal; physicalType: "decimal(18,3)" say'
        raise document.fault(where, said)
    if not isinstance(internal, bool) or (internal and not by_row):
        said = "currencyInternal is true or false, and needs currencyColumn"
        raise document.fault(where, said)
    return Column(
        name=found.name,
        source=found.physicalName or found.name,
        logical_type=logical,
        type=type_,
        required=bool(found.required) or bool(found.primaryKey),
        unique=bool(found.unique),
        key_position=(found.primaryKeyPosition or 1) if found.primaryKey else None,
        options=options,
        enum=_enum(document, where, found),
        rules=rules_of(document, (*where, "quality"), found.quality, found.name),
        fields=fields,
        items=items,
        description=found.description,
        classification=found.classification,
        unit=_text(custom.get("unit")),
        currency=currency,
        currency_column=by_row,
        is_internal=internal,
        null_values=_nulls(document, where, custom.get("nullValues")),
    )


def _logical(physical: str | None) -> str:
    text = (physical or "").strip().lower()
    return next((logical for like, logical in PHYSICAL if re.fullmatch(like, text)), "string")


def _enum(document: Document, where: Path_, found: SchemaProperty) -> tuple[str, ...]:
    """The values as they are written: YAML alone would read 007 as 7."""
    values = [
        (at, item.value) for at, item in enumerate(found.enum or []) if item.value is not None
    ]
    written = [(value, document.text((*where, "enum", at, "value"))) for at, value in values]
    return tuple(
        str(value).lower() if isinstance(value, bool) else text or str(value)
        for value, text in written
    )


def _nulls(document: Document, where: Path_, said: object) -> tuple[str, ...]:
    """The texts that stand for a missing value in this column."""
    values = [said] if isinstance(said, str) else said or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise document.fault(where, f"nullValues is {said!r}; a list of texts in quotes is meant")
    return tuple(values)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _check_options(document: Document, where: Path_, logical: str, options: dict[str, Any]) -> None:
    allowed = OPTIONS.get(logical, set())
    for name in options:
        if name not in allowed:
            known = ", ".join(sorted(allowed)) or "none"
            raise document.fault((*where, name), f"is no option of a {logical}; allowed: {known}")
    form = options.get("format")
    try:
        if logical in ("date", "timestamp", "time") and isinstance(form, str):
            Pattern(form)
            if logical != "time" and not WITH_YEAR.search(re.sub("'[^']*'", "", form)):
                raise ContractError(f"format {form!r} names no year; add yyyy")
    except ContractError as error:
        raise document.fault((*where, "format"), str(error)) from error
    try:
        if "defaultTimezone" in options:
            zone(str(options["defaultTimezone"]))
    except ContractError as error:
        raise document.fault((*where, "defaultTimezone"), str(error)) from error
