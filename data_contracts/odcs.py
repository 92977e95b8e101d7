"""From a contract file of the Open Data Contract Standard to the contracts of its schema objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject

from data_contracts.columns import column_of
from data_contracts.contract import (
    Contract,
    Duplicates,
    Format,
    Reading,
    Redelivery,
    UnknownColumns,
)
from data_contracts.document import Document
from data_contracts.quality import rules_of

if TYPE_CHECKING:
    from pathlib import Path

CHOICES: dict[str, tuple[str, ...]] = {
    "format": get_args(Format),
    "redelivery": get_args(Redelivery),
    "duplicates": get_args(Duplicates),
    "unknownColumns": get_args(UnknownColumns),
}
MARKS = {"delimiter", "quote", "decimalMark", "thousandsMark"}
TEXTS = {"encoding", "sheet", "path"}
FLAGS = {"header", "keepRaw"}
LISTS = {"nullValues", "deliveryKey"}
NUMBERS = {"skipLines"}
OURS = {*CHOICES, *MARKS, *TEXTS, *FLAGS, *LISTS, *NUMBERS}


def read(file: Path) -> list[Contract]:
    """The contracts of a file, one a schema object.

    Raises:
        ContractError: the file is wrong; the message names file, line, key and remedy.
    """
    document = Document(file)
    model = OpenDataContractStandard(**document.data)
    return [_contract(document, model, at, item) for at, item in enumerate(model.schema_ or [])]


def _contract(
    document: Document, model: OpenDataContractStandard, at: int, item: SchemaObject
) -> Contract:
    where = ("schema", at)
    if not item.name:
        raise document.fault(where, "has no name; it names the table")
    said = _properties(document, where, item)
    reading = _reading(document, where, said)
    columns = tuple(
        column_of(document, (*where, "properties", index), found)
        for index, found in enumerate(item.properties or [])
    )
    contract = Contract(
        id=model.id or "",
        version=model.version or "",
        domain=_identifier(model.domain or (model.id or "").rpartition(".")[0] or "main"),
        name=_identifier(item.name),
        columns=columns,
        file=document.file,
        digest=document.digest,
        reading=reading,
        delivery_key=tuple(said.get("deliveryKey", ())),
        redelivery=said.get("redelivery", "replace"),
        duplicates=said.get("duplicates", "keep"),
        unknown_columns=said.get("unknownColumns", "rescue"),
        keep_raw=said.get("keepRaw", reading.format != "parquet"),
        rules=rules_of(document, (*where, "quality"), item.quality, None),
        status=model.status or "draft",
        description=item.description or (model.description.purpose if model.description else None),
        owner=_owner(model),
        partition=_partition(item),
    )
    _refuse_contradictions(document, where, contract)
    return contract


def _properties(document: Document, where: tuple[str | int, ...], item: SchemaObject) -> dict[str, Any]:
    """Our own custom properties by name, each of its type."""
    said: dict[str, Any] = {}
    for index, custom in enumerate(item.customProperties or []):
        name, value = custom.property or "", custom.value
        key = (*where, "customProperties", index)
        if name not in OURS:
            continue
        if name in said:
            raise document.fault(key, f"{name} is given twice; keep one")
        if name in CHOICES and value not in CHOICES[name]:
            raise document.fault(key, f"{name} is {value!r}; one of {', '.join(CHOICES[name])} is meant")
        if name in FLAGS and not isinstance(value, bool):
            raise document.fault(key, f"{name} is {value!r}; true or false is meant")
        if name in NUMBERS and not (isinstance(value, int) and value >= 0):
            raise document.fault(key, f"{name} is {value!r}; a number of lines is meant")
        if name in MARKS and not (isinstance(value, str) and len(value) <= 1):
            raise document.fault(key, f"{name} is {value!r}; one character in quotes is meant")
        if name in TEXTS and not isinstance(value, str):
            raise document.fault(key, f"{name} is {value!r}; a text is meant")
        if name in LISTS:
            value = [value] if isinstance(value, str) else value
            if not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise document.fault(key, f"{name} is {value!r}; a list of texts in quotes is meant")
        said[name] = value
    return said


def _reading(document: Document, where: tuple[str | int, ...], said: dict[str, Any]) -> Reading:
    form = said.get("format", "csv")
    typed_nulls = form in ("parquet", "json", "ndjson")  # these say null themselves
    encoding = said.get("encoding", "UTF-8")
    try:
        "".encode(encoding)
    except LookupError:
        raise document.fault(where, f"encoding {encoding!r} is unknown; UTF-8 or ISO-8859-1, say") from None
    reading = Reading(
        format=form,
        delimiter=said.get("delimiter", ","),
        quote=said.get("quote", '"'),
        encoding=encoding,
        header=said.get("header", True),
        decimal_mark=said.get("decimalMark", "."),
        thousands_mark=said.get("thousandsMark", ""),
        null_values=tuple(said.get("nullValues", () if typed_nulls else ("",))),
        skip_lines=said.get("skipLines", 0),
        sheet=said.get("sheet"),
        path=said.get("path"),
    )
    if not reading.delimiter:
        raise document.fault(where, "delimiter is empty; one character in quotes is meant")
    if reading.decimal_mark not in (".", ","):
        raise document.fault(where, "decimalMark is '.' or ','")
    if reading.decimal_mark == reading.thousands_mark:
        raise document.fault(where, "decimalMark and thousandsMark are the same; name two marks")
    return reading


def _refuse_contradictions(
    document: Document, where: tuple[str | int, ...], contract: Contract
) -> None:
    names: set[str] = set()
    for index, column in enumerate(contract.columns):
        at = (*where, "properties", index)
        if column.name.lower() in names:
            raise document.fault(at, f"{column.name} is named twice; names are unique whatever their case")
        if column.name.lower() in ("_source", "_position", "_batch", "_op", "_rescued"):
            raise document.fault(at, f"{column.name} is a column of the lake's own; choose another name")
        names.add(column.name.lower())
    groups: set[str] = set()
    if contract.reading.path is not None:
        try:
            groups = set(re.compile(contract.reading.path).groupindex)
        except re.error as error:
            raise document.fault(where, f"path is no regular expression: {error}") from error
    for index, column in enumerate(contract.columns):
        if column.group is not None and column.group not in groups:
            raise document.fault(
                (*where, "properties", index, "physicalName"),
                f"the path has no group {column.group!r}; name it as (?P<{column.group}>...) in path",
            )
    for group in contract.delivery_key:
        if group not in groups:
            raise document.fault(where, f"deliveryKey names {group!r}, which is no group of path")
    if contract.duplicates != "keep" and not contract.key:
        raise document.fault(
            where, f"duplicates is {contract.duplicates}, but no property has primaryKey: true"
        )


def _identifier(name: str) -> str:
    """A schema or domain name as tables carry it: lower case, underscores."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def _owner(model: OpenDataContractStandard) -> str | None:
    members = getattr(model.team, "members", model.team) or []
    owners = [m for m in members if (m.role or "").lower() in ("owner", "data owner")]
    return next((m.name or m.username for m in owners), None)


def _partition(item: SchemaObject) -> tuple[str, ...]:
    parts = [p for p in item.properties or [] if p.partitioned and p.name]
    return tuple(p.name for p in sorted(parts, key=lambda p: p.partitionKeyPosition or 0))
