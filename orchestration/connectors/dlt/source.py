"""A dlt source as the Connector of its resources, each the rows of one contract.

What a resource yields from dlt's last state on waits in a spool until it is whole; then it goes
through the gate, and the state that dlt is in by then is kept with it in one transaction. A
resource is read by itself, and the resources that feed it with it.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.delivery import Delivery, DeliveryError
from catalog.steps import step
from orchestration.connectors.connector import Offer
from orchestration.connectors.dlt import state as states
from orchestration.connectors.dlt.columns import Columns
from orchestration.connectors.dlt.exact import exact_numbers
from orchestration.connectors.dlt.extract import Extract
from orchestration.connectors.dlt.reference import said_of, source_of
from orchestration.connectors.dlt.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Asked


class DltConnector:
    """A dlt source."""

    def __init__(self, given: str, connection: DuckDBPyConnection | None = None) -> None:
        """Import and call it; nothing is read yet.

        Args:
            given: ``dlt:MODULE:SOURCE``.
            connection: to the lake, in whose DuckDB what is read waits; lent.

        Raises:
            InputError: dlt is missing, there is no such source, or its configuration lacks
                something.
            UnreachableError: it cannot be made.
        """
        self.shown = given
        self.source = source_of(given)
        self._connection = connection

    def tables(self) -> Sequence[str]:
        """Names of the resources that the source selects."""
        return list(self.source.resources.selected)

    def has(self, table: str) -> bool:
        """Whether it has a resource of such a name."""
        return table in self.source.resources

    @contextmanager
    def reading(self, contract: Contract, asked: Asked) -> Iterator[Offer]:
        """What the contract's resource yields from the last state on.

        Raises:
            DeliveryError: there is no such resource, or it fails; nothing of it is loaded.
        """
        name = contract.source or contract.name
        if not self.has(name):
            there = ", ".join(self.tables()) or "none"
            raise DeliveryError(f"there is no resource {name}; there are {there}")
        if asked.since is not None or asked.until is not None:
            raise DeliveryError(
                f"{name}: --from and --to mean nothing to a dlt source; its own arguments say "
                "what is read, such as an incremental with initial_value and end_value"
            )
        is_whole = (
            contract.loading.mode == "snapshot"
            or states.disposition_of(self.source.resources[name]) == "replace"
        )
        last = states.loaded(asked.last)
        if asked.full and last and not is_whole and not contract.loading.changes:
            raise DeliveryError(
                f"{name}: is appended from its last state on; all of it once more would be there "
                "twice: take back what is loaded and read it anew with --reset"
            )
        before = {} if asked.full or is_whole else last
        extract = Extract(Spool(self._connection))
        try:
            text = states.dumped(before)
            self._extract(name, before, extract, asked)
            step("extract")
            yield self._offer(contract, asked, extract, "" if is_whole else text)
        finally:
            extract.spool.close()

    def close(self) -> None:
        """There is nothing to let go of."""

    def items(self, name: str, state: dict[str, Any]) -> Iterator[Any]:
        """What a resource yields; the state is read and written meanwhile."""
        from dlt.common.configuration.container import Container
        from dlt.common.pipeline import StateInjectableContext

        context = StateInjectableContext(state=state)  # type: ignore[arg-type]
        with Container().injectable_context(context):
            found = iter(self.source.with_resources(name))
        yield from found

    def _extract(self, name: str, state: dict[str, Any], into: Extract, asked: Asked) -> None:
        try:
            with exact_numbers():
                for item in self.items(name, state):
                    if rows := into.add(item):
                        asked.progress(rows)
                asked.progress(into.flush())
            into.state = states.dumped(state)
        except DeliveryError as error:
            raise DeliveryError(f"{name}: {error}") from error
        except duckdb.Error as error:
            raise DeliveryError(f"{name}: its columns cannot be kept: {said_of(error)}") from error
        except Exception as error:
            raise DeliveryError(f"{name}: cannot be read: {said_of(error)}") from error

    def _offer(self, contract: Contract, asked: Asked, extract: Extract, before: str) -> Offer:
        """The delivery; `before` is the state that it begins at, empty where it is the whole."""
        name, origin = contract.source or contract.name, asked.origin
        types = Columns(extract.types(), is_typed=not extract.names)
        notes = types.told(contract, asked) if extract.read else ()
        payloads = [hashlib.sha256(broken.payload).hexdigest() for broken in extract.broken]
        kept = not contract.loading.changes and contract.redelivery == "keep"
        hash_ = extract.spool.content_hash(
            extract.state if before else "",
            # The same rows under another contract say something else; kept rows would be twice.
            "" if kept else contract.digest,
            origin or "",
            *payloads,
        )
        key, moves = name, before not in ("", "{}") or extract.state != "{}"
        if before and moves and not contract.loading.changes:
            # What comes after a state is a delivery of its own, beside all earlier ones.
            key = f"{name}@{states.digest(before)}"
        key = f"{origin}:{key}" if origin else key
        if before not in ("", "{}") and not extract.read and extract.state == before:
            key, hash_ = asked.last.get("key", key), asked.last.get("hash", hash_)  # nothing is new
        position = {
            "state": extract.state,
            "columns": types.known(asked),
            "key": key,
            "hash": hash_,
            "watermark": states.cursor_of(extract.state, name),
        }
        delivery = Delivery(
            source=f"{self.shown}#{name}",
            key=key,
            content_hash=hash_,
            size=extract.read * 100,
            read=partial(extract.chunks, contract),
            origin=origin,
            position=json.dumps(position),
        )
        return Offer(delivery, notes)
