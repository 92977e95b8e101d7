"""One difference between two versions of a contract, and whom it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Audience = Literal["readers", "deliverers"]

NOBODY: tuple[Audience, ...] = ()
READERS: tuple[Audience, ...] = ("readers",)  # of the table: SQL, models, dashboards
DELIVERERS: tuple[Audience, ...] = ("deliverers",)  # of files: what passed may now be refused
BOTH: tuple[Audience, ...] = ("readers", "deliverers")


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, where, in plain words."""

    where: str
    what: str
    breaking_for: tuple[Audience, ...] = NOBODY

    @property
    def is_breaking(self) -> bool:
        """Whether it breaks anybody."""
        return bool(self.breaking_for)


def becomes(old: object, new: object) -> str:
    """The words for a value that was set, taken off or changed."""
    if old in (None, "", ()):
        return f"is now {new}"
    return f"was {old}, is no longer said" if new in (None, "", ()) else f"was {old}, is now {new}"
