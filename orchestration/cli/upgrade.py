"""`lakehouse upgrade`."""

from __future__ import annotations

import typer


def upgrade(
    without_backup: bool = typer.Option(
        False, "--without-backup", help="Do it though the newest snapshot is in no backup."
    ),
) -> None:
    """Bring a lake that an earlier version of this software made up to this one.

    Its own tables (ops) are changed in one commit; data and history stay as they are. The lake has
    to be backed up first: lakehouse backup TO.
    """
    from catalog.lake import Lake
    from catalog.runs import Run
    from catalog.settings import load
    from catalog.upgrade import upgrade as run

    settings = load()
    before, after = run(Lake(settings), Run("upgrade", settings), without_backup=without_backup)
    if before == after:
        print(f"the lake is up to date: its tables are of version {after}")
    else:
        print(f"the lake's tables were of version {before} and are of {after} now")
