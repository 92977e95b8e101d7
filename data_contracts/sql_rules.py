"""Quality rules that are SQL: what they run as, and whether DuckDB can run them at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from data_contracts.types import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract, Rule

PLACEHOLDER = re.compile(r"\$?\{(\w+)\}")
LINEAGE = {  # columns of every table of the lake
    "_source": "VARCHAR",
    "_position": "BIGINT",
    "_batch": "BIGINT",
    "_op": "VARCHAR",
    "_origin": "VARCHAR",
    "_rescued": "JSON",
}


def query_of(contract: Contract, rule: Rule) -> str:
    """The rule's SQL, the standard's ``{object}`` and ``{property}`` replaced by their names."""
    names = dict.fromkeys(("object", "table", "model", "schema"), contract.name)
    if rule.column:
        names |= dict.fromkeys(("property", "column", "field"), rule.column)
    return PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), rule.query or "")


def sql_refusal(connection: DuckDBPyConnection, contract: Contract, rule: Rule) -> str | None:
    """Why a load could not run the rule, None where it can: tried over no rows."""
    query = query_of(contract, rule)
    types = {column.name: column.type for column in contract.columns} | LINEAGE
    listed = ", ".join(f"{quoted(name)} {type_}" for name, type_ in types.items())
    try:
        connection.execute(f"create or replace temp table {quoted(contract.name)} ({listed})")
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            return "it is not one SELECT"
        connection.execute(f"select * from ({query.rstrip().rstrip(';')})")
    except duckdb.Error as error:
        words = (str(error).splitlines() or [""])[0]
        return words.partition(" Error: ")[2] or words
    return None
