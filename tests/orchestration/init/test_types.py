from collections import Counter

import pytest

from orchestration.init import numbers
from orchestration.init.nulls import split
from orchestration.init.types import File, type_of


def found(name: str, *texts: str, complete: bool = True, excel: bool = False) -> str:
    counted = Counter(texts)
    marks, others = numbers.marks_of([split(counted)[0]])
    type_ = type_of(name, counted, File(marks, others, complete, excel))
    return (type_.physical or type_.logical) + (f" as {type_.format}" if type_.format else "")


@pytest.mark.parametrize(
    ("texts", "type_"),
    [
        (["1", "-2", "+3"], "integer"),
        (["1.0", "2.0"], "integer"),
        ([" 1", "2 "], "integer"),
        (["0", "1"], "integer"),
        (["007", "12"], "string"),
        (["99999999999999999999"], "string"),
        (["1_000"], "string"),
        (["1.5", "2.25"], "number"),
        (["1e-5", "2"], "number"),
        (["1.50", "2.25"], "decimal(18,2)"),
        (["20.000000000000004", "0.1"], "number"),
        (["20.0000000000000042", "0.1"], "decimal(38,16)"),
        (["$4.00", "$5.00"], "string"),
        (["95%"], "string"),
        (["true", "False"], "boolean"),
        (["Yes", "no"], "boolean"),
        (["yes"], "string"),
        (["1", "x"], "string"),
        (["2020-01-31"], "date"),
        (["2020-02-30"], "string"),
        (["2020-01-31 10:00:00"], "timestamp"),
        (["2020-01-31T10:00:00.123Z", "2020-01-31T10:00+02:00"], "timestamp"),
        (["2020-01-31", "2020-01-31 10:00"], "timestamp"),
        (["2020-01-31 25:00:00"], "string"),
        (["2020-01-31T10:00:00.1234567Z"], "string"),
        (["31/12/2011", "01/02/2011"], "date as dd/MM/yyyy"),
        (["12/31/2011", "01/02/2011"], "date as MM/dd/yyyy"),
        (["1/2/2011", "13/4/2011"], "date as d/M/yyyy"),
        (["2018/08/31"], "date as yyyy/MM/dd"),
        (["31.12.2011 10.15.00"], "timestamp as dd.MM.yyyy HH.mm.ss"),
        (["12/31/2011 1:05 PM"], "timestamp as MM/dd/yyyy h:mm a"),
        (["5-Jan-2011", "12-Feb-2011"], "date as d-MMM-yyyy"),
        (["January 5, 2011"], "date as MMMM d, yyyy"),
        (["10:15:00", "23:59:59"], "time"),
        (["192.168.0.1"], "string"),
        ([""], "string"),
    ],
)
def test_type_is_the_narrowest_that_reads_every_text(texts: list[str], type_: str) -> None:
    assert found("x", *texts) == type_


@pytest.mark.parametrize(
    "name",
    ["id", "customer_id", "stock_code", "invoice_no", "zip", "phone", "salesorderid", "version"],
)
def test_identifiers_stay_text(name: str) -> None:
    assert found(name, "1001", "1002") == "string"
    assert found(name, "1001.0", "1002.0") == "string"


@pytest.mark.parametrize(
    "name", ["id_count", "account_balance", "no_of_units", "paid", "year", "total_no_qty"]
)
def test_quantities_are_no_identifiers(name: str) -> None:
    assert found(name, "1001", "1002") != "string"


@pytest.mark.parametrize("name", ["unit_price", "amount", "total", "net_amount", "monthly_charges"])
def test_money_is_decimal(name: str) -> None:
    assert found(name, "1", "2.5") == "decimal(18,2)"
    assert found(name, "10", "20") == "decimal(18,2)"
    assert found(name, "0.1234") == "decimal(18,4)"


def test_money_has_room_where_not_every_row_was_seen() -> None:
    assert found("amount", "2.55", complete=False) == "decimal(18,4)"
    assert found("amount", "2.55555", complete=False) == "decimal(18,5)"


def test_days_that_could_be_months_stay_text() -> None:
    assert found("x", "01/02/2011", "03/04/2011") == "string"


def test_eight_digits_are_a_day_where_the_name_says_so_or_all_of_many_are() -> None:
    days = [f"2020{month:02}{day:02}" for month in (1, 2) for day in range(1, 15)]
    assert found("posted_on", "20200101") == "date as yyyyMMdd"
    assert found("x", "20200101") == "integer"
    assert found("x", *days) == "date as yyyyMMdd"
    assert found("x", *days, "20201301") == "integer"
    assert found("order_no", *days) == "string"


def test_midnights_of_a_workbook_are_days() -> None:
    assert found("x", "2020-01-31 00:00:00", excel=True) == "date"
    assert found("x", "2020-01-31 00:00:00") == "timestamp"


@pytest.mark.parametrize("null", ["N/A", "-", " ", "NULL", "#N/A", "NaN", "\\N"])
def test_words_for_nothing_do_not_hide_a_type(null: str) -> None:
    counted = Counter(["1", "2", null, ""])
    marks, others = numbers.marks_of([split(counted)[0]])
    type_ = type_of("x", counted, File(marks, others, True, False))
    assert (type_.logical, type_.nulls) == ("integer", frozenset({null}))


def test_words_for_nothing_stay_where_a_column_is_text() -> None:
    type_ = type_of("x", Counter(["a", "-"]), File(numbers.MARKS[0], (), True, False))
    assert (type_.logical, type_.nulls) == ("string", frozenset())


def test_days_that_excel_counts_are_doubted() -> None:
    file = File(numbers.MARKS[0], (), True, False)
    assert type_of("order_date", Counter(["45292", "45293"]), file).doubts
    assert not type_of("order_date", Counter(["1", "45293"]), file).doubts
    assert not type_of("units", Counter(["45292", "45293"]), file).doubts
