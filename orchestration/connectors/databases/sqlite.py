"""SQLite, where a column's type is advice: each value is read as what it is, to the last digit.

DuckDB's scanner of tables goes by the declared type: it fails where a value is of another one,
reads whole numbers in a NUMERIC column as floats, and cuts the time off a date. So values come as
texts that SQLite itself writes, which the gate reads as it reads all text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.types import literal, quoted
from orchestration.connectors.databases.described import SourceColumn, SourceTable
from orchestration.connectors.databases.dialect import Dialect, checked

if TYPE_CHECKING:
    from data_contracts.contract import Column
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.dialect import Ask
    from orchestration.connectors.databases.plan import Plan

# SQLite writes 15 digits of a float, and of 17 the last is wrong in one of 5,000, since it reckons
# with 64 bits. So it writes 20, which DuckDB reads as that float, to write its fewest digits.
REAL = "printf('%!.20g', {0})"
FINISHED = (
    "case when strlen({0}) > 17 and contains({0}, '.') "
    "then coalesce(try_cast({0} as double)::varchar, {0}) else {0} end"
)
# Applications keep decimals as blobs of digits; what is no plain text is shown as hex. GLOB itself
# looks no further than a zero byte.
BLOB = (
    "case when instr({0}, x'00') or cast({0} as text) glob '*[^ -~]*' then hex({0}) "
    "else cast({0} as text) end"
)
# A text may hold bytes that are none of UTF-8, which nothing in SQLite tells: with care every text
# comes as hex behind a mark of its own. Bytes that are no text stay hex, as those of a BLOB do.
MARKED = (
    "case typeof({0}) when 'text' then 't' || hex({0}) when 'real' then 'v' || {1} "
    "when 'blob' then 'v' || {2} else 'v' || {0} end"
)
UNMARKED = "case when {0}[1] = 't' then coalesce(try(decode(unhex({0}[2:]))), {0}[2:]) else {1} end"
WORD = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\bcheck\b|[()]""",
    re.IGNORECASE | re.DOTALL,
)


