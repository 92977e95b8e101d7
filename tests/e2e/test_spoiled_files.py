"""A data file that is cut, spoiled or lost fails the queries that need it, by its name, and no others."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError
from catalog.session import Session
from tests.chaos.faults import holds
from tests.lake_help import contract, orders

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

NEEDS = "select max(id), sum(quantity), max(price) from bronze.shop_order"
NOISE = random.Random(4).randbytes(3000)


def test_a_spoiled_data_file_fails_its_queries_by_name_and_other_tables_still_answer(
    lakehouse: Lakehouse,
) -> None:
    other = contract(name="other", id="shop.other")
    first, second = (
        orders(lakehouse.folder / "a.csv", 1000),
        orders(lakehouse.folder / "b.csv", 50, 5000),
    )
    assert lakehouse.load(contract(), first).ok
    assert lakehouse.load(other, first).ok
    [file] = (lakehouse.data / "tables" / "bronze" / "shop_order").iterdir()
    good = file.read_bytes()
    spoiled = {
        "cut": good[: len(good) // 2],
        "cut to its first word": good[:4],
        "empty": b"",
        "footer": good[:-200] + NOISE[:192] + good[-8:],
        "rows": good[:100] + NOISE + good[100 + len(NOISE) :],
        "another's": (lakehouse.folder / "a.csv").read_bytes(),
        "lost": None,
    }
    named = rf"^the lake cannot answer: [^\n]*\bdata/tables/bronze/shop_order/{re.escape(file.name)}[^\n]*$"
    for spoil, content in spoiled.items():
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        with Session(lakehouse.lake) as session:
            with pytest.raises(LakeError, match=named) as failed:
                session.sql(NEEDS).fetchall()
            assert str(lakehouse.settings.home) not in str(failed.value), spoil
            # The same session goes on.
            assert session.sql("select sum(quantity) from bronze.shop_other").fetchall(), spoil
            assert session.sql("select count(*) from ops.ledger").fetchall() == [(2,)], spoil
    assert lakehouse.load(contract(), second).ok  # what is added needs no old file
    file.write_bytes(good)
    holds(lakehouse, [first, second])
    holds(lakehouse, [first], "shop_other")
