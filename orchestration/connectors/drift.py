"""What of a source's table is not as it was when it was last read."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIKE = 0.5  # of two names, how alike they are where one may be the other's new one


def drift(before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """The difference of two tables' columns and their types in one line; None where there is none.

    A column that is gone and a new one of its type, in its place or with a name that is like it,
    look like a rename.
    """
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    parts = [f"- {name} {before[name]}" for name in gone]
    parts += [f"+ {name} {now[name]}" for name in new]
    parts += [
        f"~ {name} {before[name]} -> {now[name]}"
        for name in now
        if name in before and before[name] != now[name]
    ]
    if not parts:
        return None
    guesses = [f"{old} looks renamed to {name}" for old, name in renamed(before, now).items()]
    return "; ".join(parts) + (f" ({', '.join(guesses)})" if guesses else "")


def renamed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Columns that are gone, and what each of them may be called now."""
    places = {name: at for at, name in enumerate(before)}, {name: at for at, name in enumerate(now)}
    found: dict[str, str] = {}
    for old in (name for name in before if name not in now):
        same = [n for n in now if n not in before and now[n] == before[old]]
        likely = [(_likeness(old, n), n) for n in same if n not in found.values()]
        likely += [(LIKE, n) for _, n in likely if places[0][old] == places[1][n]]
        score, name = max(likely, default=(0.0, ""))
        if score >= LIKE:
            found[old] = name
    return found


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()
