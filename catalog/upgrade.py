"""A lake whose own tables are of an earlier version, brought up to this software's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.backup import last_of
from catalog.backups import Backups
from catalog.errors import LakeError
from catalog.lake import TABLES, version_of
from catalog.runs import Change
from catalog.steps import step
from catalog.transaction import write

if TYPE_CHECKING:
    from catalog.lake import Lake
    from catalog.runs import Run

# From each version to the next.
STEPS = {version: Path(__file__).with_name(f"upgrade_{version}.sql") for version in (1, 2, 3)}


def upgrade(lake: Lake, run: Run, *, without_backup: bool = False) -> tuple[int, int]:
    """Bring the tables of ``ops`` up to this software's version, each step in one commit.

    Rows and history stay as they are.

    Args:
        lake: to upgrade.
        run: signs the snapshots.
        without_backup: do it where the newest snapshot is in no backup, too.

    Returns:
        The version that the tables had, and the one that they have.

    Raises:
        LakeError: the lake is of a newer version, is in no backup, or cannot be written.
    """
    before = lake.tables
    if before < TABLES and not without_backup:
        _check_backup(lake)
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


def _check_backup(lake: Lake) -> None:
    with lake.connect(read_only=True, tables=lake.tables) as connection:
        row = connection.execute("from lake.current_snapshot()").fetchone()
    newest, last = row[0] if row else 0, last_of(lake)
    if last is None or last[1] < newest:
        had = f"is of snapshot {last[1]}" if last else "was never made"
        raise LakeError(
            f"an upgrade needs a backup of snapshot {newest}, and the last one {had}; run "
            "lakehouse backup TO, then lakehouse upgrade"
        )
    Backups(last[0]).newest(last[1])
