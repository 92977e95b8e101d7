"""A lake is backed up while loads run, and made again from that with equal answers."""

from __future__ import annotations

import io
import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from catalog import extensions
from catalog.backup import backup, last_of
from catalog.backups import Backups
from catalog.copying import copy_all, hash_of
from catalog.errors import LakeError, LakeMissingError, SettingError
from catalog.lake import TABLES, Lake
from catalog.move import move
from catalog.restore import restore
from catalog.verify import verify
from orchestration.keeping import keeps_raw
from orchestration.reload import reload
from tests.e2e.rich_lake import answers, fill, wider
from tests.e2e.test_undo import take_back
from tests.lake_help import Lakehouse, contract, on_postgres, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lake_help import Server
    from tests.s3_help import TestBucket

pytest_plugins = ("tests.lake_help", "tests.s3_help")


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "backups")


@pytest.fixture
def empty(tmp_path: Path, lakehouse: Lakehouse) -> Iterator[Lakehouse]:
    """A home on SQLite that has no lake, with the files of the first one."""
    settings = replace(lakehouse.settings, home=tmp_path / "again", catalog="sqlite", data=None)
    home = Lakehouse(settings, lakehouse.folder)
    yield home
    home.close()


def files_below(place: str) -> dict[str, int]:
    """Every file of a folder of backups, and when it was written."""
    root = Path(place)
    return {
        path.relative_to(root).as_posix(): path.stat().st_mtime_ns
        for path in root.rglob("*")
        if path.is_file()
    }


def bronze(lakehouse: Lakehouse, newest: int) -> dict[tuple[int, str], tuple[int, str]]:
    """What the tables of bronze answer, up to a snapshot."""
    found = answers(lakehouse.lake)
    return {key: row for key, row in found.items() if key[0] <= newest and "bronze." in key[1]}


def test_a_lake_restored_with_the_first_one_gone_answers_the_same_and_goes_on(
    lakehouse: Lakehouse, empty: Lakehouse, place: str, request: pytest.FixtureRequest
) -> None:
    """From each kind of catalog to the other."""
    fill(lakehouse)
    before = answers(lakehouse.lake)
    assert backup(lakehouse.lake, place).backup.snapshot == max(snapshot for snapshot, _ in before)
    was_on_sqlite = lakehouse.lake.on_sqlite
    shutil.rmtree(lakehouse.settings.home)
    if was_on_sqlite:
        server = request.getfixturevalue("server")
        empty.settings = replace(empty.settings, catalog=server.url(server.database()))
    done = restore(empty.settings, place)
    assert done.catalog == ("postgres" if was_on_sqlite else "sqlite")
    assert answers(empty.lake) == before
    assert verify(empty.lake, keeps_raw(empty.settings)) == []
    again = empty.load(wider(), empty.folder / "d.csv", orders(empty.folder / "e.csv", 2, 501))
    assert [o.status for o in again.outcomes] == ["already_loaded", "loaded"]
    numbers = [n for (n,) in empty.sql("select batch from ops.ledger order by batch")]
    assert len(set(numbers)) == len(numbers)
    assert again.outcomes[1].batch == max(numbers)
    take_back(empty, max(numbers), wider())
    assert [a.loaded for a in reload(empty.settings, wider())] == [0] * 3
    assert verify(empty.lake, keeps_raw(empty.settings)) == []


def test_a_second_backup_copies_nothing_and_a_third_what_is_new(
    lakehouse: Lakehouse, place: str
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    first = backup(lakehouse.lake, place)
    before = files_below(place)
    assert first.files == 2  # of the rows, and the copy of the delivery
    second = backup(lakehouse.lake, place)
    assert second.files == 0
    assert files_below(place).items() >= before.items()
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 30, 101))
    assert backup(lakehouse.lake, place).files == 2
    assert last_of(lakehouse.lake) == (place, first.backup.snapshot + 1)
    assert [one.snapshot for one in Backups(place).all] == [
        first.backup.snapshot + 1, first.backup.snapshot, first.backup.snapshot,
    ]  # fmt: skip


