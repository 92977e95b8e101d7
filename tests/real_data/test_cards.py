"""Four months of card transactions in Parquet."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.real_data.twice import check_counts, check_second_changes_nothing, load_twice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.real_data.twice import Twice

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def cards(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    found = load_twice(tmp_path_factory.mktemp("cards"), "cards.transaction", real_data / "fraud")
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def truth(real_data: Path) -> pa.Table:
    """The files' rows as Arrow reads them."""
    files = sorted((real_data / "fraud").glob("*.parquet"))
    return pa.concat_tables(pq.read_table(file) for file in files)


def test_every_transaction_of_four_months_is_read_and_kept(cards: Twice) -> None:
    check_counts(cards, files=4, read=1_169_723)


def test_the_second_load_changes_nothing(cards: Twice) -> None:
    check_second_changes_nothing(cards)


def test_amounts_are_those_of_the_files_to_the_cent(cards: Twice, truth: pa.Table) -> None:
    # The nearest cent in whole numbers, worked out by Arrow; no amount is half a cent from one.
    cents = pc.round(pc.multiply(truth["tx_amount"], 100.0))
    assert pc.max(pc.abs(pc.subtract(pc.multiply(truth["tx_amount"], 100.0), cents))).as_py() < 1e-9
    found = cards.figures("sum(tx_amount)", "min(tx_amount)", "max(tx_amount)")
    whole = pc.cast(cents, pa.int64())
    expected = (pc.sum(whole).as_py(), pc.min(whole).as_py(), pc.max(whole).as_py())
    assert found == tuple(Decimal(value) / 100 for value in expected)


def test_an_amount_that_a_binary_float_only_nearly_says_is_kept_as_it_was_meant(
    cards: Twice, truth: pa.Table
) -> None:
    pairs = zip(truth["transaction_id"].to_pylist(), truth["tx_amount"].to_pylist(), strict=True)
    crooked = {str(number): amount for number, amount in pairs if len(repr(amount)) > 10}
    assert min(map(len, map(repr, crooked.values()))) > 15  # 1071.1499999999999, say
    listed = ", ".join(f"'{number}'" for number in crooked)
    found = cards.sql(
        f"select transaction_id, tx_amount from {{}} where transaction_id in ({listed})"
    )
    assert dict(found) == {number: Decimal(f"{amount:.2f}") for number, amount in crooked.items()}
    assert len(found) == len(crooked) > 0


def test_every_row_is_the_files(cards: Twice, truth: pa.Table) -> None:
    order = "_source", "_position"
    query = (
        "select transaction_id::bigint, epoch_ns(tx_at), customer_id::bigint, terminal_id::bigint, "
        "(tx_amount * 100)::bigint, seconds_since_start, days_since_start, is_fraud::bigint, "
        f"fraud_scenario from {cards.table} order by {', '.join(order)}"
    )
    found = cards.connection.execute(query).to_arrow_table()
    cents = pc.cast(pc.round(pc.multiply(truth["tx_amount"], 100.0)), pa.int64())
    place = truth.schema.get_field_index("tx_amount")
    expected = truth.set_column(place, "tx_amount", cents)
    assert found.num_columns == expected.num_columns
    for column, name in zip(found.columns, expected.column_names, strict=True):
        wanted = expected[name]
        if pa.types.is_timestamp(wanted.type):
            wanted = pc.cast(wanted, pa.timestamp("ns")).cast(pa.int64())
        assert pc.all(pc.equal(column.cast(pa.int64()), wanted)).as_py(), name


def test_identifiers_are_text_and_money_has_its_currency(cards: Twice) -> None:
    types = {column.name: (column.type, column.currency) for column in cards.contract.columns}
    assert {types[name] for name in ("transaction_id", "customer_id", "terminal_id")} == {
        ("VARCHAR", None)
    }
    assert types["tx_amount"] == ("DECIMAL(18,2)", "EUR")
