from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data_contracts.widening import widens

if TYPE_CHECKING:
    from catalog.settings import Settings

KEEPS_ALL = [
    ("BIGINT", "DECIMAL(19,0)", "9223372036854775807"),
    ("BIGINT", "DECIMAL(38,2)", "9007199254740993"),
    ("DECIMAL(18,2)", "DECIMAL(20,4)", "1234567890123456.78"),
    ("DECIMAL(18,2)", "DECIMAL(38,2)", "1234567890123456.78"),
    ("BIGINT[]", "DECIMAL(19,0)[]", "[1, null]"),
    ("STRUCT(a BIGINT)", "STRUCT(b VARCHAR, a DECIMAL(19,0))", "{'a': 1}"),
    ("STRUCT(a BIGINT)[]", "STRUCT(a BIGINT, b VARCHAR)[]", "[{'a': 1}]"),
]
LOSES = [
    ("BIGINT", "DOUBLE"),
    ("BIGINT", "DECIMAL(18,0)"),
    ("BIGINT", "DECIMAL(20,2)"),
    ("DECIMAL(18,4)", "DECIMAL(38,2)"),
    ("DECIMAL(18,2)", "DECIMAL(18,4)"),
    ("DECIMAL(18,2)", "DOUBLE"),
    ("DOUBLE", "DECIMAL(38,10)"),
    ("DATE", "TIMESTAMP WITH TIME ZONE"),  # at whose midnight?
    ("VARCHAR", "JSON"),
    ("JSON", "VARCHAR"),
    ("BOOLEAN", "BIGINT"),
    ("STRUCT(a BIGINT, b VARCHAR)", "STRUCT(a BIGINT)"),
    ("BIGINT[]", "DOUBLE[]"),
    ("BIGINT", "BIGINT[]"),
]


@pytest.mark.parametrize(("old", "new"), [(old, new) for old, new, _ in KEEPS_ALL])
def test_a_type_widens_where_no_value_can_change(old: str, new: str) -> None:
    assert widens(old, new)
    assert not widens(new, old)


@pytest.mark.parametrize(("old", "new"), LOSES)
def test_a_type_does_not_widen_where_a_value_could_change(old: str, new: str) -> None:
    assert not widens(old, new)


def test_a_type_widens_to_itself() -> None:
    assert widens("TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE")


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 50], ids=["inlined", "in-a-file"])
def test_what_widens_is_altered_by_the_lake_and_reads_back_the_same(
    settings: Settings, rows: int
) -> None:
    from catalog.lake import Lake

    lake = Lake(settings)
    lake.create()
    with lake.connect() as connection:
        for at, (old, new, value) in enumerate(KEEPS_ALL):
            table = f"bronze.t{at}"
            connection.execute(f"create table {table} (c {old})")
            connection.execute(f"insert into {table} select {value} from range({rows})")
            connection.execute(f"alter table {table} alter column c set data type {new}")
            connection.execute(f"insert into {table} select {value}::{old} from range({rows})")
            read = connection.execute(
                f"select count(*), count(distinct c), bool_and(c = {value}::{old}::{new}), "
                f"any_value(typeof(c)) from {table}"
            ).fetchone()
            assert read is not None
            assert read[:3] == (2 * rows, 1, True), (old, new)
