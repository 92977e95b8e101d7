"""What a delivery of a contract means, in words; what of it changed, and what to look at twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.change import BOTH, DELIVERERS, NOBODY, READERS, Change, becomes
from data_contracts.finding import Finding, fault, warning
from data_contracts.trial import words_of
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract
    from data_contracts.document import Document
    from data_contracts.loading import Loading
    from data_contracts.standard import Path_

MODES = {
    "append": "append: its rows are added",
    "snapshot": "snapshot: it is the whole table; a key that it does not hold is deleted",
    "period": "period: it is the whole of the days that it covers",
    "upsert": "upsert: each of its rows takes the place of its key",
    "cdc": "cdc: each of its rows is an operation on its key",
}
UNORDERED = (
    "says neither orderBy nor deliveryOrder: of two versions of a key the one that arrives last "
    "wins, whichever is newer"
)


def loading_in_words(contract: Contract) -> list[tuple[str, str]]:
    """What a delivery means, label and value; nothing beyond the mode where it appends."""
    loading = contract.loading
    facts = [("A delivery is", MODES[loading.mode])]
    if loading.mode == "append":
        return facts
    if loading.period_by:
        of = f"the path's {' to '.join(loading.period)}" if loading.period else "its rows"
        facts.append(("Days covered", f"those of {of}, by {loading.period_by}"))
    facts.append(("Newer is", _order(loading)))
    if loading.delete_when:
        facts.append(("Deletes its key", f"a row where {loading.delete_when}"))
    if loading.operation:
        facts.append(("Operation", loading.operation))
    if loading.mode in ("snapshot", "period") or contract.syncing.compare_keys:
        facts.append(("Held", f"until somebody accepts it, where over {loading.shrink:g}% is gone"))
    return facts


def _order(loading: Loading) -> str:
    if loading.by_rows:
        return f"the row whose {', '.join(loading.order_by)} is greater"
    return f"the delivery whose {loading.delivery_order or 'arrival'} is later"


def loading_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Every change of what a delivery means."""
    before, after = old.loading, new.loading
    if before.mode != after.mode:
        yield Change("deliveries", f"load {becomes(before.mode, after.mode)}", BOTH)
    pairs = (
        ("periodBy", before.period_by, after.period_by, BOTH),
        ("period", ", ".join(before.period), ", ".join(after.period), DELIVERERS),
        ("orderBy", ", ".join(before.order_by), ", ".join(after.order_by), READERS),
        ("deliveryOrder", before.delivery_order, after.delivery_order, BOTH),
        ("deleteWhen", before.delete_when, after.delete_when, READERS),
        ("operation", before.operation, after.operation, DELIVERERS),
        ("allowShrink", f"{before.shrink:g}", f"{after.shrink:g}", NOBODY),
    )
    for name, earlier, later, who in pairs:
        if earlier != later:
            yield Change("deliveries", f"{name} {becomes(earlier, later)}", who)
    if before.operations != after.operations:
        gone = sorted(before.operations.keys() - after.operations.keys())
        said = f"; {', '.join(gone)} mean nothing any more" if gone else ""
        yield Change("deliveries", f"operations are named otherwise{said}", DELIVERERS)


def loading_notes(document: Document, where: Path_, contract: Contract) -> Iterator[Finding]:
    """What is no fault in what a delivery means, and still worth a second look."""
    loading = contract.loading
    # What a database hands over comes in its own order.
    if not loading.is_ordered and contract.reading.format != "table":
        yield warning(document, where, UNORDERED)
    if loading.period_by and loading.period_by not in [column.name for column in contract.key]:
        said = f"{loading.period_by} is no part of the key, which may be there once for each day"
        yield warning(document, where, said)


def loading_faults(
    connection: DuckDBPyConnection, document: Document, contract: Contract, where: Path_
) -> Iterator[Finding]:
    """What of it DuckDB refuses: tried over no rows."""
    condition = contract.loading.delete_when
    if condition is None:
        return
    listed = ", ".join(f"{quoted(column.name)} {column.type}" for column in contract.columns)
    connection.execute(f"create or replace temp table changes ({listed})")
    if words := words_of(connection, f"select 1 from changes where ({condition})"):
        yield fault(document, where, f"deleteWhen cannot be worked out: {words}")
