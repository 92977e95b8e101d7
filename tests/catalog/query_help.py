"""A small lake to ask, for the tests of queries.

A test module gets the fixtures by `pytest_plugins` (hence PYTEST_DONT_REWRITE).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from catalog.lake import Lake
from catalog.session import Session
from catalog.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDERS = """
    create table bronze.shop_order as
    select
        i as id,
        (i * 1.25)::decimal(10, 2) as amount,
        'customer ' || i % 10 as customer,
        timestamptz '2026-01-01 00:00:00+00' + to_hours(i) as ordered_at,
        [i, i + 1] as lines
    from range(1, 1001) as numbers(i)
"""


def made_lake(home: Path, **settings: Any) -> Lake:
    """A lake with bronze.shop_order: 1000 rows, and 900 in the snapshot before."""
    lake = Lake(Settings(home=home, threads=2, **settings))
    lake.create()
    with lake.connect() as connection:
        connection.execute(f"{ORDERS} where i <= 900")
        connection.execute(
            f"insert into bronze.shop_order {ORDERS.partition(' as')[2]} where i > 900"
        )
    return lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return made_lake(tmp_path_factory.mktemp("lake") / "home")


@pytest.fixture(scope="module")
def session(lake: Lake) -> Iterator[Session]:
    with Session(lake) as session:
        yield session
