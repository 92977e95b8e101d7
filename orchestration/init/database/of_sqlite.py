"""Types of SQLite's columns: what is declared, where every value there agrees with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.connectors.databases.postgres import DECIMAL
from orchestration.connectors.databases.sqlite import affinity_of
from orchestration.init.database.meant import BYTES, Meant, decimal, decimal_by_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.connectors.databases.described import SourceColumn, SourceTable
    from orchestration.connectors.databases.reach import Reach

DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
CLOCK = "[0-9][0-9]:[0-9][0-9]*"
# The fewest digits of a float, as near as SQLite tells.
SHORTEST = (
    "case when cast(cast({0} as text) as real) = {0} then cast({0} as text) "
    "else printf('%!.17g', {0}) end"
)
DIGITS = 15  # that a float has for sure
# What the values of a column are. A text or blob of digits counts as a number: so applications keep
# decimals that SQLite has none of.
FACTS = f"""
count({{0}}),
coalesce(sum(typeof({{0}}) = 'integer'), 0),
coalesce(sum(typeof({{0}}) = 'real'), 0),
coalesce(sum(typeof({{0}}) = 'text'), 0),
coalesce(sum(typeof({{0}}) in ('text', 'blob') and cast({{0}} as text) glob '*[0-9]*'
    and cast({{0}} as text) not glob '*[^0-9.-]*'), 0),
coalesce(sum(typeof({{0}}) = 'text' and {{0}} glob '{DATE}'), 0),
coalesce(sum(typeof({{0}}) = 'text' and {{0}} glob '{DATE}[ T]{CLOCK}'), 0),
coalesce(sum({{0}} in (0, 1)), 0),
coalesce(max(case when typeof({{0}}) in ('integer', 'real')
    then length(ltrim(cast(cast({{0}} as integer) as text), '-'))
    else instr(cast({{0}} as text) || '.', '.') - 1 end), 0),
coalesce(max(case typeof({{0}}) when 'integer' then 0 else
    case when {{1}} like '%.0' then 0 else length({{1}}) - instr({{1}} || '.', '.') end end), 0),
coalesce(sum({{1}} like '%e%' or {{1}} like '%inf%'), 0)
"""
TIMES = ("date", "time")
NAMED_TIME = ("_at", "_on", "_date", "_time", "_timestamp", "date", "time", "timestamp", "datetime")


@dataclass(frozen=True, slots=True)
class Facts:
    """How many values of a column are what.

    Attributes:
        numbers: texts and blobs of digits.
        whole: most digits before the point.
        scale: and after it.
        powers: floats that are written with an exponent, or are infinite.
    """

    values: int
    integers: int
    reals: int
    texts: int
    numbers: int
    dates: int
    moments: int
    flags: int
    whole: int
    scale: int
    powers: int


def facts_of(reach: Reach, table: SourceTable) -> list[Facts]:
    """The facts of each column, in one pass over all rows.

    Raises:
        duckdb.Error: the table cannot be read.
    """
    quoted = [reach.dialect.quoted(column.name) for column in table.columns]
    listed = ", ".join(FACTS.format(n, _written(n)) for n in quoted)
    [row] = reach.ask(f"select {listed} from {reach.dialect.place(table)}")
    count = len(Facts.__dataclass_fields__)
    numbers = [int(value or 0) for value in row]
    return [Facts(*numbers[at : at + count]) for at in range(0, len(numbers), count)]


def _written(name: str) -> str:
    """SQLite's SQL of a number with all its digits, of other values as they are."""
    real = SHORTEST.format(name)
    return f"(case typeof({name}) when 'real' then {real} else cast({name} as text) end)"


def types_of(reach: Reach, table: SourceTable) -> Sequence[Meant]:
    """The types of a table's columns.

    Raises:
        duckdb.Error: the table cannot be read.
    """
    return [
        _type(column, facts)
        for column, facts in zip(table.columns, facts_of(reach, table), strict=True)
    ]


def _type(column: SourceColumn, facts: Facts) -> Meant:
    declared, affinity = column.type.lower(), affinity_of(column.type)
    n = facts.values
    if affinity == "blob" and declared:
        return BYTES
    if "bool" in declared and facts.flags == n:
        return Meant("boolean")
    if affinity == "numeric" and any(word in declared for word in TIMES):
        return _moment(declared, facts)
    if affinity == "text":
        named = column.name.lower().endswith(NAMED_TIME)
        if named and n and facts.dates + facts.moments == n:
            return _moment("datetime" if facts.moments else "date", facts)
        return Meant("string")
    if affinity == "integer" and facts.integers == n:
        return Meant("integer")
    if affinity == "real" and facts.reals + facts.integers == n:
        return Meant("number")
    found = _by_values(column, facts)
    if affinity in ("integer", "real") and n:
        said = f"declared {column.type}, and holds other values too"
        return Meant(found.logical, found.physical, remark=said)
    return found


def _moment(declared: str, facts: Facts) -> Meant:
    n = facts.values
    if facts.dates == n:
        return Meant("date" if declared == "date" else "timestamp")
    if facts.dates + facts.moments == n:
        return Meant("timestamp")
    if facts.integers == n:
        return Meant("integer", remark=f"declared {declared}, kept as a number")
    if facts.integers + facts.reals == n:
        return Meant("number", remark=f"declared {declared}, kept as a number")
    return Meant("string", remark=f"declared {declared}, and not every value is one")


def _by_values(column: SourceColumn, facts: Facts) -> Meant:
    """Of a column that may hold any number: a decimal, where its values are such."""
    n = facts.values
    if facts.integers + facts.reals + facts.numbers < n:
        kinds = "text" if facts.texts else "bytes"
        return Meant("string", remark=f"declared {column.type or 'as nothing'}, and holds {kinds}")
    if not column.type and facts.integers == n and n:
        return Meant("integer")
    if said := DECIMAL.fullmatch(_numeric(column.type)):
        precision, scale = int(said[1]), int(said[2] or 0)
        if facts.scale <= scale and facts.whole <= precision - scale and not facts.powers:
            return decimal(precision, scale)
    if facts.powers or (facts.reals and facts.whole + facts.scale > DIGITS):
        return Meant("number", remark="binary floats, which have no fixed number of digits")
    return decimal_by_values(facts.whole, facts.scale)


def _numeric(declared: str) -> str:
    """``DECIMAL(10, 2)`` as PostgreSQL writes it; SQLite takes any spelling."""
    bare = declared.lower().replace(" ", "")
    _, bracket, digits = bare.partition("(")
    digits = digits if "," in digits else digits.replace(")", ",0)")
    return f"numeric{bracket}{digits}"
