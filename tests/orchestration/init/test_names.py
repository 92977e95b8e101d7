import pytest

from orchestration.init import names


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("InvoiceNo", "invoice_no"),
        ("customerID", "customer_id"),
        ("VIXClose", "vix_close"),
        ("TX_AMOUNT", "tx_amount"),
        ("StreamingTV", "streaming_tv"),
        ("Zeit [MEZ]", "zeit_mez"),
        (" cid", "cid"),
        ("Größe", "grosse"),
        ("età", "eta"),
        ("Rate %", "rate_pct"),
        ("$schema", "schema"),
        ("a\nb", "a_b"),
    ],
)
def test_names_are_snake_case(source: str, name: str) -> None:
    assert names.snake(source) == name


def test_columns_without_latin_letters_are_numbered_by_their_place() -> None:
    assert names.columns(["id", "国人", ""]) == ["id", "column_2", "column_3"]


def test_columns_begin_with_a_letter() -> None:
    assert names.columns(["2011", "_x"]) == ["column_2011", "x"]


def test_columns_are_unique() -> None:
    assert names.columns(["a", "A", "a b", "a_b", "a"]) == ["a", "a_2", "a_b", "a_b_2", "a_3"]


def test_words_of_sql_get_an_underscore() -> None:
    assert names.columns(["Order", "from", "ordered"]) == ["order_", "from_", "ordered"]


def test_long_names_are_cut_to_what_postgres_keeps() -> None:
    assert len(names.snake("x" * 200)) == 63


@pytest.mark.parametrize(
    ("file", "stem"),
    [
        ("2011-01-05.csv", ""),
        ("transactions-2018-04.parquet", "transactions"),
        ("20140501_eurusd_minute_quote.csv", "eurusd_minute_quote"),
        ("train_FD001.txt", "train_fd001"),
        ("sales20180401.csv.gz", "sales"),
        ("part-00000-0a1b2c3d-1111-2222-3333-444455556666.c000.snappy.parquet", "part"),
        ("cpu_53ea38.csv", "cpu"),
        ("2021-01-01T1200Z_load.csv", "load"),
        ("year=2018", ""),
        ("online_retail", "online_retail"),
    ],
)
def test_stems_leave_out_dates_numbers_and_hashes(file: str, stem: str) -> None:
    assert names.stem(file) == stem
