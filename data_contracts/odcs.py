"""From a file of the Open Data Contract Standard to the contracts of its schema objects."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, Team

from data_contracts.columns import column_of
from data_contracts.contract import Contract
from data_contracts.custom import Custom, custom_of
from data_contracts.document import Document
from data_contracts.faults import gathered
from data_contracts.loading import loading_of
from data_contracts.presets import by_preset
from data_contracts.quality import rules_of
from data_contracts.reading import reading_of
from data_contracts.retention import retention_of
from data_contracts.syncing import syncing_of

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Reading
    from data_contracts.standard import Path_

UNKEPT = ("parquet", "table")  # formats whose bytes are kept only where that is said
LAKES_OWN = (
    *("_source", "_position", "_batch", "_op", "_origin", "_delivery", "_rescued"),
    *("_valid_from", "_valid_to", "_recorded_at"),
)
LAKES_PREFIX = "_lake_"  # of what the lake's own SQL names


def read(file: Path) -> list[Contract]:
    """The contracts of a file, one a schema object.

    Raises:
        ContractError: the file is wrong; each line names file, line, key and remedy.
    """
    return contracts_of(Document(file))


def contracts_of(document: Document) -> list[Contract]:
    """The contracts of a document, one a schema object, in its order.

    Raises:
        ContractError: as of `read`.
    """
    model = OpenDataContractStandard(**document.data)
    contracts = gathered(
        partial(_contract, document, model, at, item) for at, item in enumerate(model.schema_ or [])
    )
    tables: dict[str, str] = {}
    for at, contract in enumerate(contracts):
        if contract.table in tables:
            said = (
                f"its table {contract.table} is also that of {tables[contract.table]}; rename one"
            )
            raise document.fault(("schema", at, "name"), said)
        tables[contract.table] = (model.schema_ or [])[at].name or ""
    return contracts


def _contract(
    document: Document, model: OpenDataContractStandard, at: int, item: SchemaObject
) -> Contract:
    where: Path_ = ("schema", at)
    custom = custom_of(document, where, item.customProperties or [])
    reading = reading_of(custom)
    found = gathered(
        partial(column_of, document, (*where, "properties", index), said)
        for index, said in enumerate(item.properties or [])
    )
    columns = [by_preset(custom.get("preset"), column) for column in found]
    domain = model.domain or (model.id or "").rpartition(".")[0] or "main"
    loading = loading_of(custom, columns, _groups(custom, reading))
    contract = Contract(
        id=model.id or "",
        version=model.version or "",
        domain=_identifier(document, ("domain",), domain),
        name=_identifier(document, (*where, "name"), item.name or ""),
        columns=tuple(columns),
        file=document.file,
        digest=document.digest,
        reading=reading,
        delivery_key=tuple(custom.get("deliveryKey", ())),
        redelivery=custom.get("redelivery", "replace"),
        duplicates=custom.get("duplicates", "keep"),
        unknown_columns=custom.get("unknownColumns", "rescue"),
        keep_raw=custom.get("keepRaw", reading.format not in UNKEPT),
        rules=rules_of(document, (*where, "quality"), item.quality, None),
        status=model.status or "draft",
        description=item.description or (model.description.purpose if model.description else None),
        owner=_owner(model),
        partition=_partition(item),
        retention=retention_of(document, item.name or "", columns),
        loading=loading,
        syncing=syncing_of(custom, columns, loading),
        source=item.physicalName,
    )
    _refuse_contradictions(document, where, custom, contract)
    return contract


def _refuse_contradictions(
    document: Document, where: Path_, custom: Custom, contract: Contract
) -> None:
    names: set[str] = set()
    for index, column in enumerate(contract.columns):
        at = (*where, "properties", index)
        if column.name.lower() in names:
            raise document.fault(at, "is named twice; names are unique whatever their case")
        by_row = column.currency_column
        if by_row and by_row not in {other.name for other in contract.columns}:
            raise document.fault(at, f"there is no property {by_row}, its currencyColumn")
        if column.name.lower() in LAKES_OWN or column.name.lower().startswith(LAKES_PREFIX):
            raise document.fault(at, "is a column of the lake's own; choose another name")
        names.add(column.name.lower())
    groups = _groups(custom, contract.reading)
    for index, column in enumerate(contract.columns):
        if column.group is not None and column.group not in groups:
            said = f"path has no group {column.group!r}; name it as (?P<{column.group}>...) in path"
            raise document.fault((*where, "properties", index, "physicalName"), said)
    for group in contract.delivery_key:
        if group not in groups:
            said = f"deliveryKey names {group!r}, which is no group of path"
            raise custom.fault("deliveryKey", said)
    if contract.duplicates != "keep" and not contract.key:
        said = f"duplicates is {contract.duplicates}, but no property has primaryKey: true"
        raise custom.fault("duplicates", said)


def _groups(custom: Custom, reading: Reading) -> set[str]:
    """The groups of the path.

    Raises:
        ContractError: it is no regular expression.
    """
    if reading.path is None:
        return set()
    try:
        return set(re.compile(reading.path).groupindex)
    except re.error as error:
        raise custom.fault("path", f"path is no regular expression: {error}") from error


def _identifier(document: Document, where: Path_, name: str) -> str:
    """A schema or domain name as tables carry it: lower case, underscores."""
    found = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
    if not found:
        raise document.fault(where, f"{name!r} has no letter from a to z; a table is named by it")
    return found


def _owner(model: OpenDataContractStandard) -> str | None:
    """Whoever of the team has the role of owner and has not left, else the team's name."""
    team = model.team if isinstance(model.team, Team) else Team(members=model.team)
    owners = [
        member.name or member.username
        for member in team.members or []
        if (member.role or "").lower() in ("owner", "data owner") and not member.dateOut
    ]
    return next((owner for owner in owners if owner), team.name)


def _partition(item: SchemaObject) -> tuple[str, ...]:
    parts = [p for p in item.properties or [] if p.partitioned and p.name]
    return tuple(p.name or "" for p in sorted(parts, key=lambda p: p.partitionKeyPosition or 0))
