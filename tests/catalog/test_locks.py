"""A lock is held by one at a time, and goes with whoever held it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.locks import advisory_lock, file_lock
from tests.lake_help import REPOSITORY, on_postgres

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from catalog.settings import Settings
    from tests.lake_help import Server

pytest_plugins = "tests.lake_help"

SOON, LATE = 0.2, 20.0  # seconds in which what waits stays waiting, and what may go on does
HOLD = """
import sys
from pathlib import Path
from catalog.locks import advisory_lock, file_lock
lock = advisory_lock(sys.argv[2], "a") if sys.argv[2] else file_lock(Path(sys.argv[1]))
with lock:
    print("held", flush=True)
    sys.stdin.read()
"""


def waits(held: AbstractContextManager[Any], wanted: AbstractContextManager[Any]) -> bool:
    """Whether `wanted` has to wait for `held`; it is had in the end."""
    had = Event()

    def take() -> None:
        with wanted:
            had.set()

    with ThreadPoolExecutor(1) as pool:
        with held:
            taken = pool.submit(take)
            waited = not had.wait(SOON)
        taken.result(LATE)
    return waited


def test_a_file_is_locked_by_one_at_a_time(tmp_path: Path) -> None:
    assert waits(file_lock(tmp_path / "a"), file_lock(tmp_path / "a"))
    assert not waits(file_lock(tmp_path / "a"), file_lock(tmp_path / "b"))


@on_postgres
def test_a_name_is_locked_by_one_at_a_time(server: Server, catalog: str) -> None:
    url, other = server.url("postgres"), server.url("template1")
    assert waits(advisory_lock(url, "a"), advisory_lock(url, "a"))
    assert not waits(advisory_lock(url, "a"), advisory_lock(url, "b"))
    assert not waits(advisory_lock(url, "a"), advisory_lock(other, "a"))


def test_the_lake_has_one_writer_on_sqlite_and_one_a_table_on_postgres(
    lake_settings: Settings,
) -> None:
    lake = Lake(lake_settings)
    assert waits(lake.lock("one"), lake.lock("one"))
    assert waits(lake.lock("one"), lake.lock("two")) == lake.on_sqlite


def test_who_locks_every_table_waits_for_all_writers_and_they_for_him(
    lake_settings: Settings,
) -> None:
    lake = Lake(lake_settings)
    assert waits(lake.lock("one"), lake.lock(None))
    assert waits(lake.lock(None), lake.lock("one"))
    assert waits(lake.lock(None), lake.lock(None))


def test_a_lock_goes_with_the_process_that_is_killed(
    tmp_path: Path, catalog: str, request: pytest.FixtureRequest
) -> None:
    file, url = tmp_path / "a", ""
    if catalog == "postgres":
        url = request.getfixturevalue("server").url("postgres")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file), url],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holder, ThreadPoolExecutor(1) as pool:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        had = Event()

        def take() -> None:
            with advisory_lock(url, "a") if url else file_lock(file):
                had.set()

        taken = pool.submit(take)
        assert not had.wait(SOON)
        holder.kill()
        taken.result(LATE)


def test_a_lock_that_cannot_be_had_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = r"^[^\n]+file/a: the lake cannot be written: [^\n]+$"
    with pytest.raises(LakeError, match=told), file_lock(tmp_path / "file" / "a"):
        pass
    told = r"^the catalog's Postgres cannot be used: [^\n]+$"
    url = "postgresql://u:hunter2@127.0.0.1:1/d"
    with pytest.raises(LakeError, match=told), advisory_lock(url, "a"):
        pass


@on_postgres
def test_what_is_raised_under_a_lock_is_raised_and_the_lock_is_free(
    server: Server, catalog: str
) -> None:
    url = server.url("postgres")
    with pytest.raises(KeyError, match="mine"), advisory_lock(url, "a"):
        raise KeyError("mine")
    with advisory_lock(url, "a"):
        pass


@on_postgres
def test_a_session_that_was_lost_is_opened_anew(lake_settings: Settings, server: Server) -> None:
    lake = Lake(lake_settings)
    with lake.connect() as connection, lake.lock("one"):
        first = lake.next_ids(connection, "batch", 3)
    server.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where backend_type = 'client backend' and pid <> pg_backend_pid()"
    )
    assert waits(lake.lock("one"), lake.lock("one"))
    with lake.connect() as connection:
        assert lake.next_ids(connection, "batch", 1) == first + 3


@on_postgres
def test_a_lock_is_free_after_an_error_under_it(lake_settings: Settings) -> None:
    lake = Lake(lake_settings)
    with pytest.raises(KeyError), lake.lock("one"):
        raise KeyError
    assert not waits(nullcontext(), lake.lock("one"))