@on_sqlite
def test_each_backup_of_a_place_can_be_restored_and_those_that_are_not_kept_are_gone(
    lakehouse: Lakehouse, empty: Lakehouse, place: str, tmp_path: Path
) -> None:
    rows = []
    for name in "abc":
        lakehouse.load(contract(), orders(lakehouse.folder / f"{name}.csv", 20, ord(name) * 100))
        rows.append(lakehouse.rows())
        lakehouse.close()
        number = backup(lakehouse.lake, place).backup.snapshot
    restore(empty.settings, place, at=number - 1)
    assert empty.rows() == rows[1]
    with lakehouse.lake.connect() as connection:
        connection.execute("drop table bronze.shop_order")
        connection.execute("call ducklake_expire_snapshots('lake', older_than => now())")
    assert len(backup(lakehouse.lake, place, keep=1).backup.files) == 3  # the deliveries' copies
    assert [path.partition("/")[0] for path in files_below(place)].count("catalogs") == 1
    assert not list(Path(place).rglob("*.parquet"))
    with pytest.raises(LakeError, match=f"holds no backup of snapshot {number}, but of"):
        restore(replace(empty.settings, home=tmp_path / "third"), place, at=number)


@pytest.mark.slow
def test_a_backup_while_loads_run_is_exactly_the_lake_of_some_snapshot(
    lakehouse: Lakehouse, empty: Lakehouse, place: str
) -> None:
    """And neither the loads nor the backups fail meanwhile."""
    lakehouse.load(contract(), orders(lakehouse.folder / "0.csv", 20))
    stop, failures, loaded = threading.Event(), list[BaseException](), []

    def load() -> None:
        try:
            for number in range(1, 1000):
                if stop.is_set():
                    return
                size = 4 if number % 2 else 20  # in the catalog, and in a file
                file = orders(
                    lakehouse.folder / f"{number}.csv", size, number * 100, (number * 100,)
                )
                loaded.append(lakehouse.load(contract(), file).ok)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=load)
    writer.start()
    try:
        backups = []
        while len(loaded) < 6 and not failures:
            backups.append(backup(lakehouse.lake, place).backup.snapshot)
    finally:
        stop.set()
        writer.join()
    assert not failures
    assert all(loaded)
    assert backups[0] < backups[-1]
    for snapshot in (backups[0], backups[-1]):
        empty.settings = replace(empty.settings, home=empty.settings.home.with_name(f"{snapshot}"))
        restore(empty.settings, place, at=snapshot)
        assert bronze(empty, snapshot) == bronze(lakehouse, snapshot)
        assert [f for f in verify(empty.lake, keeps_raw(empty.settings)) if f.kind != "extra"] == []


