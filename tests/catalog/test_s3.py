"""Data on S3: the lake is the same there, keys are told to nobody, and what is wrong is one line."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest

from catalog.errors import LakeError, QueryRefusedError, SettingError
from catalog.lake import Lake
from catalog.lockdown import locked
from catalog.runs import Run
from catalog.s3 import Access, Bucket
from catalog.session import Session
from catalog.settings import Settings
from catalog.undo import undo
from catalog.verify import verify
from orchestration.doctor import examine
from orchestration.reload import reload
from tests.lake_help import Lakehouse, contract, on_sqlite, orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.s3_help import TestBucket

pytest_plugins = ("tests.lake_help", "tests.s3_help")

ROWS = 50  # more than the catalog keeps itself


def test_a_lake_with_its_data_on_s3_is_loaded_asked_verified_undone_and_reloaded(
    on_s3: Lakehouse, bucket: TestBucket
) -> None:
    file = orders(on_s3.folder / "a.csv", ROWS, broken=(3,))
    assert on_s3.load(contract(), file, orders(on_s3.folder / "b.csv", ROWS, 500)).ok
    assert on_s3.load(contract(), file).outcomes[0].status == "already_loaded"
    assert len(on_s3.ids()) == 2 * ROWS - 1
    there = {path.suffix for path in bucket.folder.rglob("*") if path.is_file()}
    assert there == {".parquet", ".zst"}
    assert not list(on_s3.settings.home.rglob("*.parquet"))
    with Session(on_s3.lake) as session:
        [(count,)] = session.sql("select count(*) from bronze.shop_order").fetchall()
    assert count == 2 * ROWS - 1
    assert verify(on_s3.lake, lambda _: True) == []
    before = on_s3.rows()
    file.unlink()
    reload(on_s3.settings, contract())
    assert on_s3.rows() == before
    undo(on_s3.lake, 1, Run("undo", on_s3.settings), lambda _: contract())
    assert len(on_s3.ids()) == ROWS
    assert verify(on_s3.lake, lambda _: True) == []


@on_sqlite
def test_a_file_that_is_missing_changed_or_extra_on_s3_is_named(
    on_s3: Lakehouse, bucket: TestBucket
) -> None:
    for number in range(3):
        on_s3.load(contract(), orders(on_s3.folder / f"{number}.csv", ROWS, 1 + number * ROWS))
    data = sorted((bucket.folder / "lake/tables/bronze/shop_order").glob("*.parquet"))
    copies = sorted((bucket.folder / "lake/raw").glob("*/*.zst"))
    data[0].unlink()
    data[1].write_bytes(data[1].read_bytes()[:-100])
    copies[0].unlink()
    copies[1].write_bytes(copies[1].read_bytes()[:-9])
    (bucket.folder / "lake/tables/left.parquet").write_bytes(b"x")
    told = {(f.kind, f.place.rpartition("/")[2]) for f in verify(on_s3.lake, lambda _: True)}
    assert told - {t for t in told if t[1].startswith("copy of load")} == {
        ("missing", data[0].name),
        ("changed", data[1].name),
        ("changed", copies[1].name),
        ("extra", "left.parquet"),
    }
    with Session(on_s3.lake) as session, pytest.raises(LakeError) as lost:
        session.sql("select sum(price) from bronze.shop_order").fetchall()
    assert "lake cannot answer" in str(lost.value)
    assert str(lost.value).isprintable()


@on_sqlite
def test_the_home_remembers_where_the_data_is_and_nothing_secret(
    on_s3: Lakehouse, bucket: TestBucket, tmp_path: Path
) -> None:
    on_s3.load(contract(), orders(on_s3.folder / "a.csv", ROWS))
    home = on_s3.settings.home
    unset = Lake(Settings(home=home))
    assert unset.data.url == f"{bucket.url}/lake"
    with unset.connect(read_only=True) as connection:
        assert connection.execute("from bronze.shop_order").fetchall()
    for other in (f"{bucket.url}/other", tmp_path / "data"):
        with pytest.raises(LakeError, match=r"^[^\n]*asks for [^\n]*; take the setting off[^\n]*$"):
            Lake(Settings(home=home, data=other))
    on_s3.close()
    secrets = (bucket.server.key.encode(), bucket.server.secret.encode())
    for folder in (home, bucket.folder):
        for file in (path for path in folder.rglob("*") if path.is_file()):
            assert not any(secret in file.read_bytes() for secret in secrets), file
    assert bucket.server.secret not in repr(Access.of())


@on_sqlite
def test_a_place_with_files_of_another_lake_is_not_taken(
    on_s3: Lakehouse, bucket: TestBucket, tmp_path: Path
) -> None:
    on_s3.load(contract(), orders(on_s3.folder / "a.csv", ROWS))
    with pytest.raises(LakeError, match=r"^[^\n]*has files of another lake[^\n]*$"):
        Lake(Settings(home=tmp_path / "new", data=f"{bucket.url}/lake")).create()
    Lake(Settings(home=tmp_path / "new", data=f"{bucket.url}/lake2")).create()


@pytest.mark.parametrize("catalog", ["postgres"], indirect=True)
def test_a_second_home_of_a_catalog_has_to_name_its_data(on_s3: Lakehouse, tmp_path: Path) -> None:
    on_s3.load(contract(), orders(on_s3.folder / "a.csv", ROWS))
    second = replace(on_s3.settings, home=tmp_path / "second")
    with pytest.raises(LakeError, match=r"data in s3://test-[^ ]*/lake; let LAKEHOUSE_DATA say so"):
        Lake(replace(second, data=None)).create()
    Lake(second).create()
    with Lake(second).connect(read_only=True) as connection:
        assert len(connection.execute("from bronze.shop_order").fetchall()) == ROWS


WRONG = {
    "no key": ({"AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID is not set"),
    "no secret": ({"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY is not set"),
    "another key": ({"AWS_ACCESS_KEY_ID": "hunter2"}, "refuses the key; look at AWS_ACCESS"),
    "another secret": ({"AWS_SECRET_ACCESS_KEY": "hunter2"}, "refuses the key; look at AWS_ACCESS"),
    "server down": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "look at AWS_ENDPOINT_URL"),
    "no URL": ({"AWS_ENDPOINT_URL": "https://k:hunter2@h/"}, "AWS_ENDPOINT_URL is no URL such as"),
}


@on_sqlite
def test_what_is_wrong_with_s3_is_one_line_that_says_what_to_do(
    on_s3: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.s3.HTTP", "set http_retries = 0")
    monkeypatch.setattr("catalog.s3.ATTEMPTS", 1)
    file = orders(on_s3.folder / "a.csv", ROWS)
    on_s3.load(contract(), file)
    on_s3.close()
    other = orders(on_s3.folder / "b.csv", ROWS, 500)
    for wrong, said in WRONG.values():
        with pytest.MonkeyPatch.context() as environment:
            for name, value in wrong.items():
                environment.setenv(name, value)
            lines = [one.said for one in examine(on_s3.settings) if one.severity == "error"]
            for fails in (
                lambda: on_s3.load(contract(), other),
                lambda: (
                    Session(on_s3.lake).sql("select sum(price) from bronze.shop_order").fetchall()
                ),
                lambda: verify(on_s3.lake, lambda _: True),
                lambda: Lake(replace(on_s3.settings, home=on_s3.folder / "new")).create(),
            ):
                with pytest.raises(LakeError) as failed:
                    fails()
                lines.append(str(failed.value))
        assert len(lines) == 5
        for line in lines:
            assert said in line
            assert line.isprintable()
            assert "hunter2" not in line


def test_a_bucket_that_is_missing_is_told_and_not_made(bucket: TestBucket, tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path / "home", data=f"{bucket.url}-none/lake"))
    with pytest.raises(LakeError, match=rf"^[^\n]*there is no bucket {bucket.name}-none on S3"):
        lake.create()
    assert not lake.exists


@pytest.mark.parametrize(
    "url",
    ["s3://", "s3://b", "s3://k:hunter2@b/x", "s3://bucket/a b", "s3://bucket/../x", "s3://bucket//x",
     "s3://bucket/x?key=hunter2", "s3://bucket/*", "gs://bucket/x", "https://h/hunter2"],
)  # fmt: skip
def test_what_is_no_plain_url_of_s3_is_refused_and_not_shown(url: str) -> None:
    from catalog.settings import load

    with pytest.raises(SettingError, match="LAKEHOUSE_DATA is neither") as refused:
        load({"LAKEHOUSE_DATA": url})
    assert "hunter2" not in str(refused.value)


def outside(bucket: TestBucket) -> list[str]:
    """URLs that no query may reach: of other prefixes, buckets, servers and files."""
    url, port = bucket.url, bucket.server.port
    return [
        f"{url}/secret.csv",
        f"{url}/lake/raw/secret.csv",
        f"{url}/lake/tables-not/secret.csv",
        f"{url}/lake/tables/../../secret.csv",
        f"{url}/lake/tables/secret.csv?s3_endpoint=127.0.0.1:{port}",
        f"{url}-other/secret.csv",
        f"S3://{bucket.name}/secret.csv",
        f"s3a://{bucket.name}/secret.csv",
        f"http://127.0.0.1:{port}/{bucket.name}/secret.csv",
        "https://example.com/secret.csv",
        "/etc/passwd",
    ]


@on_sqlite
def test_a_query_reaches_the_lakes_own_prefix_on_s3_and_nothing_else(
    on_s3: Lakehouse, bucket: TestBucket
) -> None:
    on_s3.load(contract(), orders(on_s3.folder / "a.csv", ROWS))
    for place in ("", "lake/raw", "lake/tables-not"):
        (bucket.folder / place).mkdir(exist_ok=True)
        (bucket.folder / place / "secret.csv").write_text("a\nhunter2\n")
    refused = [f"from '{url}'" for url in outside(bucket)]
    refused += [f"from read_csv('{url}')" for url in outside(bucket)]
    refused += [
        "from duckdb_secrets()",
        "from which_secret('s3://x/y', 's3')",
        "create secret x (type s3)",
        "drop secret lake",
        f"copy (select 1) to '{bucket.url}/lake/tables/x.csv'",
        "set s3_endpoint = 'example.com'",
        "select current_setting('s3_secret_access_key')",
        f"from read_parquet('{bucket.url}/lake/tables/**/*.parquet')",
    ]
    with Session(on_s3.lake) as session:
        for query in refused:
            with pytest.raises(QueryRefusedError):
                session.sql(query).fetchall()
        [(count,)] = session.sql("select count(*) from bronze.shop_order").fetchall()
        for wrong in ("select SIGNATURE from bronze.shop_order", "select 'HTTP 503'::int"):
            with pytest.raises(QueryRefusedError, match=r"SIGNATURE|HTTP 503"):
                session.sql(wrong).fetchall()
    assert count == ROWS
    # Behind the guard DuckDB itself refuses them, whoever gets there.
    with locked(on_s3.lake) as connection:
        for url in outside(bucket):
            with pytest.raises(duckdb.Error) as failed:
                connection.execute(f"from read_csv('{url}')")
            assert "hunter2" not in str(failed.value)
        shown = str(connection.execute("from duckdb_secrets()").fetchall())
    assert bucket.server.secret not in shown


def test_a_file_on_s3_is_there_whole_or_not_at_all(bucket: TestBucket) -> None:
    storage = Bucket(f"{bucket.url}/x")

    def stop() -> None:
        with storage.write("raw/a") as stream:
            stream.write(os.urandom(12 << 20))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stop()
    assert list(storage.files()) == []
    given = os.urandom(12 << 20)
    with storage.write("raw/a.zst") as stream:
        stream.write(given)
    with storage.read("raw/a.zst") as stream:
        assert stream.read() == given
        assert stream.seek(-5, os.SEEK_END) == len(given) - 5
        assert stream.read() == given[-5:]
    assert [(one.path, one.size) for one in storage.files()] == [("raw/a.zst", len(given))]
    assert storage.size("raw/a.zst") == len(given)
    assert storage.size("raw") is storage.size("raw/b") is None
    storage.delete("raw/a.zst")
    storage.delete("raw/a.zst")
    assert list(storage.files("raw")) == []


@on_sqlite
def test_the_key_is_in_no_snapshot_and_no_run(on_s3: Lakehouse, bucket: TestBucket) -> None:
    on_s3.load(contract(), orders(on_s3.folder / "a.csv", ROWS))
    told = json.dumps(on_s3.sql("from lake.snapshots()") + on_s3.sql("from ops.run"), default=str)
    assert bucket.server.key not in told
    assert bucket.server.secret not in told
