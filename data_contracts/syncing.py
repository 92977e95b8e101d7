"""How a table of a database is kept up with: its watermark, and how deletions are found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data_contracts.contract import Column
    from data_contracts.custom import Custom
    from data_contracts.loading import Loading

SPAN = re.compile(r"(\d+) ?(s|seconds?|min|minutes?|h|hours?|d|days?)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}  # by the unit's first letter


@dataclass(frozen=True, slots=True)
class Syncing:
    """What is read of a table that was read before.

    Attributes:
        watermark: columns that rise whenever a row is written; the first that is not null counts.
            None are given where the whole table is read each time.
        overlap: how far below the highest watermark reading begins, in the watermark's own unit,
            seconds where it is a time. It covers clocks that differ and transactions that commit
            late.
        compare_keys: whether the keys that are there now are read too, so that a row that was
            deleted is known by its absence.
    """

    watermark: tuple[str, ...] = ()
    overlap: int = 0
    compare_keys: bool = False


def syncing_of(custom: Custom, columns: Sequence[Column], loading: Loading) -> Syncing:
    """What a schema object's custom properties say of it.

    Raises:
        ContractError: they do not go together, or name what is not there.
    """
    syncing = Syncing(
        tuple(custom.get("watermark", ())),
        _overlap(custom, columns),
        custom.get("compareKeys", False),
    )
    for name in ("watermark", "compareKeys"):
        if custom.get(name) and loading.mode != "upsert":
            # Rows that share the highest watermark are read again: only by their key are they not
            # twice in the table. A snapshot is the whole, and tells absence itself.
            raise custom.fault(name, f"{name} needs load: upsert; load is {loading.mode}")
    if syncing.compare_keys and loading.by_rows:
        said = "compareKeys does not go with orderBy, in whose order an absent row has no place"
        raise custom.fault("compareKeys", said)
    return syncing


def _overlap(custom: Custom, columns: Sequence[Column]) -> int:
    named = {column.name: column for column in columns}
    watermark = custom.get("watermark", ())
    for name in watermark:
        if name not in named:
            raise custom.fault("watermark", f"there is no property {name}")
    said = custom.get("overlap")
    if said is None:
        return 0
    if not watermark:
        raise custom.fault("overlap", "overlap needs a watermark, below which it reaches")
    is_time = named[watermark[0]].logical_type in ("timestamp", "date")
    if not is_time:
        if isinstance(said, str):
            raise custom.fault("overlap", f"{watermark[0]} is no time; a whole number is meant")
        return int(said)
    span = SPAN.fullmatch(said) if isinstance(said, str) else None
    if span is None:
        raise custom.fault("overlap", f"overlap is {said!r}; a span such as 10 minutes is meant")
    return int(span[1]) * SECONDS[span[2][0]]
