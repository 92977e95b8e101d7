from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.contract import Column, Contract, Reading
from data_contracts.gate import compile_gate
from orchestration.init import numbers
from orchestration.init.digits import digits_of


@pytest.mark.parametrize(
    ("columns", "decimal", "thousands"),
    [
        ([["1.5", "2"]], ".", ""),
        ([["1,5", "2"]], ",", ""),
        ([["1.234,50", "2,00"]], ",", "."),
        ([["1,234.50", "2.00"]], ".", ","),
        ([["1 234,5"]], ",", " "),
        ([["1'234.50"]], ".", "'"),
        ([["1.234"], ["1,5"]], ",", "."),
        ([["1.5"], ["2.5"], ["1,5"]], ".", ""),
        ([["1"], ["x"]], ".", ""),
    ],
)
def test_marks_are_those_that_read_most_columns(
    columns: list[list[str]], decimal: str, thousands: str
) -> None:
    marks, _ = numbers.marks_of(columns)
    assert (marks.decimal, marks.thousands) == (decimal, thousands)


def test_three_digits_after_the_only_mark_are_doubtful() -> None:
    marks, others = numbers.marks_of([["1.234", "23.824"]])
    assert numbers.is_doubtful(["1.234", "23.824"], marks, others)


def test_another_column_settles_what_a_mark_means() -> None:
    marks, others = numbers.marks_of([["1.234"], ["1.5"]])
    assert not numbers.is_doubtful(["1.234"], marks, others)


@settings(deadline=None)  # a busy machine takes longer for the first
@given(st.text("0123456789.,+-eE ", min_size=1, max_size=24), st.sampled_from(numbers.MARKS[:4]))
def test_what_is_taken_for_a_number_the_gate_reads(text: str, marks: numbers.Marks) -> None:
    if not numbers.reads([text], marks):
        return
    digits = digits_of({text: 1}, marks)
    if not digits.whole and not digits.exact:
        return
    logical, type_ = ("integer", "BIGINT") if digits.whole else ("number", "DOUBLE")
    contract = Contract(
        id="a.b",
        version="1.0.0",
        domain="a",
        name="b",
        columns=(Column("x", "x", logical, type_),),
        file=Path("b.yaml"),
        digest="",
        reading=Reading(decimal_mark=marks.decimal, thousands_mark=marks.thousands),
    )
    gate = compile_gate(contract, {"x": "VARCHAR"})
    assert duckdb.execute(
        f"select {gate.ok} from {gate.over('(select ? as x)')}", [text]
    ).fetchone() == (True,)


def test_a_minus_after_some_numbers_is_one() -> None:
    amounts = ["1.234,56-", "1.234,56", "0,50- "]
    marks, _ = numbers.marks_of([amounts, ["Tee"]])
    assert (marks.decimal, marks.thousands, marks.trailing) == (",", ".", True)
    assert numbers.reads(amounts, marks)
    assert [str(numbers.value(text, marks)) for text in amounts] == ["-1234.56", "1234.56", "-0.50"]
    digits = digits_of(dict.fromkeys(amounts, 1), marks)
    assert (digits.whole, digits.before, digits.after, digits.constant) == (False, 4, 2, 2)


@pytest.mark.parametrize(
    "texts", [["1-", "2-"], ["1-2", "3"], ["A-", "1"], ["1--", "2"], ["-1-", "2"]]
)
def test_other_hyphens_are_no_minus(texts: list[str]) -> None:
    marks, _ = numbers.marks_of([texts])
    assert not marks.trailing
    assert not numbers.reads(texts, marks)
