"""A home whose folder its group may write in: what is written there is as open as the folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.storage import Storage


class Sharing:
    """Opens what this process writes to those who share the home; of others it does nothing."""

    def __init__(self, home: Path, data: Storage) -> None:
        """Open nothing yet.

        Args:
            home: of the lake.
            data: where its files are.
        """
        self._home = home
        self._data = data

    def begin(self) -> None:
        """What this process writes from now on is as open as the home, whatever its umask."""
        if self._is_shared:
            os.umask(~self._mode & 0o077)

    def open_file(self, file: Path) -> None:
        """Open a file that was made with less."""
        if self._is_shared:
            file.chmod(self._mode & 0o666)

    def open_folders(self, table: str | None) -> None:
        """Open folders, which DuckDB makes for its own user alone to write in.

        Args:
            table: what was written to, so that only it may have new folders; None is any.
        """
        if self._is_shared:
            self._data.share(self._mode & 0o077, f"tables/bronze/{table}" if table else "tables")

    @property
    def _is_shared(self) -> bool:
        return bool(self._mode & 0o020)

    @property
    def _mode(self) -> int:
        return self._home.stat().st_mode
