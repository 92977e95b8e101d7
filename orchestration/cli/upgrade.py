"""`lakehouse upgrade`."""

from __future__ import annotations


def upgrade() -> None:
    """Bring a lake that an earlier version of this software made up to this one.

    Its own tables (ops) are changed in one commit; data and history stay as they are.
    """
    from catalog.lake import Lake
    from catalog.runs import Run
    from catalog.settings import load
    from catalog.upgrade import upgrade as run

    settings = load()
    before, after = run(Lake(settings), Run("upgrade", settings))
    if before == after:
        print(f"the lake is up to date: its tables are of version {after}")
    else:
        print(f"the lake's tables were of version {before} and are of {after} now")
