"""The made-up shop's month as files, with the faults that real deliveries have."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet

from infra.demo import shop

if TYPE_CHECKING:
    from pathlib import Path

    from infra.demo.shop import Order, Payment

HEADER = "ORDER;ORDERED;ARTICLE;PACKS;PRICE;COUNTRY"
PACKED_DAY = 10  # its file comes gzipped
UNREADABLE_DAY = 17  # its file is called .gz and is none
BROKEN = {  # by day: one more line, and one more broken row
    3: "T-90003;03.03.2026 10:15;Assam;two;6,90;DE",
    6: "T-90006;06.03.2026 11:40;Earl Grey;1;7,805;DE",
    9: "T-90009;09.03.2026 16:05;Peppermint;2;4,40;Germany",
    12: ";12.03.2026 09:30;Genmaicha;1;9,20;AT",
    20: "T-90020;20.03.2026 14:20;Assam;0;6,90;DE",
    24: "T-90024;24.03.2026 12:00;Earl Grey; loose;1;7,80;DE",
    29: "T-90029;29.03.2026 02:30;Rooibos vanilla;1;5,60;CH",  # the clocks went from 02:00 to 03:00
}
REPEATED_DAY = 14  # its first order is the last one of the day before
PAYMENTS = pa.schema(
    [
        ("payment_id", pa.int64()),
        ("order_id", pa.string()),
        ("paid_at", pa.timestamp("us", tz="UTC")),
        ("amount", pa.decimal128(10, 2)),
    ]
)


@dataclass(frozen=True, slots=True)
class Month:
    """What was written.

    Attributes:
        orders: folder of the CSV files, one a day.
        payments: folder of the Parquet file.
        rows: records in the files that can be read.
        broken: those of them that break their contract.
        unreadable: the file that cannot be read.
    """

    orders: Path
    payments: Path
    rows: int
    broken: int
    unreadable: Path


def write_month(folder: Path) -> Month:
    """Write the month into a folder: the same bytes each time.

    Raises:
        OSError: the folder cannot be written.
    """
    orders, payments = folder / "orders", folder / "payments"
    orders.mkdir(parents=True, exist_ok=True)
    payments.mkdir(parents=True, exist_ok=True)
    by_day = shop.orders()
    rows = 0
    for day in by_day:
        lines = _lines(by_day, day)
        data = "".join(f"{line}\n" for line in (HEADER, *lines)).encode()
        name = f"2026-03-{day:02}.csv"
        if day == UNREADABLE_DAY:
            (orders / f"{name}.gz").write_bytes(b"<html>502 Bad Gateway</html>\n")
            continue
        rows += len(lines)
        if day == PACKED_DAY:
            (orders / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))
        else:
            (orders / name).write_bytes(data)
    paid = _with_faults(shop.payments(by_day))
    rows_of = [(p.id, p.order_id, p.at, p.amount) for p in paid]
    table = pa.table(list(zip(*rows_of, strict=True)), schema=PAYMENTS)
    pa.parquet.write_table(table, payments / "2026-03.parquet")
    return Month(
        orders=orders,
        payments=payments,
        rows=rows + len(paid),
        broken=len(BROKEN) + 1 + 2,
        unreadable=orders / f"2026-03-{UNREADABLE_DAY:02}.csv.gz",
    )


def _lines(by_day: dict[int, list[Order]], day: int) -> list[str]:
    lines = [_line(order) for order in by_day[day]]
    if day == REPEATED_DAY:
        lines.insert(0, _line(by_day[day - 1][-1]))
    if day in BROKEN:
        lines.insert(len(lines) // 2, BROKEN[day])
    return lines


def _line(order: Order) -> str:
    price = str(order.pack_price).replace(".", ",")
    at = f"{order.at:%d.%m.%Y %H:%M}"
    return f"{order.id};{at};{order.article};{order.packs};{price};{order.country}"


def _with_faults(payments: list[Payment]) -> list[Payment]:
    """Two more: a refund that was booked as a payment, and a payment for no order."""
    last = payments[-1]
    refund = replace(last, id=last.id + 1, amount=-last.amount)
    lost = replace(last, id=last.id + 2, order_id=None, amount=Decimal("12.40"))
    return [*payments, refund, lost]
