"""PostgreSQL by DuckDB's postgres_scanner: what it would read as a float or not at all, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data_contracts.types import literal, quoted
from orchestration.connectors.databases.described import SourceColumn, SourceTable
from orchestration.connectors.databases.dialect import Dialect, checked, secret

if TYPE_CHECKING:
    from data_contracts.contract import Column
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.dialect import Ask
    from orchestration.connectors.databases.plan import Plan

AS_IT_IS = {
    "smallint", "integer", "bigint", "boolean", "text", "character varying", "character", "date",
    "timestamp without time zone", "timestamp with time zone", "double precision", "uuid",
}  # fmt: skip
DECIMAL = re.compile(r"numeric\((\d+),(-?\d+)\)")
OTHER = {  # what says all of a value; of a decimal its text, since of NaN the scanner makes 0
    "bytea": "encode({}, 'hex')",
    "money": "({}::numeric)::text",
    "real": "({}::text)::float8",  # the digits that PostgreSQL shows: 0.1, and not 0.10000000149
    "oid": "{}::bigint",
}
NAMES = """
select
    case when n.nspname = current_schema() then c.relname else n.nspname || '.' || c.relname end
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p') and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname not like 'pg\\_%' and has_table_privilege(c.oid, 'select')
order by 1
"""
FOUND = """
select
    c.oid::text, n.nspname::text, c.relname::text,
    case when n.nspname = current_schema() then c.relname else n.nspname || '.' || c.relname end,
    obj_description(c.oid, 'pg_class'),
    (c.relkind = 'r' and exists (select 1 from pg_inherits where inhparent = c.oid))::text as heirs,
    (c.relkind = 'r' and not exists (
        select 1 from pg_attribute as a inner join pg_type as t on a.atttypid = t.oid
        where a.attrelid = c.oid and t.typtype = 'd'
    ))::text as plain
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p', 'v', 'm', 'f')
    and (
        (n.nspname = current_schema() and c.relname = {name})
        or n.nspname || '.' || c.relname = {name}
    )
"""
COLUMNS = """
select
    a.attname::text,
    format_type(
        case when t.typtype = 'd' then t.typbasetype else a.atttypid end,
        case when t.typtype = 'd' then t.typtypmod else a.atttypmod end
    ),
    (not (a.attnotnull or t.typnotnull))::text,
    array_position(i.indkey::int2[], a.attnum)::text,
    col_description(a.attrelid, a.attnum)
from pg_attribute as a
inner join pg_type as t on a.atttypid = t.oid
left join pg_index as i on a.attrelid = i.indrelid and i.indisprimary
where a.attrelid = {oid} and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
CHECKS = """
select pg_get_expr(conbin, conrelid) from pg_constraint where conrelid = {} and contype = 'c'
"""


class Postgres(Dialect):
    """PostgreSQL, and what speaks its protocol."""

    extension = "postgres_scanner"
    sqlglot = "postgres"
    integers = frozenset({"smallint", "integer", "bigint"})
    texts = frozenset({"text", "character varying", "character", "uuid"})

    def attach(self, address: Address) -> list[str]:
        """Attach the database; further parameters of its URL are libpq's."""
        parts = " ".join(
            "{}='{}'".format(name, re.sub(r"(['\\])", r"\\\1", value))
            for name, value in address.options.items()
        )
        attached = f"attach {literal(parts)} as source (type postgres, secret source_secret"
        return [secret("postgres", address, "dbname"), f"{attached}, read_only)"]

    def relation(self, query: str) -> str:
        """What PostgreSQL answers."""
        return f"postgres_query('source', {literal(query)})"

    def rows(self, plan: Plan) -> str:
        """A whole table by several threads, in one snapshot, where its key can number its rows."""
        if not (plan.plain and plan.number):
            return super().rows(plan)
        listed = ", ".join(map(quoted, plan.plain))
        number = f"{quoted(plan.number)}::bigint as _position"
        return f"select {listed}, {number} from source.{'.'.join(map(quoted, plan.path))}"

    def is_plain(self, column: SourceColumn, value: str) -> bool:
        """A decimal is too, where there is no NaN."""
        return super().is_plain(column, value) or is_decimal(column)

    def is_unicode(self, ask: Ask) -> bool:
        """A server converts what it knows the encoding of."""
        return ask("select current_setting('server_encoding')") != [("SQL_ASCII",)]

    def is_safe(self, plan: Plan, ask: Ask) -> bool:
        """Of NaN the scanner makes 0."""
        if not plan.doubtful:
            return True
        listed = ", ".join(map(self.quoted, plan.doubtful))
        place = ".".join(map(self.quoted, plan.path))
        return not ask(f"select 1 from {place} where 'NaN' in ({listed}) limit 1")

    def tables(self, ask: Ask) -> list[str]:
        """Tables that may be read; of partitioned ones the whole."""
        return [name for (name,) in checked(ask(NAMES))]

    def describe(self, ask: Ask, name: str) -> SourceTable | None:
        """A table, view or foreign table."""
        found = list(checked(ask(FOUND.format(name=literal(name)))))
        if not found:
            return None
        oid, schema, table, named, comment, heirs, plain = found[0]
        columns = tuple(
            # indkey counts from 0, and array_position keeps to that.
            SourceColumn(column, type_, optional == "true", _place(key), about or None)
            for column, type_, optional, key, about in checked(ask(COLUMNS.format(oid=oid)))
        )
        checks = tuple(check for (check,) in checked(ask(CHECKS.format(oid))))
        return SourceTable(
            named, (schema, table), columns, comment or None,
            heirs == "true", plain == "true" and heirs != "true", checks,
        )  # fmt: skip

    def value(
        self,
        column: SourceColumn,
        meant: Column | None,  # noqa: ARG002
        *,
        careful: bool = True,  # noqa: ARG002
    ) -> str:
        """The column where the scanner reads it whole, else a text of it."""
        name, kind = self.quoted(column.name), column.kind
        if kind in AS_IT_IS:
            return name
        if column.type.endswith("[]"):
            return f"array_to_json({name})::text"
        return OTHER.get(kind, "{}::text").format(name)

    def text(self, expression: str) -> str:
        """A watermark as text, of a time with its zone."""
        return f"({expression})::text"

    def moment(self, text: str, column: SourceColumn) -> str:
        """A constant of the column's type."""
        return f"{literal(text)}::{column.type}"


def is_decimal(column: SourceColumn) -> bool:
    """Whether DuckDB has a decimal type for a column, with all its digits."""
    found = DECIMAL.fullmatch(column.type.lower())
    return found is not None and 0 <= int(found[2]) <= int(found[1]) <= 38


def _place(key: str) -> int | None:
    return int(key) + 1 if key else None
