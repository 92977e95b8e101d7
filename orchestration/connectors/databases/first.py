"""A table that is read for the first time: its rows go through the gate on their way.

Nothing of it is known that they could be compared with, so no table in between counts and hashes
them, which took half of the time and memory of the size of the table. Where that fails, whatever
the reason, they are taken into such a table after all, which tells why or knows how.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.delivery import Chunk, DeliveryError
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Asked
    from orchestration.connectors.databases.plan import Plan
    from orchestration.connectors.databases.reach import Reach

    Read = Callable[[], Iterator[Chunk]]

UNREAD = "cannot be read: "


def is_first(contract: Contract, asked: Asked) -> bool:
    """Whether a table with a watermark is read whole, and from now on above it.

    One without is read whole each time, and that it is as it was is known by its hash alone.
    """
    is_bounded = asked.since is not None or asked.until is not None
    return bool(contract.syncing.watermark) and not asked.last and not is_bounded


class First:
    """The rows of a table, from its database into the gate."""

    def __init__(self, reach: Reach, plan: Plan, take: Callable[[], Read]) -> None:
        """Rows to be read.

        Args:
            reach: their database.
            plan: how they are asked for.
            take: has them in a table of DuckDB; what reads that.
        """
        self._reach = reach
        self._plan = plan
        self._take = take
        self._taken: Read | None = None

    def read(self) -> Iterator[Chunk]:
        """The rows where they are.

        Raises:
            DeliveryError: they were written to while several threads read them.
        """
        if self._taken is not None:
            yield from self._taken()
            return
        dialect, address = self._reach.dialect, self._reach.address
        stamp, plan = dialect.stamp(address), self._plan
        if plan.plain and not dialect.is_safe(plan, self._reach.ask):
            plan = replace(plan, plain=())
        rows = dialect.rows(plan)
        if not dialect.is_unicode(self._reach.ask):
            rows = self._checked(rows)
        yield Chunk(None, scan=rows)
        if dialect.stamp(address) != stamp:
            raise DeliveryError(f"{UNREAD}somebody wrote to it meanwhile")

    def _checked(self, rows: str) -> str:
        """SQL of rows whose texts are Unicode; a scanner hands on whatever bytes there are."""
        described = self._reach.connection.execute(f"describe {rows}").fetchall()
        texts = [quoted(name) for name, type_, *_ in described if type_ == "VARCHAR"]
        listed = ", ".join(f"decode(encode({name})) as {name}" for name in texts)
        return f"select * replace ({listed}) from ({rows})" if listed else rows

    def reread(self, why: str) -> str | None:
        """Have them in a table where they cannot be read on their way; None where they are now.

        Raises:
            DeliveryError: that cannot be.
            UnreachableError: the database is gone.
        """
        if self._taken is not None or not why.startswith(UNREAD):
            return why
        self._taken = self._take()
        return None
