"""Deliveries of changes, and what they mean, worked out one row after the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from data_contracts.contract import Column, Reading
from data_contracts.loading import Loading
from tests.lake_help import contract, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from data_contracts.contract import Contract

    State = dict[tuple[str, ...], str]
    Version = tuple[str, str, str, str | None]  # key, value, valid from and to

KEY = Column("id", "id", "string", "VARCHAR", required=True, key_position=1)
VALUE = Column("amount", "amount", "integer", "BIGINT")
DAY = Column("day", "day", "date", "DATE")
OP = Column("op", "op", "string", "VARCHAR")
AT = Column("at", "at", "integer", "BIGINT")
PLACE = r"(?P<place>\d+)\.csv$"
HEADER = "id,amount,day,op,at"
BROKEN = "broken"  # an amount that is none


@dataclass(frozen=True)
class Row:
    """A row of a delivery; `amount` is a number or broken."""

    id: str
    amount: str
    day: str = "2026-01-01"
    op: str = "u"
    at: int = 0

    @property
    def line(self) -> str:
        return f"{self.id},{self.amount},{self.day},{self.op},{self.at}"


@dataclass(frozen=True)
class Sent:
    """A delivery, with its place in the order."""

    place: int
    rows: tuple[Row, ...] = ()
    days: tuple[str, str] | None = None  # that it covers, under period

    def file(self, folder: Path) -> Path:
        name = f"{self.place:04}.csv"
        if self.days:
            name = f"{self.days[0]}_{self.days[1]}_{name}"
        return write_csv(folder / name, *(row.line for row in self.rows), header=HEADER)


def contract_of(name: str, loading: Loading) -> Contract:
    """A contract of these rows."""
    if loading.delivery_order:
        loading = replace(loading, delivery_order="{place}")
    path = PLACE
    if loading.mode == "period":
        path = r"(?P<first>[\d-]{10})_(?P<last>[\d-]{10})_" + PLACE
    return contract(
        KEY,
        VALUE,
        DAY,
        OP,
        AT,
        name=name,
        loading=loading,
        reading=Reading(path=path),
        digest=name.ljust(64, "0"),
    )


@dataclass
class Fold:
    """What deliveries mean in their order."""

    loading: Loading
    state: State = field(default_factory=dict)
    versions: dict[tuple[str, ...], list[tuple[int, str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def take(self, sent: Sent) -> None:
        """Take the next delivery in the order."""
        before, now = dict(self.state), dict(self.state)
        held: set[tuple[str, ...]] = set()
        said: set[tuple[str, ...]] = set()
        for row in sent.rows:
            key = (row.id, row.day) if self.loading.mode == "period" else (row.id,)
            if row.amount == BROKEN:
                held.add(key)
                continue
            said.add(key)
            if row.op == "d":
                now.pop(key, None)
            else:
                now[key] = row.amount
        if self.loading.mode in ("snapshot", "period"):
            for key in before.keys() - said - held:
                if sent.days is None or sent.days[0] <= key[1] <= sent.days[1]:
                    del now[key]
        for key in sorted({*before, *now}):
            if before.get(key) != now.get(key):
                self.versions[key].append((sent.place, now.get(key)))
        self.state = now

    @property
    def current(self) -> list[tuple[str, int]]:
        return sorted((key[0], int(amount)) for key, amount in self.state.items())

    @property
    def history(self) -> list[tuple[str, int, str, str | None]]:
        found = []
        for key, versions in self.versions.items():
            ends = [f"{place:04}" for place, _ in versions[1:]] + [None]
            for (place, amount), end in zip(versions, ends, strict=True):
                if amount is not None:
                    found.append((key[0], int(amount), f"{place:04}", end))
        return sorted(found, key=str)


def folded(loading: Loading, deliveries: Iterable[Sent]) -> Fold:
    """What deliveries mean, in the order of their places."""
    fold = Fold(loading)
    for sent in sorted(deliveries, key=lambda sent: sent.place):
        fold.take(sent)
    return fold


def current(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows)
