"""Broken records as quarantine keeps them, to be read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from catalog.delivery import Broken, Chunk, Delivery
from orchestration.connectors.files.columns import int64
from orchestration.connectors.files.deliveries import groups_of, said_by
from orchestration.connectors.files.json import chunk_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.loads import Load
    from catalog.quarantine import Row
    from data_contracts.contract import Contract

OF_TEXTS = ("csv", "excel")


def delivery_of_broken(load: Load, rows: Sequence[Row], contract: Contract) -> Delivery:
    """A delivery of nothing but broken records of a load, each at its position.

    A record that could not even be cut into columns stays as it is: only its whole file can say
    what its columns are.

    Raises:
        DeliveryError: the load's path does not fit the contract's pattern.
    """
    said = said_by(groups_of(load.source, contract), contract)
    read = _texts if contract.reading.format in OF_TEXTS else _objects
    size = sum(len(row.payload) for row in rows)
    return Delivery(
        load.source, load.key, load.content_hash, size, lambda: read(rows, contract), **said
    )


def _objects(rows: Sequence[Row], contract: Contract) -> Iterator[Chunk]:
    positions = np.array([row.position for row in rows], dtype=np.int64)
    yield chunk_of(pa.array([row.payload for row in rows], pa.binary()), positions, contract)


def _texts(rows: Sequence[Row], _contract: Contract) -> Iterator[Chunk]:
    """Records of one header together; a file's are of one, but for what nobody named."""
    by_header: dict[tuple[str, ...], list[tuple[int, dict[str, str | None]]]] = {}
    uncut: list[Broken] = []
    for row in rows:
        record = _record(row.payload)
        if record is None:
            uncut.append(Broken(row.position, "; ".join(row.reasons), row.payload))
        else:
            by_header.setdefault(tuple(record), []).append((row.position, record))
    if uncut:
        yield Chunk(0, broken=tuple(uncut))
    for header, records in by_header.items():
        columns = [
            pa.array([record[name] for _, record in records], pa.string()) for name in header
        ]
        positions = int64(np.array([position for position, _ in records], dtype=np.int64))
        table = pa.Table.from_arrays([*columns, positions], names=[*header, "_position"])
        yield Chunk(len(table), table)


def _record(payload: bytes) -> dict[str, str | None] | None:
    try:
        record = json.loads(payload)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
