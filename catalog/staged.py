"""Rows of a delivery of changes after the gate, before they are compared: what they say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from catalog.changelog import Work
from catalog.delivery import DeliveryError
from catalog.errors import plain
from data_contracts.loading import path_of
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from datetime import date

    from catalog.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Word:
    """What a delivery is the whole of.

    Attributes:
        tells_absence: whether a key that it does not hold is not there.
        covers: the days for which that is so; None is all.
        after: position of the last record that empties the table; 0 is none.
    """

    tells_absence: bool
    covers: tuple[date, date] | None = None
    after: int = 0


class Staged(Work):
    """The staged rows of one delivery, in `temp.changes`."""

    def stage(self) -> None:
        """Make the table that a delivery's rows are gated into."""
        types = {column.name: column.type for column in self._contract.columns}
        types |= {"_rescued": "JSON", "_source": "VARCHAR", "_position": "BIGINT"}
        types |= {"_batch": "BIGINT", "_op": "VARCHAR", "_origin": "VARCHAR"}
        listed = ", ".join(f"{quoted(name)} {type_}" for name, type_ in types.items())
        self._execute(f"create or replace temp table changes ({listed})")

    def name_operations(self) -> str | None:
        """Say of each staged row what it does; why not, where that cannot be said."""
        loading = self._contract.loading
        if loading.operation:
            named = path_of(loading.operation)
            whens = " ".join(
                f"when {literal(name)} then {literal(operation[0].upper())}"
                for name, operation in loading.operations.items()
            )
            self._execute(f"update temp.changes set _op = case lower({named}::varchar) {whens} end")
        if loading.delete_when:
            condition = loading.delete_when
            try:
                self._execute(f"update temp.changes set _op = 'D' where {condition}")
            except duckdb.Error as error:
                return f"deleteWhen cannot be worked out: {plain(error)}"
        return None

    def word(self, delivery: Delivery) -> Word:
        """What a delivery is the whole of, by its contract, itself and its rows."""
        loading = self._contract.loading
        after = 0
        if loading.mode == "cdc" and not loading.by_rows:
            after = self._number("select max(_position) from temp.changes where _op = 'T'")
        if loading.mode == "period":
            covers = delivery.covers or self._days()
            return Word(covers is not None, covers)
        is_whole = loading.mode == "snapshot" or delivery.whole or delivery.keys is not None
        return Word(is_whole or after > 0, after=after)

    def _days(self) -> tuple[date, date] | None:
        """The first and last day of the staged rows."""
        found = self._row(f"select min({self._log.day}), max({self._log.day}) from temp.changes")
        return (found[0], found[1]) if found and found[0] is not None else None

    def place(self, delivery: Delivery) -> str | None:
        """What orders the delivery among the others, as text.

        Raises:
            DeliveryError: its rows say several things, or nothing.
        """
        order = self._contract.loading.delivery_order
        if order is None or self._contract.loading.group or delivery.place is not None:
            return delivery.place
        column = quoted(order)
        found = self._row(
            f"select count(distinct {column}), min({column})::varchar, max({column})::varchar "
            "from temp.changes"
        )
        count, first, last = found or (0, None, None)
        if count > 1:
            raise DeliveryError(
                f"deliveryOrder is {order}, which orders whole deliveries, and its rows have "
                f"{count} values of it, from {first} to {last}"
            )
        if count == 0:
            raise DeliveryError(f"deliveryOrder is {order}, and none of its rows has a value of it")
        return str(first)
