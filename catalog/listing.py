"""What there is to query: the lake's tables and their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.allowed import SCHEMAS
from catalog.clock import Clock
from catalog.limits import Limits

if TYPE_CHECKING:
    from catalog.session import Session

QUERY = f"""
    select schema_name || '.' || table_name, column_name, data_type
    from duckdb_columns()
    where database_name = 'lake' and schema_name in {SCHEMAS}
    order by schema_name, table_name, column_index
"""


def listing(session: Session) -> dict[str, dict[str, str]]:
    """Types by column by ``schema.table``, of tables and views."""
    clock = Clock(Limits.of(session.lake.settings), session.worker, session.interrupt)
    found: dict[str, dict[str, str]] = {}
    rows = session.work(clock, lambda: session.connection.execute(QUERY).fetchall())
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found
