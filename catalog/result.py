"""A query's rows, as Arrow, data frames, CSV or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog import csv_text, json_text
from catalog.errors import QueryRefusedError
from catalog.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas
    import polars
    import pyarrow
    from duckdb import DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

    from catalog.guard import Reach
    from catalog.limits import Limits
    from catalog.session import Session

ROWS = 10_000  # of a piece of text
BATCH = 100_000  # rows of an Arrow batch


class Result:
    """A query's rows, read when they are asked for, and again each time.

    Attributes:
        tables: that the query names, as ``schema.table``.
    """

    def __init__(self, session: Session, sql: str, reach: Reach, limits: Limits) -> None:
        self.tables = reach.tables
        self._reach = reach
        self._session = session
        self._sql = sql
        self._limits = limits
        self._reading = self._start()
        self._is_new = True

    @property
    def snapshot(self) -> int | None:
        """Number of the snapshot that was read; None of a query without tables."""
        return self._reading.snapshot

    @property
    def columns(self) -> list[str]:
        """Names; a repeated one is numbered as DuckDB does: a, a_1."""
        return self._reading.relation.columns

    @property
    def types(self) -> list[DuckDBPyType]:
        """DuckDB's types of the columns."""
        return self._reading.relation.types

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows, as Python's values."""
        reading = self._take()
        return [row for rows in _rows(reading, reading.relation) for row in rows]

    def preview(self, rows: int) -> tuple[list[tuple[str | None, ...]], int | None]:
        """The first rows as text, and how many there are in all: None where counting takes long."""
        reading = self._take()
        places = ", ".join(f"#{place}::varchar" for place in range(1, len(self.columns) + 1))
        texts = reading.relation.project(places)
        first = reading.work(lambda: texts.fetchmany(rows + 1))
        total: int | None = len(first)
        if len(first) > rows:
            count = reading.relation.aggregate("count(*)")
            try:
                [(total,)] = reading.work(count.fetchall)
            except QueryRefusedError:
                total = None
        reading.close()
        return first[:rows], total

    def csv(self) -> Iterator[str]:
        """Pieces of CSV with a header, as DuckDB's COPY writes it."""
        reading = self._take()
        yield f"{csv_text.header(self.columns)}\n"
        for rows in _rows(reading, reading.relation.project(csv_text.row(self.types))):
            yield "".join(f"{line}\n" for (line,) in rows)

    def json(self) -> Iterator[str]:
        """Pieces of a JSON array of objects, one on a line."""
        reading = self._take()
        before = "["
        lines = reading.relation.project(json_text.row(self.columns, self.types))
        for rows in _rows(reading, lines):
            yield before + ",\n".join(line for (line,) in rows)
            before = ",\n"
        yield "[]\n" if before == "[" else "]\n"

    def batches(self) -> pyarrow.RecordBatchReader:
        """A stream of Arrow batches, one of them in memory at a time."""
        import pyarrow

        reading = self._take()
        reader = reading.work(lambda: reading.relation.to_arrow_reader(BATCH))
        pieces = reading.pieces(lambda: next(reader, ()))
        return pyarrow.RecordBatchReader.from_batches(reader.schema, pieces)

    def arrow(self) -> pyarrow.Table:
        """All rows, as an Arrow table."""
        return self.batches().read_all()

    def polars(self) -> polars.DataFrame:
        """All rows, as a polars data frame."""
        import polars

        return polars.DataFrame(self.arrow())

    def pandas(self) -> pandas.DataFrame:
        """All rows, as a pandas data frame of Arrow's types, which lose no digit and no null."""
        import pandas

        frame: pandas.DataFrame = self.arrow().to_pandas(types_mapper=pandas.ArrowDtype)
        return frame

    def _start(self) -> Reading:
        return Reading(self._session, self._sql, self._limits, self._reach)

    def _take(self) -> Reading:
        """A reading for one pass over the rows: the one that bound the query, or another."""
        if not (self._is_new and self._reading.is_open):
            self._reading = self._start()
        self._is_new = False
        return self._reading


def _rows(reading: Reading, relation: DuckDBPyRelation) -> Iterator[list[tuple[Any, ...]]]:
    return reading.pieces(lambda: relation.fetchmany(ROWS), ROWS)
