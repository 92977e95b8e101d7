"""One input as a delivery: its name, its key, its hash and how its records are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catalog.delivery import Chunk, Delivery, DeliveryError
from orchestration.connectors.files import csv, excel, json, parquet
from orchestration.connectors.files.content import Content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from data_contracts.contract import Contract
    from orchestration.connectors.files.discover import Input


def delivery_of(source: Input, contract: Contract, raw: Path) -> Delivery:
    """Name the delivery of an input; its bytes are read once through.

    Args:
        source: the file or member.
        contract: what its rows are held to.
        raw: folder of the deliveries' own bytes.

    Raises:
        DeliveryError: the input cannot be read, or its path does not fit the contract's pattern.
    """
    groups = _groups(source, contract)
    reading = contract.reading
    quote = reading.quote.encode() if reading.format == "csv" else b""
    content = Content(source, count=quote)
    name = source.name
    if reading.format == "excel":
        sheet = excel.sheet_of(content, contract)
        name = f"{name}#{sheet}"
        read: Callable[[], Iterator[Chunk]] = lambda: excel.read(content, contract, sheet)  # noqa: E731
    else:
        reader = READERS[reading.format]
        read = lambda: reader(content, contract)  # noqa: E731
    key = "/".join(groups[group] for group in contract.delivery_key) or name
    return Delivery(
        source=name,
        key=key,
        content_hash=content.hash,
        size=content.size,
        read=read,
        groups={c.group: groups[c.group] for c in contract.columns if c.group is not None},
        keep=(lambda: content.keep(raw)) if contract.keep_raw else None,
    )


READERS = {
    "csv": csv.read,
    "json": json.read_array,
    "ndjson": json.read_lines,
    "parquet": parquet.read,
}


def _groups(source: Input, contract: Contract) -> dict[str, str]:
    if contract.reading.path is None:
        return {}
    found = re.search(contract.reading.path, source.name)
    if found is None:
        raise DeliveryError(f"its path does not fit the contract's pattern {contract.reading.path}")
    missing = [name for name, value in found.groupdict().items() if value is None]
    needed = {*contract.delivery_key, *(c.group for c in contract.columns if c.group)}
    if lost := sorted(needed.intersection(missing)):
        raise DeliveryError(f"its path has nothing for the group {', '.join(lost)}")
    return {name: value for name, value in found.groupdict().items() if value is not None}
