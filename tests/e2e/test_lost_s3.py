"""An S3 that is slow, overloaded or lost: the load is one plain line or unnoticed, and exact after."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError
from catalog.session import Session
from catalog.verify import verify
from tests.chaos.faults import holds, told
from tests.chaos.proxy import Proxy
from tests.lake_help import Lakehouse, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.settings import Settings
    from tests.s3_help import TestBucket

pytest_plugins = ("tests.lake_help", "tests.s3_help")
pytestmark = [pytest.mark.slow, pytest.mark.chaos]

ROWS = 50  # more than the catalog keeps itself


@pytest.fixture
def proxy(bucket: TestBucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Stands between the lake and the server from now on."""
    proxy = Proxy(bucket.server.port)
    for name, value in bucket.server.environment(proxy.port).items():
        monkeypatch.setenv(name, value)
    # As often as ever, but without the patience that a person has.
    monkeypatch.setattr(
        "catalog.s3.HTTP", "set http_retries = 4; set http_retry_wait_ms = 1; set http_timeout = 1"
    )
    yield proxy
    proxy.close()


def extras_alone(lakehouse: Lakehouse) -> bool:
    """Whether all is there, and beside it no more than files that a failed load left."""
    return {finding.kind for finding in verify(lakehouse.lake, lambda _: True)} <= {"extra"}


def test_an_s3_that_is_slow_and_sometimes_overloaded_is_not_noticed(
    proxy: Proxy, on_s3: Lakehouse
) -> None:
    chosen = random.Random(20261124)
    proxy.fault = lambda _: chosen.choice(["pass", "pass", "pass", "busy", "slow", "slow"])
    files = [
        orders(on_s3.folder / f"{at}.csv", ROWS, 1 + at * ROWS, [3 + at * ROWS]) for at in (0, 1)
    ]
    assert told(on_s3, contract(), *files) == ""
    holds(on_s3, files)
    assert verify(on_s3.lake, lambda _: True) == []


def on(words: str, what: str) -> Callable[[str], str]:
    """A fault of the requests that have these words in their first line."""
    return lambda line: what if words in line else "pass"


FAULTS = {
    "always overloaded": lambda _: "busy",
    "down": lambda _: "down",
    "lost in the upload of rows": on("/tables/", "cut"),
    "lost in the upload of a copy": on("/raw/", "cut"),
    "lost after each upload": on("PUT", "deaf"),
    "overloaded for writers": on("PUT", "busy"),
}


def test_an_s3_that_is_lost_is_one_line_and_once_it_is_back_the_load_is_exact(
    proxy: Proxy, on_s3: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.s3.ATTEMPTS", 1)
    files = [orders(on_s3.folder / "a.csv", ROWS, broken=[3])]
    assert told(on_s3, contract(), files[0]) == ""
    for number, (name, fault) in enumerate(FAULTS.items(), 1):
        first = 1000 * number
        files.append(orders(on_s3.folder / f"{number}.csv", ROWS, first, broken=[first + 3]))
        proxy.fault = fault
        said = told(on_s3, contract(), files[-1])
        assert "s3://" in said, name
        assert "run it again" in said, (name, said)
        proxy.fault = lambda _: "pass"
        holds(on_s3, files[:-1])
        assert told(on_s3, contract(), files[-1]) == "", name
        holds(on_s3, files)
    assert extras_alone(on_s3)


def test_an_s3_that_comes_back_in_mid_upload_is_not_noticed(proxy: Proxy, on_s3: Lakehouse) -> None:
    lost = iter(range(4))
    proxy.fault = lambda line: "cut" if "PUT" in line and next(lost, None) is not None else "pass"
    file = orders(on_s3.folder / "a.csv", ROWS, broken=[3])
    assert told(on_s3, contract(), file) == ""
    assert next(lost, None) is None
    holds(on_s3, [file])


@on_sqlite
def test_no_file_is_sent_in_parts_in_which_duckdb_may_crash_where_one_is_lost(
    bucket: TestBucket, proxy: Proxy, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.s3.HTTP", "set s3_uploader_max_filesize = '50GB'")  # 5 MB a part
    monkeypatch.setattr("catalog.s3.Bucket.file_size", "1MB")
    house = Lakehouse(s3_settings, s3_settings.home.with_name("files"))
    chosen, file = random.Random(20261124), house.folder / "a.csv"
    ids = [f"{chosen.getrandbits(128):x}" for _ in range(200_000)]
    write_csv(file, *(f"{one},1,2" for one in ids))
    assert told(house, contract(), file) == ""
    files = list((bucket.folder / "lake/tables").rglob("*.parquet"))
    assert sum(one.stat().st_size for one in files) > 6_000_000
    assert not any("/tables/" in line and "uploadId" in line for line in proxy.seen)
    assert sorted(ids) == house.ids()
    house.close()


@on_sqlite
def test_a_query_on_an_s3_that_is_lost_is_one_line_and_the_session_is_well_after(
    proxy: Proxy, on_s3: Lakehouse
) -> None:
    on_s3.load(contract(), orders(on_s3.folder / "a.csv", ROWS))
    with Session(on_s3.lake) as session:
        for what in ("busy", "down", "silent"):
            proxy.fault = lambda _, what=what: what  # type: ignore[misc]
            with pytest.raises(
                LakeError, match=r"^the lake cannot answer: S3 at [^\n]*again[^\n]*$"
            ):
                session.sql("select sum(price) from bronze.shop_order").fetchall()
            proxy.fault = lambda _: "pass"
            [(count,)] = session.sql("select count(price) from bronze.shop_order").fetchall()
            assert count == ROWS
