"""Runs: who did what with which software. A run's id is on every snapshot that it makes."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from catalog.settings import Settings

LOCK_FILE = Path(__file__).parent.parent / "uv.lock"


def _new_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def _user() -> str:
    """Whoever runs this; in a container that may be a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction did: in words, to which tables, and by how many rows they grew."""

    message: str
    tables: tuple[str, ...] = ()
    rows: int = 0


@dataclass(slots=True)
class Run:
    """One command's run; its start is written with its first commit, its end with its last.

    Attributes:
        recorded: whether its start is written.
        seen: the snapshot that the open transaction reads.
        is_alone: whether that is this connection's own last commit: nobody else has written since.
    """

    command: str
    settings: Settings
    id: str = field(default_factory=_new_id)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    user: str = field(default_factory=_user)
    recorded: bool = False
    seen: int = 0
    is_alone: bool = False

    def record_start(self, connection: DuckDBPyConnection) -> None:
        """Write the start, in the open transaction."""
        public = json.dumps(self.settings.public())
        texts = (self.id, self.command, self.user, version(), lock_hash() or "", public)
        values = ", ".join((*map(literal, texts), f"timestamptz '{self.started.isoformat()}'"))
        connection.execute(f"insert into lake.ops.run_start values ({values})")

    def record_end(self, connection: DuckDBPyConnection, outcome: str) -> None:
        """Write the end, in the open transaction."""
        at = datetime.now(UTC).isoformat()
        connection.execute(
            "insert into lake.ops.run_end values "
            f"({literal(self.id)}, timestamptz '{at}', {literal(outcome)})"
        )

    def sign(
        self,
        connection: DuckDBPyConnection,
        change: Change,
        fence: Mapping[str, str | int] = MappingProxyType({}),
    ) -> None:
        """Put who, why and which run on the snapshot that the open transaction makes.

        Args:
            connection: with the open transaction.
            change: what it did.
            fence: what the catalog's fence looks at.
        """
        said = {"run": self.id, "command": self.command, "version": version()}
        extra = json.dumps({**said, "tables": change.tables, "rows": change.rows, **fence})
        parts = (literal(self.user), literal(change.message), literal(extra))
        connection.execute("call lake.set_commit_message({}, {}, extra_info => {})".format(*parts))


@cache
def version() -> str:
    """The installed version of this software."""
    try:
        return installed("smart-lakehouse")
    except PackageNotFoundError:
        return "unknown"


@cache
def lock_hash() -> str | None:
    """SHA-256 of the lock file of every dependency, where the project's folder is at hand."""
    return hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest() if LOCK_FILE.exists() else None
