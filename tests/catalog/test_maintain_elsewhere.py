"""Upkeep of a lake whose data is on S3, or encrypted, keeps what it promises anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.verify import verify
from data_contracts.retention import Retention
from tests.catalog.upkeep_help import NOW, answers, keep_up
from tests.lake_help import Lakehouse, contract, on_postgres, on_sqlite, orders

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.settings import Settings

pytest_plugins = ("tests.lake_help", "tests.s3_help")

HELD_TO = contract(retention=Retention(1, "week"), keep_raw=True)


def is_kept_up(lakehouse: Lakehouse) -> None:
    """Files are merged and deleted, rows and copies go, and what is left answers as before."""
    for number in range(3):
        first = 1 + number * 50
        lakehouse.load(HELD_TO, orders(lakehouse.folder / f"{number}.csv", 20, first, [first]))
    before = answers(lakehouse)
    done = keep_up(lakehouse, HELD_TO)
    assert [one.merged for one in done.tables if one.table == "bronze.shop_order"] == [3]
    assert done.swept.files >= 3
    after = answers(lakehouse)
    assert {number: after[number] for number in before} == before
    assert not verify(lakehouse.lake, lambda _: True)
    assert len(list(lakehouse.lake.data.files("raw"))) == 3
    with lakehouse.lake.connect() as connection:
        old = "update ops.ledger set loaded_at = loaded_at - interval 9 days where batch < 3"
        connection.execute(old)
    assert keep_up(lakehouse, HELD_TO, history=NOW).rows == {"shop_order": (38, 2)}
    assert len(list(lakehouse.lake.data.files("raw"))) == 1
    assert lakehouse.count("bronze.shop_order") == 19
    lakehouse.close()
    assert not verify(lakehouse.lake, lambda _: True)


@on_sqlite
@pytest.mark.slow
def test_an_encrypted_lake_is_kept_up(fresh_settings: Settings, tmp_path: Path) -> None:
    lakehouse = Lakehouse(replace(fresh_settings, encrypted=True), tmp_path / "files")
    is_kept_up(lakehouse)
    lakehouse.close()


@on_postgres
def test_a_lake_on_s3_is_kept_up(on_s3: Lakehouse) -> None:
    is_kept_up(on_s3)
