"""MySQL and MariaDB by DuckDB's mysql_scanner: what it would change, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data_contracts.types import literal
from orchestration.connectors.databases.described import SourceColumn, SourceTable
from orchestration.connectors.databases.dialect import Dialect, checked, secret

if TYPE_CHECKING:
    from data_contracts.contract import Column
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.dialect import Ask

AS_IT_IS = {
    "tinyint", "smallint", "mediumint", "int", "bigint", "double", "char", "varchar", "tinytext",
    "text", "mediumtext", "longtext", "enum", "set", "year", "json", "tinyint unsigned",
    "smallint unsigned", "mediumint unsigned", "int unsigned", "bigint unsigned",
}  # fmt: skip
BYTES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"}
SHAPES = {"geometry", "point", "linestring", "polygon", "geometrycollection"}
DECIMAL = re.compile(r"decimal\((\d+),(\d+)\).*")
NAMES = """
select table_name from information_schema.tables
where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')
order by 1
"""
FOUND = """
select table_name, case when table_type = 'VIEW' then '' else table_comment end
from information_schema.tables
where table_schema = database() and table_name = {name}
"""
COLUMNS = """
select
    c.column_name, c.column_type, c.is_nullable, k.ordinal_position, c.column_comment,
    coalesce(c.collation_name like '%\\_bin', 0)
from information_schema.columns as c
left join information_schema.key_column_usage as k
    on c.table_schema = k.table_schema and c.table_name = k.table_name
    and c.column_name = k.column_name and k.constraint_name = 'PRIMARY'
where c.table_schema = database() and c.table_name = {name}
order by c.ordinal_position
"""
# MySQL says in another view which table a check is of.
CHECKS_OF_MARIADB = """
select check_clause from information_schema.check_constraints
where constraint_schema = database() and table_name = {name}
"""
CHECKS = """
select c.check_clause
from information_schema.check_constraints as c
inner join information_schema.table_constraints as t
    on c.constraint_schema = t.constraint_schema and c.constraint_name = t.constraint_name
where t.constraint_schema = database() and t.table_name = {name}
"""


class Mysql(Dialect):
    """MySQL and MariaDB."""

    extension = "mysql_scanner"
    sqlglot = "mysql"
    integers = frozenset(
        f"{size}int{unsigned}"
        for size in ("tiny", "small", "medium", "", "big")
        for unsigned in ("", " unsigned")
    )
    texts = frozenset({"char", "varchar"})
    ticks = "`"
    settings = (
        "set mysql_tinyint1_as_boolean = false",  # it may hold 2
        "set mysql_bit1_as_boolean = false",
        "set mysql_session_time_zone = '+00:00'",
        "set mysql_query_timeout_enabled = false",  # a large table takes its time
    )

    def attach(self, address: Address) -> list[str]:
        """Attach the database; further parameters of its URL are the scanner's."""
        parts = " ".join(f"{name}={value}" for name, value in address.options.items())
        said = "type mysql, secret source_secret, read_only"
        return [_secret(address), f"attach {literal(parts)} as source ({said})"]

    def relation(self, query: str) -> str:
        """What the server answers."""
        return f"mysql_query('source', {literal(query)})"

    def tables(self, ask: Ask) -> list[str]:
        """Tables of the database."""
        return [name for (name,) in checked(ask(NAMES))]

    def describe(self, ask: Ask, name: str) -> SourceTable | None:
        """A table or view."""
        found = list(checked(ask(FOUND.format(name=literal(name)))))
        if not found:
            return None
        [(named, comment), *_] = found
        columns = tuple(
            SourceColumn(
                column, type_, optional == "YES", int(key or 0) or None, about or None, by == "1"
            )
            for column, type_, optional, key, about, by in checked(
                ask(COLUMNS.format(name=literal(named)))
            )
        )
        is_mariadb = any("MariaDB" in version for (version,) in checked(ask("select version()")))
        query = CHECKS_OF_MARIADB if is_mariadb else CHECKS
        checks = tuple(check for (check,) in checked(ask(query.format(name=literal(named)))))
        return SourceTable(named, (named,), columns, comment or None, checks=checks)

    def value(
        self,
        column: SourceColumn,
        meant: Column | None,  # noqa: ARG002
        *,
        careful: bool = True,  # noqa: ARG002
    ) -> str:
        """The column where the scanner reads it whole, else a text of it."""
        name, kind = self.quoted(column.name), column.kind.replace(" zerofill", "")
        found = DECIMAL.fullmatch(column.type.lower())
        # The scanner takes a text that is compared byte by byte for bytes.
        if (kind in AS_IT_IS and not column.by_bytes) or (found and int(found[1]) <= 38):
            return name
        if kind in BYTES:
            return f"hex({name})"
        if kind in SHAPES or kind.startswith("multi"):
            return f"st_astext({name})"
        # A date too: DuckDB has none of month 0, and would take 0000-00-00 for null.
        return f"cast({name} as unsigned)" if kind == "bit" else f"cast({name} as char)"


def _secret(address: Address) -> str:
    # A host that is a path is the server's socket.
    said = secret("mysql", address, "database")
    return said.replace("host '/", "socket '/", 1) if address.host.startswith("/") else said
