"""What is new in a source, into bronze by contract: table after table, each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from catalog.delivery import DeliveryError, Outcome
from catalog.loader import Loader
from catalog.positions import last_position
from catalog.runs import Run
from data_contracts.errors import ContractError
from orchestration.connectors.connector import Asked
from orchestration.ingest import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Connector, Offer

SUMS = ("read", "loaded", "quarantined", "unchanged", "deleted")


@dataclass(slots=True)
class Synced:
    """What a sync did.

    Attributes:
        source: as it may be shown.
        outcomes: of each table, by its name in bronze.
    """

    source: str
    snapshot: int | None = None
    outcomes: list[tuple[str, Outcome]] = field(default_factory=list)

    def of(self, status: str) -> list[tuple[str, Outcome]]:
        """The tables of a status, with their outcomes."""
        return [(table, outcome) for table, outcome in self.outcomes if outcome.status == status]

    @property
    def ok(self) -> bool:
        """Whether every table is as its source has it."""
        return not self.of("failed")

    def as_json(self) -> dict[str, Any]:
        """The report as programs read it: that of an ingest, with tables in place of files."""
        loaded = self.of("loaded")
        notes = [{"table": f"bronze.{t}", "note": n} for t, o in self.outcomes for n in o.notes]
        return {
            "source": self.source,
            "snapshot": self.snapshot,
            **{name: sum(getattr(o, name) for _, o in loaded) for name in SUMS},
            "tables": {s: len(self.of(s)) for s in ("loaded", "already_loaded", "failed")},
            "failures": [
                {"table": f"bronze.{t}", "reason": o.reason} for t, o in self.of("failed")
            ],
            "notes": notes,
            "loads": [
                {
                    "id": o.batch,
                    "table": f"bronze.{t}",
                    "source": o.source,
                    **{name: getattr(o, name) for name in SUMS},
                }
                for t, o in loaded
            ],
        }


def sync(
    lake: Lake,
    connector: Connector,
    contracts: Sequence[Contract],
    asked: Asked | None = None,
    *,
    connection: DuckDBPyConnection | None = None,
    watcher: Watcher | None = None,
) -> Synced:
    """Load what is new in a source.

    Args:
        lake: to load into; it is made where there is none.
        connector: the source, which is open.
        contracts: of its tables.
        asked: what of it; `last` and `progress` are filled in here, table by table.
        connection: to the lake, for all tables; each has one of its own where it is None.
        watcher: is told how it goes.

    Raises:
        UnreachableError: the source is gone; tables that were through are loaded.
        LakeError: the lake cannot be written.
    """
    watcher, asked = watcher or Watcher(), asked or Asked()
    report = Synced(connector.shown)
    lake.create()
    run = Run("sync", lake.settings)
    watcher.files(len(contracts))
    for at, contract in enumerate(contracts):
        outcome, snapshot = _table(
            lake,
            connector,
            contract,
            asked,
            run,
            watcher,
            connection,
            last=at + 1 == len(contracts),
        )
        report.outcomes.append((contract.table, outcome))
        report.snapshot = snapshot or report.snapshot
        watcher.done(outcome)
    return report


def _table(
    lake: Lake, connector: Connector, contract: Contract, asked: Asked, run: Run, watcher: Watcher,
    connection: DuckDBPyConnection | None, *, last: bool,
) -> tuple[Outcome, int | None]:  # fmt: skip
    """One table: its outcome, and the snapshot after it."""
    source = f"{connector.shown}#{contract.source or contract.name}"
    told = replace(asked, progress=lambda rows: watcher.rows(source, rows))
    with Loader(lake, contract, run, accept=asked.accept, connection=connection) as loader:
        try:
            told = replace(
                told, last=last_position(loader.connection, contract.table, asked.origin)
            )
            with connector.reading(contract, told) as offer:
                [outcome] = loader.load([offer.delivery], last=last)
                return _noted(outcome, offer), loader.snapshot()
        except (DeliveryError, ContractError) as error:
            failed = Outcome(source, "failed", reason=str(error))
            try:
                loader.load([], [failed], last=last)
            except ContractError:
                return failed, None  # its table is not what the contract says: there is no receipt
            return failed, loader.snapshot()


def _noted(outcome: Outcome, offer: Offer) -> Outcome:
    return replace(outcome, notes=(*offer.notes, *outcome.notes))
