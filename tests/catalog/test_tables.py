"""A table follows its contract where nothing is lost, and is otherwise left as it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from data_contracts.contract import Column, Contract
from data_contracts.errors import ContractError
from data_contracts.types import lake_type
from tests.lake_help import ID, PRICE, QUANTITY, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

NOTE = Column("note", "note", "string", "VARCHAR")
X, Y = Column("x", "x", "integer", "BIGINT"), Column("y", "y", "string", "VARCHAR")


def numbered(type_: str) -> Contract:
    """The contract whose quantity is of a type."""
    logical_type = {"BIGINT": "integer", "VARCHAR": "string"}.get(type_, "number")
    return contract(ID, replace(QUANTITY, logical_type=logical_type, type=type_), PRICE)


def placed(*fields: Column) -> Contract:
    """The contract of a nested place."""
    column = Column("place", "place", "object", lake_type("object", fields=fields), fields=fields)
    return contract(ID, column)


def test_the_table_has_the_contracts_columns_and_the_lineage(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 1))
    columns = lakehouse.sql(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = 'lake' and schema_name = 'bronze' and table_name = 'shop_order' "
        "order by column_index"
    )
    assert columns == [
        ("id", "VARCHAR"),
        ("quantity", "BIGINT"),
        ("price", "DECIMAL(18,2)"),
        ("_source", "VARCHAR"),
        ("_position", "BIGINT"),
        ("_batch", "BIGINT"),
        ("_op", "VARCHAR"),
        ("_origin", "VARCHAR"),
        ("_rescued", "JSON"),
    ]


@on_sqlite
def test_what_appends_is_read_from_silver_too_and_follows_its_contract(
    lakehouse: Lakehouse,
) -> None:
    silver = "select * exclude (_rescued, _origin, _batch) from silver.shop_order order by all"
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 2))
    assert lakehouse.sql(silver) == lakehouse.sql(
        "select id, quantity, price from bronze.shop_order order by all"
    )
    lakehouse.load(contract(ID, QUANTITY, PRICE, NOTE), orders(lakehouse.folder / "b.csv", 1, 3))
    assert [len(row) for row in lakehouse.sql(silver)] == [4, 4, 4]
    views = lakehouse.sql("select view_name from duckdb_views() where schema_name = 'silver'")
    assert views == [("shop_order",)]


@pytest.mark.parametrize("rows", [3, 40], ids=["few rows", "a file of rows"])
def test_a_new_nullable_column_follows(lakehouse: Lakehouse, rows: int) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", rows))
    wider = contract(ID, QUANTITY, PRICE, NOTE)
    file = write_csv(lakehouse.folder / "b.csv", "n,1,2,new", header="id,quantity,price,note")
    assert lakehouse.load(wider, file).ok
    assert lakehouse.rows("id, note")[-2:] == [(f"o{rows}", None), ("n", "new")]


@pytest.mark.parametrize("rows", [3, 40], ids=["few rows", "a file of rows"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("BIGINT", "DECIMAL(38,4)"),
        ("BIGINT", "DECIMAL(19,0)"),
        ("DECIMAL(18,2)", "DECIMAL(38,4)"),
    ],
)
def test_a_widened_type_follows_and_every_value_stays(
    lakehouse: Lakehouse, before: str, after: str, rows: int
) -> None:
    file = write_csv(
        lakehouse.folder / "a.csv", *(f"o{n},{9007199254740993 + n}," for n in range(rows))
    )
    lakehouse.load(numbered(before), file)
    more = write_csv(lakehouse.folder / "b.csv", "p,7,")
    assert lakehouse.load(numbered(after), more).ok
    values = lakehouse.rows("quantity, typeof(quantity)")
    assert values == [*((Decimal(9007199254740993 + n), after) for n in range(rows)), (7, after)]


@pytest.mark.parametrize("rows", [3, 40], ids=["few rows", "a file of rows"])
def test_a_new_field_of_a_struct_follows(lakehouse: Lakehouse, rows: int) -> None:
    lines = (f'o{n:02},"{{""x"": {n}}}"' for n in range(rows))
    lakehouse.load(placed(X), write_csv(lakehouse.folder / "a.csv", *lines, header="id,place"))
    file = write_csv(lakehouse.folder / "b.csv", 'p,"{""x"": 7, ""y"": ""z""}"', header="id,place")
    for fields in ((X, Y), (Y, X)):  # the order of fields is nobody's promise
        assert lakehouse.load(placed(*fields), file).ok
    assert lakehouse.rows("place.x, place.y")[-2:] == [(rows - 1, None), (7, "z")]


@on_sqlite
def test_a_table_that_fits_is_not_altered_again(lakehouse: Lakehouse) -> None:
    for number, fields in enumerate(((X, Y), (X, Y), (Y, X))):
        file = write_csv(lakehouse.folder / "a.csv", f"o{number},", header="id,place")
        lakehouse.load(placed(*fields), file)
    changes = lakehouse.sql(
        "select changes from lake.snapshots() where changes.tables_altered is not null"
    )
    assert changes == []


def test_a_new_enum_value_follows(lakehouse: Lakehouse) -> None:
    few = replace(NOTE, enum=("new",))
    lines = ("a,new", "b,paid")
    file = write_csv(lakehouse.folder / "a.csv", *lines, header="id,note")
    assert lakehouse.load(contract(ID, few), file).outcomes[0].quarantined == 1
    more = replace(NOTE, enum=("new", "paid"))
    file = write_csv(lakehouse.folder / "b.csv", *lines, "", header="id,note")
    write_csv(file, "c,paid", header="id,note")
    assert lakehouse.load(contract(ID, more), file).outcomes[0].loaded == 1


@on_sqlite
@pytest.mark.parametrize(
    ("wanted", "diff"),
    [
        (contract(ID, QUANTITY), "- price DECIMAL(18,2)"),
        (contract(ID, PRICE, replace(QUANTITY, name="count")), "- quantity BIGINT"),
        (numbered("DOUBLE"), "~ quantity BIGINT -> DOUBLE"),
        (numbered("DECIMAL(18,0)"), "~ quantity BIGINT -> DECIMAL(18,0)"),
        (numbered("VARCHAR"), "~ quantity BIGINT -> VARCHAR"),
        (contract(ID, QUANTITY, replace(PRICE, type="DECIMAL(17,2)")), "-> DECIMAL(17,2)"),
        (contract(ID, QUANTITY, replace(PRICE, type="DECIMAL(18,1)")), "-> DECIMAL(18,1)"),
        (contract(ID, QUANTITY, replace(PRICE, type="DECIMAL(18,4)")), "-> DECIMAL(18,4)"),
        (contract(ID, QUANTITY, PRICE, replace(NOTE, required=True)), "+ note VARCHAR required"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_incompatible_change_is_refused_with_the_diff_and_changes_nothing(
    lakehouse: Lakehouse, wanted: Contract, diff: str
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    before = (lakehouse.state(), lakehouse.snapshots(), lakehouse.count("ops.receipt"))
    with pytest.raises(ContractError) as refused:
        lakehouse.load(wanted, orders(lakehouse.folder / "b.csv", 3, first=9))
    assert diff in str(refused.value)
    assert "does not fit bronze.shop_order" in str(refused.value)
    assert "or give the schema object a new name" in str(refused.value)
    assert (lakehouse.state(), lakehouse.snapshots(), lakehouse.count("ops.receipt")) == before


@on_sqlite
@pytest.mark.parametrize(
    "fields", [(X,), (X, replace(Y, type="BIGINT"))], ids=["removed", "changed"]
)
def test_a_removed_or_changed_field_of_a_struct_is_refused(
    lakehouse: Lakehouse, fields: tuple[Column, ...]
) -> None:
    file = write_csv(lakehouse.folder / "a.csv", "o1,", header="id,place")
    lakehouse.load(placed(X, Y), file)
    with pytest.raises(ContractError, match=r"~ place STRUCT"):
        lakehouse.load(placed(*fields), file)


@on_sqlite
def test_all_that_does_not_fit_is_told_at_once(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    wanted = contract(ID, replace(QUANTITY, type="VARCHAR"), replace(NOTE, required=True))
    with pytest.raises(ContractError, match=r"- price .*; ~ quantity .*; [+] note .* required"):
        lakehouse.load(wanted, orders(lakehouse.folder / "b.csv", 3, first=9))


@on_sqlite
def test_a_new_required_column_follows_while_the_table_is_empty(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), write_csv(lakehouse.folder / "a.csv"))
    wanted = contract(ID, QUANTITY, PRICE, replace(NOTE, required=True))
    file = write_csv(lakehouse.folder / "b.csv", "n,1,2,new", header="id,quantity,price,note")
    assert lakehouse.load(wanted, file).outcomes[0].loaded == 1


@on_sqlite
def test_a_refusal_is_taken_back_by_mending_the_contract(lakehouse: Lakehouse) -> None:
    file = orders(lakehouse.folder / "a.csv", 3)
    lakehouse.load(contract(), file)
    with pytest.raises(ContractError):
        lakehouse.load(contract(ID), file)
    assert [o.status for o in lakehouse.load(contract(), file).outcomes] == ["already_loaded"]
