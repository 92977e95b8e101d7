"""Files as SAP writes them: 1.234,56- and 20260131 and 00000000, and amounts by their currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.diff import diff
from data_contracts.errors import ContractError
from data_contracts.odcs import read as read_contracts
from data_contracts.show import show
from tests.data_contracts.gate_help import column, contract, few, read, texts, through
from tests.data_contracts.writing import contract as written
from tests.lake_help import on_sqlite

if TYPE_CHECKING:
    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = ["tests.lake_help"]
EXAMPLE = Path(__file__).parents[2] / "data_contracts" / "sap" / "journal_item.odcs.yaml"
SAP: dict[str, Any] = {"decimal_mark": ",", "thousands_mark": ".", "trailing_minus": True}
DIGITS = {"JPY": 0, "KRW": 0, "EUR": 2, "USD": 2, "KWD": 3, "BHD": 3, "CLF": 4}
HEADER = "BUKRS;BELNR;GJAHR;BUZEI;HKONT;SHKZG;BLDAT;BUDAT;AUGDT;CPUTM;WRBTR;WAERS;DMBTR;SGTXT"


def german(number: Decimal) -> str:
    """A number as SAP shows it to users in Germany, by Python's own formatting."""
    text = f"{abs(number):,f}".translate(str.maketrans(",.", ".,"))
    return f"{text}-" if number < 0 else text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56-", Decimal("-1234.56")),
        ("1.234,56", Decimal("1234.56")),
        ("-1.234,56", Decimal("-1234.56")),
        ("  12,50- ", Decimal("-12.50")),
        ("0,00-", Decimal(0)),
        ("1.234.567.890,12-", Decimal("-1234567890.12")),
        ("12-", Decimal(-12)),
    ],
)
def test_a_minus_may_stand_after_an_amount(text: str, value: Decimal) -> None:
    assert read("number", text, "decimal(18,2)", reading=SAP) == value


@pytest.mark.parametrize("text", ["-5,00-", "5,00--", "5-00", "-", "--", "1.23,00-", "5,001-"])
def test_what_is_no_amount_breaks_its_row(text: str) -> None:
    assert "without losing digits" in read("number", text, "decimal(18,2)", reading=SAP)


def test_without_saying_so_a_minus_after_a_number_breaks_its_row() -> None:
    assert "without losing digits" in read("number", "5.00-", "decimal(18,2)")


def test_whole_numbers_and_floats_take_it_too() -> None:
    assert read("integer", "1.200-", reading=SAP) == -1200
    assert read("number", "1.200,5-", reading=SAP) == -1200.5


@few
@given(st.lists(st.decimals(-(10**14), 10**14, places=2), min_size=1, max_size=30))
def test_every_amount_is_read_to_the_last_digit(numbers: list[Decimal]) -> None:
    amounts = contract(column("number", "decimal(18,2)"), **SAP)
    rows = texts(amounts, [german(number) for number in numbers])
    assert [row.values["x"] for row in rows] == numbers


@few
@given(st.sampled_from(sorted(DIGITS)), st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_an_amount_has_no_more_digits_than_its_currency(code: str, units: int, places: int) -> None:
    amount = Decimal(units).scaleb(-places)
    agreed = contract(
        column("number", "decimal(20,4)", currency_column="waers"), column("string", name="waers")
    )
    [row] = through(agreed, "select ? as x, ? as waers", [str(amount), code])
    least = -int(amount.normalize().as_tuple().exponent) if amount else 0
    assert row.ok is (least <= DIGITS[code]), (amount, code)
    if row.ok:
        assert row.values["x"] == amount
    else:
        assert row.reasons == [f"x: {amount} has more digits than {code}"]


def test_what_is_no_code_of_a_currency_is_not_judged() -> None:
    agreed = contract(
        column("number", "decimal(20,4)", currency_column="waers"), column("string", name="waers")
    )
    for code in ("12", "USDN", None):
        [row] = through(agreed, "select '1.2345' as x, ? as waers", [code])
        assert row.values["x"] == Decimal("1.2345")


@few
@given(st.sampled_from(sorted(DIGITS)), st.integers(-(10**9), 10**9))
def test_an_amount_of_a_table_has_two_digits_whatever_its_currency(code: str, units: int) -> None:
    agreed = contract(
        column("number", "decimal(20,4)", currency_column="waers", is_internal=True),
        column("string", name="waers"),
    )
    stored = Decimal(units).scaleb(-2)
    [row] = through(agreed, "select ? as x, ? as waers", [str(stored), code])
    assert row.values["x"] == Decimal(units).scaleb(-DIGITS[code])


@pytest.mark.parametrize(("amount", "code"), [("1.234", "KWD"), ("1.00", ""), ("1.00", None)])
def test_an_amount_of_a_table_that_cannot_be_told_breaks_its_row(
    amount: str, code: str | None
) -> None:
    agreed = contract(
        column("number", "decimal(20,4)", currency_column="waers", is_internal=True),
        column("string", name="waers"),
    )
    [row] = through(agreed, "select ? as x, ? as waers", [amount, code])
    assert not row.ok
    assert "is no amount of two digits in" in row.reasons[0]


def test_a_column_may_have_words_of_its_own_for_missing() -> None:
    dates = column("date", format="yyyyMMdd", null_values=("00000000",))
    agreed = contract(dates, column("string", name="number"))
    [row] = through(agreed, "select '00000000' as x, '00000000' as number")
    assert row.ok
    assert row.values["x"] is None
    assert row.values["number"] == "00000000"  # which is a number of something


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"logicalType": "number"}, "is no decimal"),
        ({"logicalType": "number", "physicalType": "decimal(9,2)"}, "there is no property waers"),
    ],
)
def test_a_currency_column_has_to_make_sense(
    tmp_path: Path, item: dict[str, Any], said: str
) -> None:
    amount = {
        "name": "amount",
        "customProperties": [{"property": "currencyColumn", "value": "waers"}],
        **item,
    }
    with pytest.raises(ContractError, match=said):
        written(tmp_path, [{"name": "id", "logicalType": "string"}, amount])


