"""One function checks and runs a query; command line, API and endpoint share it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from catalog import guard
from catalog.limits import Limits
from catalog.result import Result
from catalog.session import Session

if TYPE_CHECKING:
    from catalog.lake import Lake

LOG = logging.getLogger(__name__)


def run(
    on: Lake | Session,
    sql: str,
    *,
    identity: str | None = None,
    at: int | str | None = None,
    limits: Limits | None = None,
) -> Result:
    """Check a query and run it on a connection that can do nothing else.

    Args:
        on: a lake, or a session, which has its identity and snapshot.
        sql: one SELECT on the lake's tables.
        identity: who asks.
        at: snapshot or time to read; what is newest where None.
        limits: time and rows; the settings' where None.

    Raises:
        QueryRefusedError: the query is not allowed, is wrong, or went past a limit.
        LakeError: the lake cannot answer.
    """
    reach = guard.check(sql)
    if isinstance(on, Session):
        if not (identity is None and at is None):
            raise ValueError("a session has its identity and its snapshot")
    else:
        on = Session(on, at=at, identity=identity)
    LOG.info("%s reads %s: %s", on.identity or "somebody", sorted(reach.tables), sql)
    return Result(on, sql, reach, limits or Limits.of(on.lake.settings))