class Sqlite(Dialect):
    """SQLite by DuckDB's sqlite_scanner."""

    extension = "sqlite_scanner"
    sqlglot = "sqlite"
    settings = ("set session sqlite_all_varchar = true",)

    def attach(self, address: Address) -> list[str]:
        """Attach the file."""
        return [f"attach {literal(address.database)} as source (type sqlite, read_only)"]

    def relation(self, query: str) -> str:
        """What SQLite answers, every column a text."""
        return f"sqlite_query('source', {literal(query)})"

    def rows(self, plan: Plan) -> str:
        """A whole table by several threads, where its columns are texts as they are.

        Each thread reads another part of the numbers that SQLite gives rows, at a moment of its
        own; `stamp` tells whether somebody wrote meanwhile.
        """
        if not plan.plain:
            return super().rows(plan)
        listed = ", ".join(map(quoted, plan.plain))
        place = f"source.{quoted(plan.table)}"
        return f"select {plan.finish} from (select {listed}, rowid as _position from {place})"

    def is_unicode(self, ask: Ask) -> bool:  # noqa: ARG002
        """It takes any bytes for a text."""
        return False

    def stamp(self, address: Address) -> object:
        """When its files were last written to."""
        files = [Path(address.database + suffix) for suffix in ("", "-wal")]
        found = [file.stat() for file in files if file.exists()]
        return [(stat.st_mtime_ns, stat.st_size) for stat in found]

    def keeps_apart(self, column: SourceColumn, meant: Column) -> bool:
        """A number of the row is; another column may hold the text 1 and bytes that say so too."""
        is_number = column.type.upper() == "INTEGER" and column.key == 1
        return is_number and meant.logical_type in ("integer", "string")

    def tables(self, ask: Ask) -> list[str]:
        """Tables but SQLite's own."""
        named = r"type = 'table' and name not like 'sqlite\_%' escape '\'"
        return [
            name
            for (name,) in checked(ask(f"select name from sqlite_master where {named} order by 1"))
        ]

    def describe(self, ask: Ask, name: str) -> SourceTable | None:
        """A table by its columns, generated ones with them."""
        found = list(
            checked(
                ask(
                    "select name, coalesce(sql, '') from sqlite_master where type in "
                    f"('table', 'view') and name = {literal(name)} collate nocase"
                )
            )
        )
        if not found:
            return None
        [(name, created), *_] = found
        rows = ask(
            f'select name, type, "notnull", pk from pragma_table_xinfo({literal(name)}) '
            "where hidden <> 1 order by cid"
        )
        columns = tuple(
            SourceColumn(column, type_, required == "0" and pk == "0", int(pk) or None)
            for column, type_, required, pk in checked(rows)
        )
        is_plain = ask(
            f"select 1 from pragma_table_list({literal(name)}) "
            "where type = 'table' and wr = 0 and schema = 'main'"
        )
        return SourceTable(
            name, (name,), columns,
            plain=bool(is_plain) and all(c.name.lower() != "rowid" for c in columns),
            checks=tuple(checks_of(created)),
        )  # fmt: skip

    def value(self, column: SourceColumn, meant: Column | None, *, careful: bool = True) -> str:
        """A text with every digit; bytes of a BLOB column as hex.

        Where nothing speaks for bytes or a float with more than 15 digits, SQLite writes the text
        by itself, three times as fast; if there are bytes after all, that fails.
        """
        name, affinity = self.quoted(column.name), affinity_of(column.type)
        real = name if affinity == "text" else REAL.format(name)
        blob = f"hex({name})" if affinity == "blob" else BLOB.format(name)
        if careful:
            return MARKED.format(name, real, blob)
        if meant and (affinity == "text" or _is_plain(meant, affinity)):
            return name
        return (
            f"case typeof({name}) when 'real' then {real} when 'blob' then {blob} else {name} end"
        )

    def finished(self, column: SourceColumn, *, careful: bool = True) -> str | None:
        """A float by its fewest digits; a text has none, SQLite makes numbers of them."""
        name, is_bare = quoted(column.name), affinity_of(column.type) in ("text", "integer")
        if not careful:
            return None if is_bare else FINISHED.format(name)
        value = f"{name}[2:]"
        return UNMARKED.format(name, value if is_bare else FINISHED.format(value))

    def text(self, expression: str) -> str:
        """A watermark as text."""
        return f"cast({expression} as text)"

    def moment(self, text: str, column: SourceColumn) -> str:
        """A number as such: SQLite holds every text for more than any number."""
        is_number = re.fullmatch(r"-?\d+(\.\d+)?", text) and affinity_of(column.type) != "text"
        return text if is_number else literal(text)


def _is_plain(meant: Column, affinity: str) -> bool:
    """Whether 15 digits of a float are enough: a decimal has no more that count."""
    return affinity != "blob" and meant.type not in ("DOUBLE", "VARCHAR")


def affinity_of(declared: str) -> str:
    """What SQLite takes a declared type for (https://sqlite.org/datatype3.html, 3.1)."""
    said = declared.upper()
    for affinity, words in (
        ("integer", ("INT",)),
        ("text", ("CHAR", "CLOB", "TEXT")),
        ("blob", ("BLOB",)),
        ("real", ("REAL", "FLOA", "DOUB")),
    ):
        if any(word in said for word in words):
            return affinity
    return "numeric" if said else "blob"


def checks_of(created: str) -> list[str]:
    """The conditions of CHECK constraints in a CREATE TABLE."""
    found, depth, starts, awaits = [], 0, dict[int, int](), False
    for word in WORD.finditer(created):
        said = word[0]
        if said.lower() == "check":
            awaits = True
        elif said == "(":
            depth += 1
            if awaits:
                starts[depth], awaits = word.end(), False
        elif said == ")":
            if depth in starts:
                found.append(created[starts.pop(depth) : word.start()].strip())
            depth -= 1
    return found
