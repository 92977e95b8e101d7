"""What a delivery means for what the table holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.delivery import Delivery
from catalog.ledger import Standing
from tests.lake_help import contract, on_sqlite, orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.delivery import Chunk
    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"


def delivery(key: str, content: str) -> Delivery:
    def read() -> Iterator[Chunk]:
        raise AssertionError("planning reads nothing")

    return Delivery(key, key, content, 1, read)


def plans(lakehouse: Lakehouse, held_to: Contract, *deliveries: tuple[str, str]) -> list[object]:
    with lakehouse.lake.connect() as connection:
        standing = Standing(connection, held_to)
        made = [standing.plan(delivery(*one), 100 + at) for at, one in enumerate(deliveries)]
    return [(plan.action, plan.batch, plan.replaces) for plan in made]


@on_sqlite
def test_an_empty_ledger_loads_each_content_once(lakehouse: Lakehouse) -> None:
    assert plans(lakehouse, contract(), ("a", "1"), ("b", "2"), ("c", "1")) == [
        ("load", None, ()),
        ("load", None, ()),
        ("already_loaded", 100, ()),
    ]


@on_sqlite
def test_a_plan_follows_the_plans_before_it(lakehouse: Lakehouse) -> None:
    files = [orders(lakehouse.folder / f"{name}.csv", 1, first=ord(name)) for name in "ab"]
    lakehouse.load(contract(), *files)
    (one, first), (two, second) = lakehouse.sql(
        "select delivery_key, content_hash from ops.ledger order by batch"
    )
    assert plans(lakehouse, contract(), (one, second), (two, "new"), ("c", first)) == [
        ("already_loaded", 2, (1,)),
        ("load", None, ()),  # the other name still holds what it held
        ("load", None, ()),  # what left is not there any more
    ]
    assert plans(lakehouse, contract(redelivery="keep"), (one, "new"), ("c", first)) == [
        ("load", None, ()),
        ("already_loaded", 1, ()),
    ]
    assert plans(lakehouse, contract(redelivery="refuse"), (one, "new"), (one, first)) == [
        ("refuse", 1, ()),
        ("already_loaded", 1, ()),
    ]
    assert plans(lakehouse, contract(delivery_key=("x",)), ("c", first), (one, first)) == [
        ("load", None, ()),
        ("already_loaded", 1, ()),
    ]


@on_sqlite
def test_another_tables_loads_are_not_looked_at(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 1))
    [(key, content)] = lakehouse.sql("select delivery_key, content_hash from ops.ledger")
    assert plans(lakehouse, contract(name="other"), (key, content)) == [("load", None, ())]
