"""What is planted beside the good rows: bad rows, each of one kind, and how to count them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVERY = 7  # days in which a company has one bad row of a kind, or as many as the scale says


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of bad row: a good one again, under a key of its own, with one column spoiled.

    Attributes:
        table: of the ERP.
        key: its key.
        column: what is spoiled, which is the column of the reason in quarantine.
        spoiled: SQL of the text that stands there.
    """

    table: str
    key: str
    column: str
    spoiled: str

    @property
    def name(self) -> str:
        """What counts are told by."""
        return f"{self.table}.{self.column}"


FAULTS = (
    Fault("customer", "customer_id", "country", "'Austria'"),
    Fault("contact", "contact_id", "email", "'at example.com'"),
    Fault("supplier", "supplier_id", "currency", "'EURO'"),
    Fault("product", "product_id", "unit", "'dozen'"),
    Fault("product_unit", "product_unit_id", "base_units", "'-10'"),
    Fault("price_list", "price_id", "price", "'12,50'"),
    Fault("sales_order", "order_id", "customer_id", "null"),
    Fault("sales_order_line", "line_id", "quantity", "'twelve'"),
    Fault("sales_return", "return_id", "reason", "'other'"),
    Fault("purchase_order", "purchase_id", "supplier_id", "null"),
    Fault("purchase_order_line", "line_id", "price", "'1e309'"),
    Fault("production_order", "production_id", "quantity", "'0'"),
    Fault("goods_movement", "movement_id", "movement_id", "null"),
    Fault("goods_movement", "movement_id", "moved_on", "'2025-02-30'"),
    Fault("invoice", "invoice_id", "total_amount", "total_amount || '5'"),
    Fault("payment", "payment_id", "amount", "null"),
    Fault("ledger_line", "ledger_line_id", "currency", "'EURO'"),
    Fault("subscription", "subscription_id", "cancelled_on", "'tomorrow'"),
)


def texts(connection: DuckDBPyConnection, system: str, table: str) -> str:
    """SQL of a table as texts, money by every digit, beside what is not shown."""
    columns = [row[0] for row in connection.execute(f"describe {system}_{table}").fetchall()]
    shown = [f"{name}::varchar as {name}" for name in columns if not name.startswith("_")]
    resent = "_resent" if "_resent" in columns else "false as _resent"
    return f"select {', '.join(shown)}, _created, _written, {resent} from {system}_{table}"


def bad_rows(fault: Fault, scale: float, number: int) -> str:
    """SQL of the bad rows of a kind, over the texts `rows` of its table."""
    key = "" if fault.key == fault.column else f"{fault.key} || '-X{number}' as {fault.key}, "
    # The first of a week, so that a day that arrives later in it changes nothing.
    return (
        f"select * replace ({key}{fault.spoiled} as {fault.column}) from ("
        f"select * from rows where not _resent "
        f"qualify row_number() over (partition by company, _created // {EVERY} "
        f"order by _created, hash({fault.key}, {number}), {fault.key}) <= {ceil(scale)})"
    )


def with_bad_rows(connection: DuckDBPyConnection, system: str, table: str, scale: float) -> str:
    """SQL of a table's texts, good rows and bad ones; `_fault` names the kind of a bad one."""
    bad = [
        f"select *, '{fault.name}' as _fault from ({bad_rows(fault, scale, number)})"
        for number, fault in enumerate(FAULTS)
        if system == "erp" and fault.table == table
    ]
    good = "select *, null::varchar as _fault from rows"
    return f"with rows as ({texts(connection, system, table)}) {' union all '.join((good, *bad))}"