def test_what_a_contract_says_goes_before_its_preset(tmp_path: Path) -> None:
    said = {"preset": "sap", "delimiter": "|"}
    shown = {"format": "dd.MM.yyyy"}
    days = [
        {"name": "day", "logicalType": "date"},
        {"name": "shown", "logicalType": "date", "logicalTypeOptions": shown},
    ]
    agreed = written(tmp_path, days, said)
    assert (agreed.reading.delimiter, agreed.reading.decimal_mark) == ("|", ",")
    day, other = agreed.columns
    assert (day.options["format"], day.null_values) == ("yyyyMMdd", ("00000000",))
    assert (other.options["format"], other.null_values) == ("dd.MM.yyyy", ())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ({}, {"currencyColumn": "a"}, "currencyColumn is now a"),
        ({"currencyColumn": "a"}, {}, "currencyColumn was a, is no longer said"),
        (
            {"currencyColumn": "a"},
            {"currencyColumn": "a", "currencyInternal": True},
            "currencyColumn was a, is now a, internal",
        ),
        ({}, {"nullValues": ["0"]}, "'0' now means a missing value"),
        ({"nullValues": ["0"]}, {}, "'0' no longer means a missing value"),
    ],
)
def test_what_an_amount_means_is_compared(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], what: str
) -> None:
    def agreed(said: dict[str, Any]) -> Contract:
        customs = [{"property": name, "value": value} for name, value in said.items()]
        amount = {"name": "x", "logicalType": "number", "physicalType": "decimal(18,2)"}
        return written(
            tmp_path,
            [{"name": "a", "logicalType": "string"}, {**amount, "customProperties": customs}],
        )

    [change] = diff(agreed(old), agreed(new))
    assert change.what == what
    assert change.breaking_for == ("readers", "deliverers")


def test_the_example_is_shown_with_its_currencies_and_initial_dates() -> None:
    shown = {found.name: found for found in show(read_contracts(EXAMPLE)[0]).columns}
    assert shown["amount"].currency == "in currency"
    assert shown["clearing_date"].rules[-1] == "missing is 00000000"


@on_sqlite
def test_an_export_is_loaded_by_the_example_contract(lakehouse: Lakehouse) -> None:
    [agreed] = read_contracts(EXAMPLE)
    start = "1000;{};2026;001;0000113100;{};20260131;20260131"
    lines = (
        f"{start.format('0100000001', 'S')};00000000;000000;1.234,56;EUR;1.234,56;Miete",
        f"{start.format('0100000002', 'H')};20260215;235959;1.234,56-;EUR;1.234,56-;",
        f"{start.format('0100000003', 'S')};00000000;120000;163.060;JPY;1.000,00;Tee",
        f"{start.format('0100000004', 'S')};00000000;120000;320,123;KWD;1.000,39;Tee",
        f"{start.format('0100000005', 'S')};00000000;120000;163.060,5;JPY;1.000,00;Tee",
        f"{start.format('0100000006', 'S')};20260230;120000;1,00;EUR;1,00;Tee",
    )
    file = lakehouse.folder / "items.csv"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    report = lakehouse.load(agreed, file).as_json()
    assert report["failures"] == []
    assert (report["loaded"], report["quarantined"]) == (4, 2)
    rows = lakehouse.sql(
        "select document_number, item, account, clearing_date, entry_time, amount, local_amount, "
        "item_text from bronze.sap_journal_item order by 1"
    )
    first, second, yen, dinar = rows
    assert first[:5] == ("0100000001", "001", "0000113100", None, "000000")
    assert first[5:] == (Decimal("1234.560"), Decimal("1234.56"), "Miete")
    assert second[3:] == (
        date(2026, 2, 15), "235959", Decimal("-1234.560"), Decimal("-1234.56"), None,
    )  # fmt: skip
    assert (yen[5], dinar[5]) == (Decimal(163060), Decimal("320.123"))
    reasons = lakehouse.sql("select reasons from ops.quarantine order by position")
    assert "163.060,5 has more digits than JPY" in str(reasons[0])
    assert "20260230" in str(reasons[1])
