"""One pass over a query's rows, in a transaction of its own and within its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from catalog.clock import Clock
from catalog.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sized

    from duckdb import DuckDBPyRelation

    from catalog.limits import Limits
    from catalog.session import Session

SNAPSHOT = "select id from ducklake_current_snapshot('lake')"
T = TypeVar("T")
P = TypeVar("P", bound="Sized")


class Reading:
    """A query that is bound to a snapshot.

    Attributes:
        relation: its rows, by columns of different names.
        snapshot: number of the lake's snapshot; None of a query without tables.
    """

    def __init__(self, session: Session, sql: str, limits: Limits, *, on_tables: bool) -> None:
        """Bind a query that has been checked; it ends whatever the session was reading."""
        self._session = session
        self._limits = limits
        self._clock = Clock(limits, session.interrupt)
        self.snapshot: int | None = None
        self.relation = self.work(lambda: self._bound(sql, on_tables), starts=True)

    @property
    def is_open(self) -> bool:
        """Whether the session reads this and nothing else since."""
        return self._session.reading is self

    def pieces(self, take: Callable[[], P], full: int = 1) -> Iterator[P]:
        """Pieces of rows up to one of fewer than `full` rows; the transaction ends with them."""
        rows, size = 0, full
        try:
            while size >= full:
                piece = self.work(take)
                size = len(piece)
                rows += size
                self._limits.check_rows(rows)
                if size:
                    yield piece
        finally:
            self.close()

    def close(self) -> None:
        """End the transaction."""
        self._session.end(self)

    def work(self, piece: Callable[[], T], *, starts: bool = False) -> T:
        """Do a piece of the query's work.

        Raises:
            LakeError: it failed or went past its time, or the session has read something else.
        """
        if not (starts or self.is_open):
            raise LakeError("another query was asked before all rows of this one were read")
        try:
            return self._session.work(self._clock, piece)
        except BaseException:
            self.close()
            raise

    def _bound(self, sql: str, on_tables: bool) -> DuckDBPyRelation:
        connection = self._session.begin(self)
        relation = connection.sql(sql)
        if on_tables:
            found = connection.execute(SNAPSHOT).fetchone()
            self.snapshot = int(found[0]) if found else None
        if len({name.lower() for name in relation.columns}) < len(relation.columns):
            return relation.project("*")  # numbers repeated names: a, a_1
        return relation
