"""Who waits for whom at work on one lake: files' locks on SQLite, names' locks on Postgres."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from catalog import locks

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

WHOLE = "lakehouse:*"  # Postgres's lock that every writer shares
PATIENCE = 60  # seconds


class Turns:
    """The locks of a lake."""

    def __init__(self, home: Path, sessions: locks.Sessions | None) -> None:
        """Take none yet.

        Args:
            home: of the lake.
            sessions: of the catalog's Postgres; None where SQLite is the catalog.
        """
        self._home = home
        self._sessions = sessions

    def of_writer(self, table: str | None) -> AbstractContextManager[Callable[[], None]]:
        """The lake's writer lock on SQLite, a table's on Postgres; of all of them where None."""
        name, within = (f"lakehouse:{table}", WHOLE) if table else (WHOLE, None)
        what = f"bronze.{table}" if table and self._sessions else "the lake"
        return self._take("writer", what, name, within)

    def of_all(self) -> AbstractContextManager[Callable[[], None]]:
        """Every writer lock there is, for which others are waited for a minute at most."""
        return self._take("writer", "the lake", WHOLE, seconds=PATIENCE)

    def of_files(self) -> AbstractContextManager[Callable[[], None]]:
        """The lock of whoever deletes files, or needs that none does."""
        return self._take("files", "the lake's files", "lakehouse:files")

    def of_source(self, what: str, told: Callable[[], object]) -> AbstractContextManager[None]:
        """The lock of something outside; `told` is called where there is somebody to wait for."""
        name = f"turn-{hashlib.sha256(what.encode()).hexdigest()[:16]}"
        if self._sessions is None:
            return locks.file_turn(self._home / f"{name}.lock", told)
        return self._sessions.turn(f"lakehouse:{name}", told)

    def _take(
        self,
        file: str,
        what: str,
        name: str,
        within: str | None = None,
        *,
        seconds: int | None = None,
    ) -> AbstractContextManager[Callable[[], None]]:
        if self._sessions is None:
            return locks.file_lock(self._home / f"{file}.lock", what)
        return self._sessions.lock(name, within=within, seconds=seconds, what=what)
