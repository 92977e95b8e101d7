"""Records beyond the sample, held against the draft: what changes later in a file is told."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from catalog.delivery import DeliveryError
from catalog.settings import load
from data_contracts.errors import SourceError
from data_contracts.gate import compile_gate
from data_contracts.odcs import read
from data_contracts.types import literal, quoted
from orchestration.connectors.files.deliveries import delivery_of
from orchestration.connectors.files.discover import Input
from orchestration.connectors.files.json import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from catalog.delivery import Chunk, Delivery
    from data_contracts.contract import Contract
    from orchestration.init.files import SourceFile

LARGEST = 64 << 20  # bytes of all files: some seconds


def broken_by(text: str, files: Sequence[SourceFile]) -> list[str] | None:
    """What breaks the contract of this text in the whole of files, a line a column.

    None where the files are too large to be read whole, or one cannot be.
    """
    if sum(file.path.stat().st_size for file in {f.path: f for f in files}.values()) > LARGEST:
        return None
    with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder:
        path = Path(folder) / "draft.odcs.yaml"
        path.write_text(text, encoding="utf-8")
        (contract,) = read(path)
    count, examples = Counter[str](), dict[str, str]()
    try:
        with duckdb.connect(config={**ONE_THREAD, "memory_limit": load().memory}) as connection:
            connection.execute("set timezone = 'UTC'")
            for file in files:
                delivery = delivery_of(Input(file.path, file.member, file.url), contract)
                for chunk in delivery.read():
                    for reason in _reasons(connection, contract, delivery, chunk):
                        column = reason.partition(": ")[0]
                        count[column] += 1
                        examples.setdefault(column, reason)
    except (DeliveryError, SourceError, duckdb.Error):
        return None
    return [f"{examples[column]} ({n:,} such records)" for column, n in count.items()]


def _reasons(
    connection: DuckDBPyConnection, contract: Contract, delivery: Delivery, chunk: Chunk
) -> list[str]:
    if chunk.table is not None:
        connection.register("chunk", chunk.table)
    groups = [f"{literal(v)} as {quoted(f'{{{g}}}')}" for g, v in delivery.groups.items()]
    named = ", ".join([chunk.columns or "*", *groups])
    relation = f"(select {named} from ({chunk.scan or f'from {chunk.over}'}))"
    described = connection.execute(f"describe from {relation}").fetchall()
    gate = compile_gate(contract, {row[0]: row[1] for row in described if row[0] != "_position"})
    found = connection.execute(
        f"select unnest({gate.reasons}) from {gate.over(relation)} where not ({gate.ok})"
    ).fetchall()
    return [reason for (reason,) in found]