@on_sqlite
@pytest.mark.parametrize("what", ["tables", "raw", "catalogs"])
def test_a_spoiled_file_of_a_backup_is_named_and_nothing_is_restored(
    lakehouse: Lakehouse, empty: Lakehouse, place: str, what: str
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    backup(lakehouse.lake, place)
    file = next(p for p in Path(place).rglob("*") if what in p.parts and p.is_file())
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(LakeError, match=f"^{file}: is spoiled: .*; nothing is restored$"):
        restore(empty.settings, place)
    assert not empty.lake.exists
    file.unlink()
    with pytest.raises(LakeError, match=f"^{file}: the lake cannot be restored: No such file"):
        restore(empty.settings, place)
    file.write_bytes(whole)
    restore(empty.settings, place)
    assert empty.rows() == lakehouse.rows()


@on_sqlite
def test_a_spoiled_manifest_or_none_is_told(
    lakehouse: Lakehouse, empty: Lakehouse, place: str
) -> None:
    with pytest.raises(LakeError, match="holds no backup; lakehouse backup makes one"):
        restore(empty.settings, place)
    backup(lakehouse.lake, place)
    [file] = Path(place).glob("backups/*.json")
    about = json.loads(file.read_text())
    for text, told in (
        ("{", "is spoiled"),
        ("[]", "is spoiled"),
        (json.dumps({**about, "layout": 2}), "is of layout 2"),
        (json.dumps({**about, "tables": TABLES + 1}), "use the newer software"),
        (json.dumps({**about, "format": "2.0"}), "use the newer software"),
    ):
        file.write_text(text)
        with pytest.raises(LakeError, match=told):
            restore(empty.settings, place)


def test_nothing_is_restored_over_a_lake(
    lakehouse: Lakehouse, empty: Lakehouse, place: str, tmp_path: Path
) -> None:
    backup(lakehouse.lake, place)
    with pytest.raises(LakeError, match="there is a lake already"):
        restore(lakehouse.settings, place)
    beside = replace(lakehouse.settings, home=tmp_path / "beside")
    if lakehouse.lake.on_sqlite:
        beside.home.mkdir()
        (beside.home / "catalog.sqlite").write_bytes(b"may be all that is left")
        with pytest.raises(LakeError, match="may be a lake; move it away"):
            restore(beside, place)
    else:
        with pytest.raises(LakeError, match="there is a lake in that Postgres already"):
            restore(beside, place)
        with pytest.raises(LakeError, match="give LAKEHOUSE_CATALOG the URL"):
            restore(replace(empty.settings, catalog=None), place)
    restore(empty.settings, place)
    with pytest.raises(LakeError, match="there is a lake already"):
        restore(empty.settings, place)
    assert answers(lakehouse.lake) == answers(empty.lake)


@on_sqlite
def test_a_backup_is_not_made_into_the_lake_or_beside_another_ones(
    lakehouse: Lakehouse, empty: Lakehouse, place: str, tmp_path: Path
) -> None:
    home = lakehouse.settings.home
    link = tmp_path / "link"
    link.symlink_to(home)
    for inside in (home, home / "backups", home / "data", home.parent, link / "x"):
        with pytest.raises(LakeError, match="is part of the lake, or holds it"):
            backup(lakehouse.lake, str(inside))
    with pytest.raises(LakeMissingError, match="there is no lake in"):
        backup(empty.lake, place)
    empty.lake.create()
    backup(empty.lake, place)
    with pytest.raises(LakeError, match="holds backups of another lake"):
        backup(lakehouse.lake, place)
    assert len(Backups(place).all) == 1


@on_sqlite
def test_a_place_is_a_folder_or_s3_and_no_other_url_which_may_hold_a_password(
    lakehouse: Lakehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("https://me:hunter2@host/x", "s3://me:hunter2@host/x", "s3://host/x?k=hunter2"):
        with pytest.raises(SettingError, match="is a folder or a URL s3://bucket") as told:
            backup(lakehouse.lake, url)
        assert "hunter2" not in str(told.value)
    assert not list(tmp_path.glob("*:"))


@on_sqlite
def test_a_backup_is_no_more_open_than_the_lake_nor_a_restored_lake_than_the_backup(
    lakehouse: Lakehouse, empty: Lakehouse, place: str
) -> None:
    lakehouse.settings.home.chmod(0o700)
    backup(lakehouse.lake, place)
    restore(empty.settings, place)
    assert [Path(one).stat().st_mode & 0o077 for one in (place, empty.settings.home)] == [0, 0]


@on_sqlite
def test_a_lake_is_not_restored_over_the_data_of_another_one_or_into_its_backups(
    lakehouse: Lakehouse, empty: Lakehouse, place: str, tmp_path: Path
) -> None:
    """Two lakes over one place of data would each delete what the other one writes."""
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    backup(lakehouse.lake, place)
    with pytest.raises(LakeError, match="has files of a lake; give LAKEHOUSE_DATA a place"):
        restore(replace(empty.settings, data=lakehouse.data), place)
    assert not empty.lake.exists
    for home in (Path(place), Path(place) / "data"):
        with pytest.raises(LakeError, match="is part of the lake, or holds it"):
            restore(replace(empty.settings, home=home), place)


@on_sqlite
def test_a_backup_is_not_restored_otherwise_encrypted_than_was_asked(
    lakehouse: Lakehouse, empty: Lakehouse, place: str
) -> None:
    backup(lakehouse.lake, place)
    with pytest.raises(LakeError, match=r"LAKEHOUSE_ENCRYPTED asks: .* cannot be encrypted later"):
        restore(replace(empty.settings, encrypted=True), place)
    assert not empty.settings.home.exists()


@on_sqlite
def test_backups_of_two_lakes_to_one_place_at_once_are_of_one_of_them(
    lakehouse: Lakehouse, empty: Lakehouse, place: str
) -> None:
    """Else each would take the other one's catalog for what a killed backup left."""
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    empty.load(contract(), orders(empty.folder / "b.csv", 30))
    told = list[str]()

    def run(lake: Lake) -> None:
        try:
            backup(lake, place)
        except LakeError as error:
            told.append(str(error))

    threads = [threading.Thread(target=run, args=(one.lake,)) for one in (lakehouse, empty)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [f"{place}: holds backups of another lake"]
    [done] = Backups(place).all
    assert (Path(place) / done.catalog_path).stat().st_size == done.catalog.size


def test_files_on_their_way_are_left_where_one_of_them_fails() -> None:
    """So that Ctrl-C and a full disk end a backup at once, whatever its files' sizes."""

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            return len(buffer)

    class Source:
        read = staticmethod(lambda _: Endless())

    def settle(path: str, stop: threading.Event) -> int:
        if path == "lost":
            raise KeyboardInterrupt
        return hash_of(Source(), path, stop).size  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        copy_all(["endless", "too", "lost", "never begun"], settle, lambda _: None)


@on_sqlite
def test_a_home_that_cannot_remember_its_backup_is_told_in_one_line(
    lakehouse: Lakehouse, place: str
) -> None:
    (lakehouse.settings.home / "backup.json").mkdir()
    with pytest.raises(LakeError, match="the backup cannot be made: Is a directory"):
        backup(lakehouse.lake, place)


@on_sqlite
def test_a_lake_with_a_lost_file_is_not_backed_up_but_told(
    lakehouse: Lakehouse, place: str
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    [file] = lakehouse.data.rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(LakeError, match=f"^{file}: is .* bytes and was written with .*verify"):
        backup(lakehouse.lake, place)
    file.unlink()
    with pytest.raises(LakeError, match=f"^{file}: the backup cannot be made: No such file"):
        backup(lakehouse.lake, place)
    assert Backups(place).all == []


@on_postgres
def test_no_password_is_in_a_backup(lakehouse: Lakehouse, place: str) -> None:
    url = lakehouse.settings.catalog or ""
    secret = url.replace("lakehouse@", "lakehouse:hunter2@")
    lakehouse.settings = replace(lakehouse.settings, catalog=secret)
    lakehouse.load(contract(), write_csv(lakehouse.folder / "a.csv", "a,1,1"))
    backup(lakehouse.lake, place)
    for file in Path(place).rglob("*"):
        assert not (file.is_file() and b"hunter2" in file.read_bytes())


def test_the_catalog_of_a_backup_is_a_lake_that_duckdb_itself_opens(
    lakehouse: Lakehouse, place: str
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30, broken=(4,)))
    done = backup(lakehouse.lake, place)
    with extensions.connect(("ducklake", "sqlite_scanner"), {}) as connection:
        connection.execute(
            f"attach 'ducklake:sqlite:{place}/{done.backup.catalog_path}' as lake "
            f"(read_only, data_path '{place}/data/tables', override_data_path true)"
        )
        found = connection.execute("select count(*) from lake.bronze.shop_order").fetchone()
    assert found == (29,)


@on_sqlite
def test_an_encrypted_lake_is_restored_with_its_keys_and_moved(
    lakehouse: Lakehouse, empty: Lakehouse, place: str, server: Server
) -> None:
    lakehouse.settings = replace(
        lakehouse.settings, home=lakehouse.settings.home.with_name("sealed"), encrypted=True
    )
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30, broken=(4,)))
    backup(lakehouse.lake, place)
    empty.settings = replace(empty.settings, catalog=server.url(server.database()))
    restore(empty.settings, place)
    assert empty.lake.encrypted
    move(empty.settings, "sqlite")
    empty.settings = replace(empty.settings, catalog=None)
    assert answers(empty.lake) == answers(lakehouse.lake)
    assert verify(empty.lake, keeps_raw(empty.settings)) == []
    assert [a.loaded for a in reload(empty.settings, contract())] == [0]


@on_sqlite
@pytest.mark.slow
def test_data_on_s3_is_backed_up_to_a_folder_and_to_s3(
    on_s3: Lakehouse, tmp_path: Path, bucket: TestBucket
) -> None:
    on_s3.load(contract(), orders(on_s3.folder / "a.csv", 30, broken=(4,)))
    for target in (str(tmp_path / "backups"), f"{bucket.url}/backups"):
        assert backup(on_s3.lake, target).files == 2
        assert backup(on_s3.lake, target, keep=1).files == 0
        again = replace(on_s3.settings, home=tmp_path / target[:2].strip("/:"), data=None)
        restore(again, target)
        assert answers(Lake(again)) == answers(on_s3.lake)
    with pytest.raises(LakeError, match="is part of the lake, or holds it"):
        backup(on_s3.lake, bucket.url)
