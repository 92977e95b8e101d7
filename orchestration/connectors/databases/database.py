"""A database that DuckDB has a scanner for, as a source of deliveries.

What is new of a table is read in one transaction of the source into a table beside the lake's, and
counted and hashed there; no row goes through Python. From then on the source is free, and the lake
reads the same rows as often as it has to. Only what is read for the first time goes straight
through the gate (`first.py`).
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from catalog.delivery import Delivery, DeliveryError
from catalog.steps import step
from orchestration.connectors.connector import Offer
from orchestration.connectors.databases import watermark
from orchestration.connectors.databases.first import First, is_first
from orchestration.connectors.databases.plan import Plan, plan_of
from orchestration.connectors.databases.postgres import Postgres
from orchestration.connectors.databases.reach import SPOOL
from orchestration.connectors.databases.taken import hash_of, keys_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Asked
    from orchestration.connectors.databases.first import Read
    from orchestration.connectors.databases.reach import Reach
    from orchestration.connectors.databases.replication import Replication

NO_TEXT = "Invalid unicode"  # what DuckDB says of bytes that a database calls a text
DROPPED = f"drop table if exists {SPOOL}.rows; drop table if exists {SPOOL}.keys"


class Database:
    """A database by DuckDB's scanner: the Connector of SQLite, PostgreSQL and MySQL."""

    def __init__(self, reach: Reach) -> None:
        """A database that is attached; it is let go of by `close`."""
        self.shown = reach.address.shown
        self.reach = reach
        self._replication: Replication | None = None

    def tables(self) -> Sequence[str]:
        """Names of its tables.

        Raises:
            UnreachableError: it does not say.
        """
        with self.reach.transaction(self.shown):
            return self.reach.dialect.tables(self.reach.ask)

    def has(self, table: str) -> bool:
        """Whether it has such a table or view.

        Raises:
            UnreachableError: it does not say.
        """
        with self.reach.transaction(self.shown):
            return self.reach.describe(table) is not None

    @contextmanager
    def reading(self, contract: Contract, asked: Asked) -> Iterator[Offer]:
        """What is new of the contract's table.

        Raises:
            DeliveryError: there is no such table, or it cannot be read.
            UnreachableError: the database is gone.
        """
        if (replication := self._by_changes(contract)) is not None:
            with replication.reading(contract, asked) as offer:
                yield offer
            return
        try:
            if self.reach.dialect.extension and is_first(contract, asked):
                with self.reach.transaction(contract.source or contract.name):
                    plan, high = self._ask(contract, asked, careful=False)
                delivery = self._first(contract, asked, plan, high)
            else:
                plan, high = self._take(contract, asked)
                delivery = self._delivery(contract, asked, plan, high)
            step("extract")
            yield Offer(delivery, plan.notes)
        finally:
            self.reach.connection.execute(DROPPED)

    def _take(self, contract: Contract, asked: Asked) -> tuple[Plan, str | None]:
        """Read what is new; how that was asked for, and the highest watermark."""
        try:
            return self._taken(contract, asked, careful=False)
        except DeliveryError as error:
            if NO_TEXT not in str(error):
                raise
            return self._taken(contract, asked, careful=True)

    def _taken(self, contract: Contract, asked: Asked, *, careful: bool) -> tuple[Plan, str | None]:
        with self.reach.transaction(contract.source or contract.name):
            plan, high = self._ask(contract, asked, careful=careful)
            self.reach.take("rows", plan.query, plan.finish)
            if plan.keys:
                self.reach.take("keys", *plan.keys)
        return plan, high

    def _ask(self, contract: Contract, asked: Asked, *, careful: bool) -> tuple[Plan, str | None]:
        """How to read what is new, and the highest watermark."""
        name = contract.source or contract.name
        table = self.reach.describe(name)
        if table is None:
            there = ", ".join(self.reach.dialect.tables(self.reach.ask)[:20]) or "none"
            raise DeliveryError(f"there is no table {name}; there are {there}")
        plan = plan_of(self.reach.dialect, table, contract, asked, careful=careful)
        return plan, self._high(plan)

    def close(self) -> None:
        """Let go of it."""
        if self._replication is not None:
            self._replication.close()
        self.reach.close()

    def _by_changes(self, contract: Contract) -> Replication | None:
        """What reads a table of PostgreSQL by its changes, where the contract means that."""
        if contract.loading.mode != "cdc" or not isinstance(self.reach.dialect, Postgres):
            return None
        from orchestration.connectors.databases.replication import Replication
        from orchestration.connectors.databases.replication_table import is_replicated

        name = contract.source or contract.name
        with self.reach.transaction(name):
            table = self.reach.describe(name)
        if not is_replicated(contract, [c.name for c in table.columns] if table else []):
            return None
        self._replication = self._replication or Replication(self.reach)
        return self._replication

    def _high(self, plan: Plan) -> str | None:
        if plan.high is None:
            return None
        [(high,)] = self.reach.ask(plan.high)
        return high

    def _delivery(self, contract: Contract, asked: Asked, plan: Plan, high: str | None) -> Delivery:
        hashes = [
            hash_of(self.reach, table) for table in ("rows", *(("keys",) if plan.keys else ()))
        ]
        asked.progress(hashes[0][0])
        # The same rows by another question, or under another contract, say something else.
        content = json.dumps([contract.digest, plan.query, plan.columns, hashes])
        return replace(
            self._named(contract, asked, plan, high),
            content_hash=hashlib.sha256(content.encode()).hexdigest(),
            size=hashes[0][0] * 100,
            read=partial(rows_of, hashes[0][0]),
            keys=partial(keys_of, self.reach, contract) if plan.keys else None,
        )

    def _first(self, contract: Contract, asked: Asked, plan: Plan, high: str | None) -> Delivery:
        def take() -> Read:
            self._take(contract, asked)
            return partial(rows_of, hash_of(self.reach, "rows")[0])

        first = First(self.reach, plan, take)
        return replace(
            self._named(contract, asked, plan, high),
            read=first.read,
            reread=first.reread,
            distinct=plan.distinct,
        )

    def _named(self, contract: Contract, asked: Asked, plan: Plan, high: str | None) -> Delivery:
        """A delivery of a content that no other has, and without any rows yet."""
        mark = watermark.capped(high, contract) if high else None
        position = {**plan.position, **({"watermark": mark} if mark and plan.moves else {})}
        return Delivery(
            source=f"{self.shown}#{plan.table}",
            key=f"{asked.origin}:{plan.table}" if asked.origin else plan.table,
            content_hash=uuid4().hex,
            size=0,
            read=lambda: iter(()),
            origin=asked.origin,
            whole=plan.whole,
            position=json.dumps(position),
        )
