"""Parquet: scanned by DuckDB where it lies, its rows numbered by the format itself."""

from __future__ import annotations

import glob
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet

from catalog.delivery import Chunk, DeliveryError
from data_contracts.types import literal
from orchestration.connectors.files.columns import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.files.content import Content

NUMBER = "file_row_number"


def read(content: Content, contract: Contract) -> Iterator[Chunk]:
    """The whole file as one relation.

    Raises:
        DeliveryError: the file is no Parquet, or is cut off.
    """
    with content.file() as file:
        try:
            with pa.parquet.ParquetFile(file) as parquet:
                rows = parquet.metadata.num_rows
                names = parquet.schema_arrow.names
        except (pa.ArrowException, OSError) as error:
            raise DeliveryError(f"is no readable Parquet: {str(error).splitlines()[0]}") from error
        named(contract, names, len(names))
        if NUMBER in map(str.lower, names):
            said = f"has a column {NUMBER}, DuckDB's name of a row's number; rename it"
            raise DeliveryError(said)
        scan = (
            f"select * exclude ({NUMBER}), {NUMBER} + 1 as _position "
            f"from read_parquet({literal(glob.escape(str(file)))}, {NUMBER} = true, "
            "hive_partitioning = false)"
        )
        yield Chunk(rows, scan=scan)
