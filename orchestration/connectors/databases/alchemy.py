"""Any other database: by SQLAlchemy and its drivers, into Arrow batches of bounded size.

Rows go through Python here, since such drivers give them so; a column of a batch is made at once.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa

from catalog import extensions
from catalog.delivery import DeliveryError
from data_contracts.types import literal
from orchestration.connectors.databases.described import SourceColumn, SourceTable
from orchestration.connectors.databases.dialect import Dialect
from orchestration.connectors.databases.reach import CONFIG, SPOOL, Reach
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Column
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.dialect import Ask

ROWS = 10_000  # that are in Python at once


class AlchemyDialect(Dialect):
    """A database as SQLAlchemy inspects it; its SQL is the standard's."""

    extension = ""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        known = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql"}
        self.sqlglot = known.get(engine.dialect.name, engine.dialect.name)

    def attach(self, address: Address) -> list[str]:  # noqa: ARG002
        """There is nothing to attach to DuckDB."""
        return []

    def relation(self, query: str) -> str:
        """DuckDB cannot ask."""
        raise NotImplementedError(query)

    def tables(self, ask: Ask) -> list[str]:  # noqa: ARG002
        """Tables of the usual schema."""
        return sorted(sa.inspect(self._engine).get_table_names())

    def describe(self, ask: Ask, name: str) -> SourceTable | None:  # noqa: ARG002
        """A table or view; `schema.table` is one of another schema."""
        inspector = sa.inspect(self._engine)
        schema, _, bare = name.rpartition(".")
        for path in dict.fromkeys(((name,), (schema, bare) if schema else (name,))):
            of, table = (path[0], path[1]) if len(path) == 2 else (None, path[0])
            if inspector.has_table(table, schema=of):
                break
        else:
            return None
        key = inspector.get_pk_constraint(table, schema=of).get("constrained_columns") or []
        columns = tuple(
            SourceColumn(
                found["name"],
                found["type"].compile(self._engine.dialect).lower(),
                bool(found.get("nullable", True)),
                key.index(found["name"]) + 1 if found["name"] in key else None,
                found.get("comment"),
            )
            for found in inspector.get_columns(table, schema=of)
        )
        try:
            checks = inspector.get_check_constraints(table, schema=of)
            comment = inspector.get_table_comment(table, schema=of).get("text")
        except NotImplementedError:
            checks, comment = [], None
        told = tuple(check["sqltext"] for check in checks)
        return SourceTable(name, path, columns, comment, checks=told)

    def value(
        self,
        column: SourceColumn,
        meant: Column | None,  # noqa: ARG002
        *,
        careful: bool = True,  # noqa: ARG002
    ) -> str:
        """The column; Python's values have all digits."""
        return self.quoted(column.name)

    def text(self, expression: str) -> str:
        """Python writes it."""
        return expression

    def moment(self, text: str, column: SourceColumn) -> str:
        """A constant as the standard writes it, where the database asks for that."""
        is_time = column.kind.startswith(("timestamp", "date"))
        if text.lstrip("-").replace(".", "", 1).isdigit():
            return text
        prefix = "timestamp " if is_time and self._engine.dialect.name == "oracle" else ""
        return f"{prefix}{literal(text)}"

    def quoted(self, name: str) -> str:
        """A name, always quoted."""
        preparer = self._engine.dialect.identifier_preparer
        return str(preparer.quote_identifier(name))


class AlchemyReach(Reach):
    """A database that SQLAlchemy is connected to."""

    def __init__(self, address: Address, connection: DuckDBPyConnection | None = None) -> None:
        """Connect.

        Raises:
            UnreachableError: nothing answers there, or it lets nobody in.
            InputError: SQLAlchemy or its driver does not know such a URL.
        """
        self.address = address
        self._session: sa.Connection | None = None
        try:
            url = sa.make_url(address.url)
            if address.password and not url.password:
                url = url.set(password=address.password)
            self._engine = sa.create_engine(url, hide_parameters=True)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
            raise InputError(f"{address.shown}: {address.clean(str(error))}") from None
        except ImportError as error:
            raise InputError(f"{address.shown}: its driver is missing: {error}") from None
        self.dialect = AlchemyDialect(self._engine)
        try:
            with self._engine.connect():
                pass
        except sa.exc.SQLAlchemyError as error:
            raise self._gone(error) from None
        self._lent = connection is not None
        self.connection = connection or extensions.connect((), CONFIG)

    def ask(self, query: str) -> Sequence[tuple[str | None, ...]]:
        """The rows of a query, as texts."""
        assert self._session is not None
        rows = self._session.execute(sa.text(_bare(query)))
        return [tuple(None if value is None else _text(value) for value in row) for row in rows]

    def take(self, table: str, query: str, finish: str = "*") -> None:  # noqa: ARG002
        """The rows of a query, batch by batch, into a table of DuckDB."""
        assert self._session is not None
        streamed = self._session.execution_options(stream_results=True, yield_per=ROWS)
        result = streamed.execute(sa.text(_bare(query)))
        names = list(result.keys())
        made = False
        for rows in result.partitions(ROWS):
            batch = _batch(names, [tuple(row) for row in rows])
            self._append(table, batch, made=made)
            made = True
        if not made:
            listed = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" varchar' for name in names)
            self.connection.execute(f"create or replace table {SPOOL}.{table} ({listed})")

    def _append(self, table: str, batch: pa.Table, *, made: bool) -> None:
        self.connection.register("batch", batch)
        if made:
            self.connection.execute(f"insert into {SPOOL}.{table} by name from batch")
        else:
            self.connection.execute(f"create or replace table {SPOOL}.{table} as from batch")
        self.connection.unregister("batch")

    @contextmanager
    def transaction(self, table: str) -> Iterator[DuckDBPyConnection]:
        """All that is read in it is of one transaction."""
        try:
            with self._engine.connect() as self._session:
                yield self.connection
        except sa.exc.SQLAlchemyError as error:
            if not self._answers():
                raise self._gone(error) from None
            raise DeliveryError(f"{table}: cannot be read: {self.said(error)}") from None
        finally:
            self._session = None

    def said(self, error: Exception) -> str:
        """What the driver says, without SQLAlchemy's own lines."""
        cause = getattr(error, "orig", None) or error
        return self.address.clean(str(cause))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()
        if not self._lent:
            self.connection.close()

    def _answers(self) -> bool:
        try:
            with self._engine.connect():
                return True
        except sa.exc.SQLAlchemyError:
            return False


def _bare(query: str) -> str:
    r"""A query for `sqlalchemy.text`, to which ``:name`` is a parameter."""
    return query.replace("\\", "\\\\").replace(":", "\\:")


def _batch(names: list[str], rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        {name: _array(list(values)) for name, values in zip(names, columns, strict=True)}
    )


def _array(values: list[Any]) -> pa.Array:
    """A column as text, which every batch has alike, whatever its values are."""
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    """A value as text with all its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_text)
    return value.isoformat() if isinstance(value, date | time) else str(value)
