"""A lake that is encrypted: nothing of its rows and deliveries lies in the clear where its data is."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError, QueryRefusedError, SettingError
from catalog.lake import Lake
from catalog.runs import Run
from catalog.sealed import BLOCK
from catalog.session import Session
from catalog.settings import Settings, load
from catalog.storage import storage
from catalog.undo import undo
from catalog.verify import verify
from orchestration.reload import reload
from tests.lake_help import Lakehouse, contract, on_postgres, on_sqlite, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.s3_help import TestBucket

pytest_plugins = ("tests.lake_help", "tests.s3_help")

ROWS, MARKER = 60, "marker-of-a-value"


@pytest.fixture
def sealed(fresh_settings: Settings, tmp_path: Path) -> Iterator[Lakehouse]:
    """An encrypted lake on each catalog, with two loads in it."""
    house = Lakehouse(replace(fresh_settings, encrypted=True), tmp_path / "files")
    fill(house)
    yield house
    house.close()


def fill(house: Lakehouse) -> None:
    for name in "ab":
        lines = (f"{name}{MARKER}{n},{'x' if n == 3 else n},1" for n in range(ROWS))
        assert house.load(contract(), write_csv(house.folder / f"{name}.csv", *lines)).ok


def in_the_clear(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if MARKER.encode() in path.read_bytes()]


@pytest.mark.slow
@on_sqlite
def test_no_value_lies_in_the_clear_and_the_lake_answers_as_any(sealed: Lakehouse) -> None:
    assert in_the_clear(sealed.data) == []
    assert {path.suffix for path in sealed.data.rglob("*") if path.is_file()} == {".parquet"}
    assert len([one for one in sealed.ids() if MARKER in one]) == 2 * (ROWS - 1)
    assert verify(sealed.lake, lambda _: True) == []
    with Session(sealed.lake) as session:
        [(count,)] = session.sql("select count(*) from bronze.shop_order").fetchall()
    assert count == 2 * (ROWS - 1)
    before = sealed.rows()
    for file in sealed.folder.iterdir():
        file.unlink()
    reload(sealed.settings, contract())
    assert sealed.rows() == before
    undo(sealed.lake, 1, Run("undo", sealed.settings), lambda _: contract())
    assert len(sealed.ids()) == ROWS - 1
    assert verify(sealed.lake, lambda _: True) == []
    assert in_the_clear(sealed.data) == []


@on_sqlite
def test_the_home_remembers_and_no_later_setting_changes_it(
    sealed: Lakehouse, tmp_path: Path
) -> None:
    home = sealed.settings.home
    assert Lake(Settings(home=home)).encrypted
    with pytest.raises(
        LakeError, match=r"^[^\n]*is encrypted; take LAKEHOUSE_ENCRYPTED=false off$"
    ):
        Lake(Settings(home=home, encrypted=False))
    Lake(Settings(home=tmp_path / "plain")).create()
    with pytest.raises(LakeError, match=r"^[^\n]*cannot be encrypted later; make another[^\n]*$"):
        Lake(Settings(home=tmp_path / "plain", encrypted=True))
    with pytest.raises(SettingError, match="LAKEHOUSE_ENCRYPTED is 'yes'; true or false is meant"):
        load({"LAKEHOUSE_ENCRYPTED": "yes"})


@on_postgres
def test_a_second_home_of_a_catalog_has_to_agree(sealed: Lakehouse, tmp_path: Path) -> None:
    second = replace(sealed.settings, home=tmp_path / "second", data=sealed.data)
    for asked in (None, False):
        with pytest.raises(
            LakeError, match="is of an encrypted lake; set LAKEHOUSE_ENCRYPTED=true"
        ):
            Lake(replace(second, encrypted=asked)).create()
    Lake(second).create()
    assert verify(Lake(second), lambda _: True) == []


@pytest.mark.slow
@on_sqlite
def test_what_is_missing_or_changed_is_named(sealed: Lakehouse) -> None:
    tables = sorted((sealed.data / "tables/bronze").rglob("*.parquet"))
    copies = sorted((sealed.data / "raw").rglob("*.parquet"))
    tables[0].write_bytes(bytes(reversed(tables[0].read_bytes())))
    middle = bytearray(copies[0].read_bytes())
    middle[len(middle) // 2] ^= 1
    footless = sealed.folder / "c.csv"
    sealed.load(contract(), write_csv(footless, f"{MARKER},1,1"))
    third = next(one for one in (sealed.data / "raw").rglob("*.parquet") if one not in copies)
    third.write_bytes(third.read_bytes()[:-9])
    copies[0].write_bytes(middle)
    copies[1].unlink()
    found = {
        (one.kind, one.place.rpartition("/")[2]) for one in verify(sealed.lake, lambda _: True)
    }
    assert ("changed", tables[0].name) in found
    assert ("changed", copies[0].name) in found
    assert ("changed", third.name) in found
    assert sorted(kind for kind, _ in found) == ["changed"] * 3 + ["missing"]


@on_sqlite
def test_no_query_tells_a_key(sealed: Lakehouse) -> None:
    with sealed.lake.connect(read_only=True) as connection:
        rows = connection.execute("from __ducklake_metadata_lake.ducklake_metadata").fetchall()
        secret = dict(row[:2] for row in rows)["lakehouse_secret"]
    with Session(sealed.lake) as session:
        for query in (
            "from lake.options()",
            "from ducklake_options('lake')",
            "from __ducklake_metadata_lake.ducklake_metadata",
            "from __ducklake_metadata_lake.ducklake_data_file",
            "from ducklake_list_files('lake', 'shop_order', schema => 'bronze')",
        ):
            with pytest.raises(QueryRefusedError):
                session.sql(query).fetchall()
    told = json.dumps(sealed.sql("from lake.snapshots()") + sealed.sql("from ops.run"), default=str)
    assert secret not in told


def test_a_large_copy_is_the_bytes_that_were_kept(tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path / "home", encrypted=True))
    lake.create()
    given = os.urandom(2 * BLOCK + 7)
    (tmp_path / "given").write_bytes(given)
    with (tmp_path / "given").open("rb") as stream:
        lake.copies.keep("a" * 64, stream)
    with lake.copies.read("a" * 64) as stream:
        assert stream.read() == given
    assert lake.copies.has("a" * 64)
    assert not lake.copies.has("b" * 64)
    [file] = storage(lake.data.url).files("raw")
    assert "aaaa" not in file.path


@pytest.mark.slow
@on_sqlite
def test_what_is_spilled_to_disk_is_encrypted(sealed: Lakehouse) -> None:
    settings = replace(sealed.settings, memory="60MB")
    with Lake(settings).connect() as connection:
        connection.execute(
            f"create temp table big as select '{MARKER}' || i as s, hash(i) as h "
            "from range(1000000) numbers(i) order by h"
        )
        assert in_the_clear(next(settings.home.glob("spill-*"))) == []


@on_sqlite
def test_an_encrypted_lake_may_have_its_data_on_s3(
    s3_settings: Settings, bucket: TestBucket
) -> None:
    house = Lakehouse(replace(s3_settings, encrypted=True), s3_settings.home / "files")
    fill(house)
    assert in_the_clear(bucket.folder) == []
    assert len(house.ids()) == 2 * (ROWS - 1)
    assert verify(house.lake, lambda _: True) == []
    house.close()
