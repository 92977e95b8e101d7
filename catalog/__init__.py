"""The lake: settings, attach, transactions, and queries that cannot harm it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.session import Session
    from catalog.settings import Settings

__all__ = ["connect"]


def connect(at: int | str | None = None, settings: Settings | None = None) -> Session:
    """Open the lake for queries: ``catalog.connect().sql("select ...").polars()``.

    A query that stops at no limit (see `catalog.clock.StuckError`) keeps a core of this process.

    Args:
        at: a snapshot's number or a time (ISO 8601), to read the lake as it was then.
        settings: of the lake; the environment's where None.

    Raises:
        LakeError: there is no lake, or no such snapshot.
    """
    from catalog import settings as environment
    from catalog.lake import Lake
    from catalog.session import Session

    return Session(Lake(settings or environment.load()), at=at)
