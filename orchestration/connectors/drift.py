"""What of a source's table is not as it was when it was last read."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from orchestration.readers import readers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data_contracts.contract import Contract

LIKE = 0.5  # of two names, how alike they are where one may be the other's new one


def told(
    contract: Contract, before: Mapping[str, str], now: Mapping[str, str], what: str, *, go_on: bool
) -> tuple[str, ...]:
    """A line on what changed in a table since it was last read, and what reads it; none if nothing.

    Args:
        contract: of the table.
        before: columns and their types as they were; empty where nobody knows.
        now: as they are.
        what: of the source, "table" or "model".
        go_on: where a column that the contract names is gone, too.

    Raises:
        DeliveryError: such a column is gone, all of whose values would be null.
    """
    said = drift(before, now) if before else None
    if said is None:
        return ()
    named = {column.source.strip().casefold(): column.name for column in contract.columns}
    lost = [name for name in before if name not in now and name.strip().casefold() in named]
    other = [name for name in before if name in now and before[name] != now[name]]
    ours = [named[n.strip().casefold()] for n in (*lost, *other) if n.strip().casefold() in named]
    reading = f"; read by {', '.join(found)}" if (found := readers(contract, ours)) else ""
    if lost and not go_on:
        raise DeliveryError(
            f"its {what} changed: {said}{reading}; {contract.id} names {', '.join(lost)}: give its "
            "new name as physicalName there, or have it null from now on with --accept"
        )
    return (f"its {what} changed: {said}{reading}",)


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
