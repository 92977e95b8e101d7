"""dlt's rest_api against a real server: pages, increments, children, digits, failures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.lake_help import on_sqlite
from tests.orchestration.dlt.dlt_help import TOKEN, Api, drafted, order, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.orchestration.dlt.dlt_help")
pytestmark = [
    on_sqlite,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # dlt's sessions, which it leaves open
]

CURRENT = "select id, changed::varchar, price from silver.rest_orders order by id"


def of(api: Api) -> list[tuple[int, str, Decimal]]:
    """What the system holds."""
    rows = []
    for text in api.orders.values():
        price = Decimal(text.partition('"price": ')[2].partition(",")[0])
        rows.append(
            (int(text[7:].partition(",")[0]), text.partition('"changed": "')[2][:10], price)
        )
    return sorted(rows)


def test_rows_of_all_pages_are_there_with_every_digit_and_nested_as_they_were(
    lakehouse: Lakehouse, api: Api, tmp_path: Path
) -> None:
    api.orders[3] = order(3, "2026-01-03", "9007199254740993.17")
    folder = drafted("rest", tmp_path / "c", "orders")
    assert sums(synced(lakehouse, "rest", folder)) == (25, 25, 0, 0, 0)
    assert lakehouse.sql(CURRENT) == of(api)
    nested = "select customer.amount::varchar, lines[1].sku, lines[1].quantity"
    assert lakehouse.sql(f"{nested} from silver.rest_orders where id = 7") == [
        ("1234567890123456.78", "s7", 2)
    ]


def test_a_second_sync_asks_for_what_is_new_alone_and_loads_it_once(
    lakehouse: Lakehouse, api: Api, tmp_path: Path
) -> None:
    folder = drafted("rest", tmp_path / "c", "orders")
    synced(lakehouse, "rest", folder)
    api.asked.clear()
    again = synced(lakehouse, "rest", folder)
    assert (again.as_json()["loaded"], again.as_json()["tables"]["already_loaded"]) == (0, 1)
    assert api.asked == ["/orders?since=2026-01-25"]
    api.orders[4] = order(4, "2026-01-26", "5.00")
    api.orders[26] = order(26, "2026-01-25")  # a tie on the boundary
    assert sums(synced(lakehouse, "rest", folder)) == (2, 2, 0, 0, 0)
    assert sums(synced(lakehouse, "rest", folder, full=True)) == (26, 0, 0, 26, 0)
    assert lakehouse.sql(CURRENT) == of(api)


def test_children_and_snapshots_are_the_whole_each_time(
    lakehouse: Lakehouse, api: Api, tmp_path: Path
) -> None:
    api.orders = {number: api.orders[number] for number in range(1, 6)}
    folder = drafted("rest", tmp_path / "c", "notes", "countries")
    assert sums(synced(lakehouse, "rest", folder)) == (7, 7, 0, 0, 0)
    assert synced(lakehouse, "rest", folder).as_json()["tables"]["already_loaded"] == 2
    api.orders[26], api.countries = order(26, "2026-02-01"), ["AT", "CH", "DE", "FR", "IT"]
    synced(lakehouse, "rest", folder)
    api.countries = ["AT", "DE", "CH", "FR"]
    assert sums(synced(lakehouse, "rest", folder))[-1] == 1
    assert lakehouse.sql("select code from silver.rest_countries order by 1") == [
        ("AT",), ("CH",), ("DE",), ("FR",),
    ]  # fmt: skip
    assert lakehouse.count("bronze.rest_notes") == 6


def test_a_broken_row_is_quarantined_with_its_reasons_and_its_record(
    lakehouse: Lakehouse, api: Api, tmp_path: Path
) -> None:
    folder = drafted("rest", tmp_path / "c", "orders")
    api.orders[8] = order(8, "2026-01-08", '"many"')
    assert sums(synced(lakehouse, "rest", folder)) == (25, 24, 1, 0, 0)
    [(reasons, payload)] = lakehouse.sql(
        "select reasons::varchar, decode(payload) from ops.quarantine"
    )
    assert "price" in reasons
    assert "many" in reasons
    assert '"sku":"s8"' in payload.replace(" ", "")


def test_a_source_that_fails_on_the_way_loads_nothing_and_is_exact_afterwards(
    lakehouse: Lakehouse, api: Api, tmp_path: Path
) -> None:
    folder = drafted("rest", tmp_path / "c", "orders")
    api.fails_at_page = 2
    report = synced(lakehouse, "rest", folder)
    [failure] = report.as_json()["failures"]
    assert "403" in failure["reason"]
    assert "\n" not in failure["reason"]
    api.fails_at_page = None
    assert sums(synced(lakehouse, "rest", folder)) == (25, 25, 0, 0, 0)
    assert lakehouse.sql(CURRENT) == of(api)


def test_a_token_is_in_no_message_and_nowhere_in_the_lake(
    lakehouse: Lakehouse, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = drafted("rest", tmp_path / "c", "orders")
    synced(lakehouse, "rest", folder)
    monkeypatch.setenv("SOURCES__SYSTEMS__REST__TOKEN", "another-token")
    reason = synced(lakehouse, "rest", folder).as_json()["failures"][0]["reason"]
    assert "401" in reason
    assert "another-token" not in reason
    lakehouse.close()
    for file in (path for path in lakehouse.settings.home.rglob("*") if path.is_file()):
        assert TOKEN.encode() not in file.read_bytes(), file
