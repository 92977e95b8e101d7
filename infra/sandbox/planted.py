"""How much of each kind was planted, worked out from the model: it is written nowhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.sandbox import files
from infra.sandbox.faults import FAULTS, with_bad_rows
from infra.sandbox.model import Model

if TYPE_CHECKING:
    from infra.sandbox.group import Plan

# By kind: SQL over the ERP that counts what was written between two days.
OTHERS = {
    "late change: sales_order": "from erp_sales_order where note is not null",
    "late commit: sales_order": "from erp_sales_order where updated_at::date < date_of(_written)",
    "soft delete: contact": "from erp_contact where deleted_at is not null",
    "soft delete: price_list": "from erp_price_list where deleted_at is not null",
    "re-sent: payment": "from erp_payment where _resent",
}
EVENTS = ("re-sent", "out of order")


@dataclass(frozen=True, slots=True)
class Planted:
    """Counts of what a sandbox has, or of what a day brought.

    Attributes:
        bad: bad rows by `table.column`, which is `device_reading.cut off` where a line is no JSON.
        others: by kind and table, what is no bad row.
    """

    bad: dict[str, int]
    others: dict[str, int]


def planted(plan: Plan, first: int = 0) -> Planted:
    """What was planted from a day on.

    Args:
        plan: of the sandbox.
        first: number of the day, from 0; the plan's last for what came with it alone.
    """
    bad: Counter[str] = Counter()
    others: Counter[str] = Counter()
    with Model(plan) as model:
        shown = f"_written between {first} and {plan.last}"
        for table in dict.fromkeys(fault.table for fault in FAULTS):
            rows = with_bad_rows(model.connection, "erp", table, plan.scale)
            query = f"select _fault, count(*) from ({rows}) where {shown} and _fault is not null"
            bad.update(dict(model.connection.execute(f"{query} group by all").fetchall()))
        for kind, query in OTHERS.items():
            [(count,)] = model.connection.execute(f"select count(*) {query} and {shown}").fetchall()
            others[kind] += count
        for kind, topic, count in files.kinds(model, first):
            if kind in EVENTS:
                others[f"{kind}: {topic}"] += count
            else:
                bad[kind] += count
    return Planted(dict(sorted(bad.items())), dict(sorted(others.items())))
