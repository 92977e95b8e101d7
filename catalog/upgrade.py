"""A lake whose own tables are of an earlier version, brought up to this software's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.lake import TABLES, version_of
from catalog.runs import Change
from catalog.steps import step
from catalog.transaction import write

if TYPE_CHECKING:
    from catalog.lake import Lake
    from catalog.runs import Run

# From each version to the next.
STEPS = {version: Path(__file__).with_name(f"upgrade_{version}.sql") for version in (1, 2)}


def upgrade(lake: Lake, run: Run) -> tuple[int, int]:
    """Bring the tables of ``ops`` up to this software's version, each step in one commit.

    Rows and history stay as they are.

    Returns:
        The version that the tables had, and the one that they have.

    Raises:
        LakeError: the lake is of a newer version, or cannot be written.
    """
    before = lake.tables
    for version in range(before, TABLES):
        sql = STEPS[version].read_text(encoding="utf-8")
        with lake.connect(tables=version) as connection:

            def work(sql: str = sql, version: int = version) -> tuple[None, Change]:
                # Another home of the same catalog may have done it, or this one before it was
                # killed; done again it would forget what was amended since.
                if version == version_of(connection):
                    connection.execute(sql)
                if version == TABLES - 1:
                    run.record_end(connection, "succeeded")
                return None, Change(f"tables of ops from version {version} to {version + 1}")

            write(lake, connection, None, run, work)
        step("upgrade-mark")
        lake.mark(version + 1)
    if before >= TABLES:
        lake.connect().close()
    return before, TABLES
