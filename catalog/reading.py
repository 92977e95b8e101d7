"""One pass over a query's rows, in a transaction of its own and within its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from catalog.clock import Clock
from catalog.errors import InterruptedQueryError, LakeError
from catalog.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sized

    from duckdb import DuckDBPyRelation

    from catalog.guard import Reach
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

    def __init__(self, session: Session, sql: str, limits: Limits, reach: Reach) -> None:
        """Bind a query that has been checked; it ends whatever the session was reading."""
        self._session = session
        self._sql = sql
        self._limits = limits
        self._clock = Clock(limits, session.worker, session.interrupt)
        self.snapshot: int | None = None
        self.relation = self.work(lambda: self._bound(reach), starts=True)

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
            return self._told(piece)
        except BaseException:
            self.close()
            raise

    def _told(self, piece: Callable[[], T]) -> T:
        """Do a piece, and where it fails say the true reason.

        Where one of DuckDB's threads fails it stops the others, and one of those may be the quicker
        to tell (1 in 60 of the failures of a stream); then the query runs again, without its rows.
        """
        try:
            return self._session.work(self._clock, piece)
        except InterruptedQueryError:
            if not self._session.stopped:
                self._session.work(self._clock, self._run_without_rows)
            raise

    def _run_without_rows(self) -> None:
        self._session.begin(self).sql(self._sql).explain("analyze")

    def _bound(self, reach: Reach) -> DuckDBPyRelation:
        session, connection = self._session, self._session.begin(self)
        if reach.tables or not session.views:
            found = connection.execute(SNAPSHOT).fetchone()
            snapshot = int(found[0]) if found else 0
            if not (session.views and session.views.snapshot == snapshot):
                session.views = Views(connection, snapshot, is_newest=session.at is None)
            session.views.check(connection, reach)
            self.snapshot = snapshot if reach.tables else None
        relation = connection.sql(self._sql)
        self._limits.check_columns(len(relation.columns))
        if len({name.lower() for name in relation.columns}) < len(relation.columns):
            return relation.project("*")  # numbers repeated names: a, a_1
        return relation
