"""Tryton by its API as a source of deliveries: what is new is fetched, and then is as a table."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalog import extensions
from catalog.delivery import DeliveryError
from catalog.steps import step
from orchestration.connectors.connector import Offer
from orchestration.connectors.databases import watermark
from orchestration.connectors.databases.database import DROPPED, Database
from orchestration.connectors.databases.plan import Plan
from orchestration.connectors.databases.reach import CONFIG, SPOOL, Reach
from orchestration.connectors.drift import told
from orchestration.connectors.tryton import records
from orchestration.connectors.tryton.jsonrpc import JsonRpc
from orchestration.connectors.tryton.rest import Rest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Asked
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.tryton.api import Api, Domain


def api_of(address: Address) -> Api:
    """The API that a URL asks for: REST by ``?api=rest``, else JSON-RPC."""
    return Rest(address) if address.options.get("api") == "rest" else JsonRpc(address)


class TrytonReach(Reach):
    """A DuckDB into which pages are put one after the other: memory stays flat."""

    def __init__(self, address: Address, connection: DuckDBPyConnection | None = None) -> None:
        """Nothing is sent yet.

        Raises:
            InputError: the URL would send a password in the clear.
        """
        self.address = address
        self.api = api_of(address)
        self._lent = connection is not None
        self.connection = connection or extensions.connect((), CONFIG)

    def fetch(
        self, table: str, model: str, domain: Domain, fields: Sequence[str], marks: Sequence[str]
    ) -> str:
        """Put the records of a domain into a table; their highest watermark, empty without one."""
        listed = ", ".join(f'"{name}" varchar' for name in fields)
        self.connection.execute(f"create or replace table {SPOOL}.{table} ({listed})")
        high = ""
        for page in self.api.pages(model, domain, fields):
            self.connection.register("page", records.columns(page, fields))
            self.connection.execute(f"insert into {SPOOL}.{table} from page")
            self.connection.unregister("page")
            high = max(high, records.highest(page, marks))
        return high

    def close(self) -> None:
        """Let go of the server."""
        self.api.close()
        if not self._lent:
            self.connection.close()


class Tryton(Database):
    """The Connector of Tryton's APIs; a contract's table is a model, named as its table is.

    An API has no transaction over several requests. Rows are read before keys, so that a record
    that is deleted meanwhile is missed by neither; one that changes meanwhile has a later time, and
    is read again by the next sync.
    """

    reach: TrytonReach

    def __init__(self, reach: TrytonReach) -> None:
        """A server; it is let go of by `close`."""
        super().__init__(reach)

    def tables(self) -> Sequence[str]:
        """Tables of its models.

        Raises:
            UnreachableError: it does not answer.
        """
        return sorted(self.reach.api.models())

    def has(self, table: str) -> bool:
        """Whether it has a model of such a table.

        Raises:
            UnreachableError: it does not answer.
        """
        return table in self.reach.api.models()

    @contextmanager
    def reading(self, contract: Contract, asked: Asked) -> Iterator[Offer]:
        """What is new of the contract's model.

        Raises:
            DeliveryError: there is no such model, or it is not what the contract says.
            UnreachableError: the server is gone.
        """
        name = contract.source or contract.name
        model = self.reach.api.models().get(name)
        if model is None:
            raise DeliveryError(f"there is no model of a table {name} that this user may see")
        if [column.source for column in contract.key] != ["id"]:
            raise DeliveryError(f"{name}: the key of {contract.id} is not id, which pages go by")
        sources = {column.name: column.source for column in contract.columns}
        marks = [sources[mark] for mark in contract.syncing.watermark]
        plan, domain, fields = self._plan(contract, asked, model, marks)
        high = self.reach.fetch("rows", model, domain, fields, marks)
        if plan.keys:
            self.reach.fetch("keys", model, [], ["id"], [])
        step("extract")
        try:
            last = str(asked.last.get("watermark") or "")
            yield Offer(self._delivery(contract, asked, plan, max(high, last) or None), plan.notes)
        finally:
            self.reach.connection.execute(DROPPED)

    def _plan(
        self, contract: Contract, asked: Asked, model: str, marks: Sequence[str]
    ) -> tuple[Plan, Domain, list[str]]:
        """What to ask for: a domain, and fields."""
        name = contract.source or contract.name
        there = self.reach.api.fields(model)
        types = {c.source: there[c.source] for c in contract.columns if c.source in there}
        before = asked.last.get("fields") or {}
        notes = told(contract, before, types, "model", go_on=asked.accept)
        if lost := [name for name in ("id", *marks) if name not in types]:
            raise DeliveryError(f"{name}: has no field {lost[0]}, which {contract.id} needs")
        domain: Domain = []
        last, bounded = asked.last.get("watermark"), asked.since is not None or asked.until
        if bounded and not marks:
            said = f"{name}: has no watermark in {contract.id}; from and to are times of one"
            raise DeliveryError(said)
        if asked.since is not None:
            domain.append(records.from_on(marks, asked.since))
        if asked.until is not None:
            domain.append(records.before(marks, asked.until))
        if marks and last and not asked.full and not bounded:
            domain.append(records.from_on(marks, watermark.lowered(str(last), contract)))
        compares = contract.syncing.compare_keys and bool(domain) and not bounded
        plan = Plan(
            name,
            types,
            query=json.dumps(domain),
            finish="",
            keys=("", "") if compares else None,
            whole=contract.loading.mode == "upsert" and not domain,
            moves=not bounded,
            position={**asked.last, "fields": types},
            notes=notes,
        )
        return plan, domain, list(types)
