"""Which column of a source each column of a contract is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from data_contracts.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from data_contracts.contract import Column


def match(columns: Sequence[Column], names: Iterable[str]) -> dict[str, str]:
    """Names in the lake to names in the source: as written, else without case and blanks around.

    Raises:
        SourceError: two columns of the source are meant by one of the contract, or the reverse.
    """
    names = list(names)
    loosely: dict[str, list[str]] = {}
    for name in names:
        loosely.setdefault(_plain(name), []).append(name)
    found: dict[str, str] = {}
    for column in columns:
        like = [column.source] if column.source in names else loosely.get(_plain(column.source), [])
        if len(like) > 1:
            listed = ", ".join(map(repr, like))
            raise SourceError(f"column {column.source} is there {len(like)} times: {listed}")
        if like:
            found[column.name] = like[0]
    wanted = {(column.source, found[column.name]) for column in columns if column.name in found}
    if twice := [name for name, count in Counter(name for _, name in wanted).items() if count > 1]:
        raise SourceError(f"column {', '.join(twice)} is meant by more than one property")
    return found


def listed(names: Iterable[str]) -> str:
    """The columns of a source as an error names them; path groups are none."""
    shown = [name for name in names if not name.startswith("{")]
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20} more" if len(shown) > 20 else "")


def _plain(name: str) -> str:
    return name.strip().casefold()
