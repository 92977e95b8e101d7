"""Commands in processes of their own, forked from one that has imported what they need.

A start takes 0.05 s of a core instead of 0.6, so that a test may kill many.
"""

from __future__ import annotations

import os
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.context import ForkServerProcess

    from catalog.settings import Settings

_context = get_context("forkserver")
_context.set_forkserver_preload(
    [
        "orchestration.cli.ingest_view",
        "orchestration.cli.sync_view",
        "catalog.locks",
        "psycopg",
        "sqlalchemy.dialects.postgresql.psycopg",
        "sqlalchemy.dialects.sqlite.pysqlite",
        "tests.catalog.upkeep_help",
        "tests.forked",
    ]
)


class Command:
    """A command that has begun."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        run: Callable[[], None] = main,
    ) -> None:
        """Start it.

        Args:
            arguments: of ``lakehouse``.
            environment: beside this process's own.
            run: is called there; a function of a module.
        """
        with tempfile.NamedTemporaryFile(prefix="said-", delete=False) as said:
            self._said = Path(said.name)
        given = (arguments, {**os.environ, **environment}, str(self._said), run)
        self._process: ForkServerProcess = _context.Process(target=_run, args=given)
        self._process.start()

    def ends(self, within: float | None = None) -> bool:
        """Wait for its end, for so many seconds at most."""
        self._process.join(within)
        return self._process.exitcode is not None

    def kill(self) -> None:
        self._process.kill()

    def status(self) -> tuple[int, str]:
        """Its exit status, below zero where a signal ended it, and what it said of errors."""
        self._process.join()
        said = self._said.read_text(encoding="utf-8")
        self._said.unlink()
        status = self._process.exitcode
        assert status is not None
        self._process.close()
        return status, said


def settings_of(settings: Settings, **others: str) -> dict[str, str]:
    """The environment by which a command finds a lake."""
    named = {
        "LAKEHOUSE_HOME": str(settings.home),
        "LAKEHOUSE_DATA": settings.data and settings.data_url,
        "LAKEHOUSE_CATALOG": settings.catalog,
    }
    return {name: value for name, value in named.items() if value} | others


def _run(
    arguments: Sequence[str], environment: Mapping[str, str], said: str, run: Callable[[], None]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, file in ((1, os.devnull), (2, said)):
        opened = os.open(file, os.O_WRONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["lakehouse", *arguments]
    run()
