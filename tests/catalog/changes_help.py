"""Deliveries of changes, and what they mean, worked out one row after the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from data_contracts.contract import Column, Reading
from tests.lake_help import contract, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from data_contracts.contract import Contract
    from data_contracts.loading import Loading

Key = tuple[str, ...]
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


def contract_of(name: str, loading: Loading, most: int | None = None) -> Contract:
    """A contract of these rows, whose amounts are at most so much."""
    amount = replace(VALUE, options={"maximum": most}) if most else VALUE
    if loading.delivery_order:
        loading = replace(loading, delivery_order="{place}")
    path = PLACE
    if loading.mode == "period":
        path = r"(?P<first>[\d-]{10})_(?P<last>[\d-]{10})_" + PLACE
    return contract(
        KEY,
        amount,
        DAY,
        OP,
        AT,
        name=name,
        loading=loading,
        reading=Reading(path=path),
        digest=f"{name}{most}".ljust(64, "0"),
    )


@dataclass
class Fold:
    """What deliveries mean in their order."""

    loading: Loading
    state: dict[Key, str] = field(default_factory=dict)
    versions: dict[Key, list[tuple[int, str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def take(self, sent: Sent) -> None:
        """Take the next delivery in the order."""
        before, now = dict(self.state), dict(self.state)
        held, said = set[Key](), set[Key]()
        for row in sent.rows:
            key: Key = (row.id, row.day) if self.loading.mode == "period" else (row.id,)
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
    def current(self) -> list[tuple[Any, ...]]:
        return sorted((key[0], int(amount)) for key, amount in self.state.items())

    @property
    def history(self) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for key, versions in self.versions.items():
            ends: list[str | None] = [*(f"{place:04}" for place, _ in versions[1:]), None]
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


def by_rows(deliveries: Iterable[Sent]) -> tuple[list[Any], list[Any]]:
    """What is current and what was, where rows order themselves by `at`; an op `t` empties."""
    rows = {row for sent in deliveries for row in sent.rows if row.amount != BROKEN}
    emptied = sorted(row.at for row in rows if row.op == "t")
    now, was = [], []
    for key in sorted({row.id for row in rows if row.op != "t"}):
        of_key = [row for row in rows if row.id == key and row.op != "t"]
        of_key.sort(key=lambda row: (row.at, row.op != "d", int(row.amount), row.op))
        last = {row.at: row for row in of_key}  # of each moment
        moments = sorted(last)
        for place, at in enumerate(moments):
            later = [*moments[place + 1 : place + 2], *(e for e in emptied if e > at)]
            end = min(later, default=None)
            if last[at].op != "d":
                was.append((key, int(last[at].amount), at, end))
                if end is None:
                    now.append((key, int(last[at].amount)))
    return sorted(now), sorted(was, key=str)
