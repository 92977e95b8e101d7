"""A run says who did what with which software, and how it ended."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING, Any

import pytest

from catalog import attempt, runs
from catalog.errors import LakeError
from catalog.runs import Run
from data_contracts.errors import ContractError
from tests.lake_help import ID, REPOSITORY, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"


def test_a_run_has_command_user_software_settings_times_and_outcome(lakehouse: Lakehouse) -> None:
    before = datetime.now(UTC)
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3), command="ingest by hand")
    [run] = lakehouse.sql(
        'select * exclude (settings, "start", "end"), settings, "start", "end" from ops.run'
    )
    id_, command, user, version, lock_hash, outcome, settings, start, end = run
    assert re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]{8}", id_)
    assert (command, user, outcome) == ("ingest by hand", getpass.getuser(), "succeeded")
    assert version == runs.version() != "unknown"
    assert lock_hash == hashlib.sha256((REPOSITORY / "uv.lock").read_bytes()).hexdigest()
    assert json.loads(settings) == lakehouse.settings.public()
    assert before - timedelta(milliseconds=1) <= start <= end <= datetime.now(UTC)


def test_a_runs_settings_have_no_password(lakehouse: Lakehouse) -> None:
    settings = replace(lakehouse.settings, catalog="postgresql://u:hunter2@h/d?password=hunter2")
    with lakehouse.lake.connect() as connection:
        Run("test", settings).record_start(connection)
        [(said,)] = connection.execute("select settings from lake.ops.run").fetchall()
    assert json.loads(said)["catalog"] == "postgresql://***@h/d"


def test_the_runs_id_is_on_every_snapshot_that_it_makes(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.ingest.GROUP_FILES", 1)
    lakehouse.load(
        contract(), *(orders(lakehouse.folder / f"{n}.csv", 2, first=n * 9) for n in range(2))
    )
    lakehouse.load(contract(), orders(lakehouse.folder / "c.csv", 1, first=99))
    extras = lakehouse.sql(
        "select author, commit_extra_info from lake.snapshots() "
        "where commit_extra_info is not null order by snapshot_id"
    )
    said: list[dict[str, Any]] = [json.loads(extra) for _, extra in extras]
    ids = [run for (run,) in lakehouse.sql('select id from ops.run order by "start"')]
    assert [one["run"] for one in said] == [ids[0], ids[0], ids[1]]
    assert {author for author, _ in extras} == {getpass.getuser()}
    assert [(one["rows"], one["tables"]) for one in said] == [
        (2, ["bronze.shop_order"]),
        (2, ["bronze.shop_order"]),
        (1, ["bronze.shop_order"]),
    ]
    assert lakehouse.one("select count(*) from ops.ledger l join ops.run r on l.run = r.id") == 3


@on_sqlite
def test_a_run_with_a_file_that_fails_has_failed(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), write_csv(lakehouse.folder / "a.csv", "1", header="other"))
    assert lakehouse.one("select outcome from ops.run") == "failed"


@on_sqlite
@pytest.mark.parametrize("raised", [LakeError("full"), ValueError("bug")], ids=repr)
def test_a_run_that_stops_in_between_has_failed(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    monkeypatch.setattr("orchestration.ingest.GROUP_FILES", 1)
    work, calls = attempt.Attempt.work, []

    def stop(self: attempt.Attempt) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise raised
        return work(self)

    monkeypatch.setattr(attempt.Attempt, "work", stop)
    files = [orders(lakehouse.folder / f"{n}.csv", 2, first=n * 9) for n in range(3)]
    with pytest.raises(type(raised)):
        lakehouse.load(contract(), *files)
    assert lakehouse.sql('select outcome, "end" is null from ops.run') == [("failed", False)]
    assert lakehouse.count("ops.ledger") == 1


@on_sqlite
def test_a_run_that_wrote_nothing_leaves_no_trace(lakehouse: Lakehouse) -> None:
    file = orders(lakehouse.folder / "a.csv", 3)
    lakehouse.load(contract(), file, dry_run=True)
    lakehouse.load(contract(), file)
    with pytest.raises(ContractError):
        lakehouse.load(contract(ID), file)
    assert lakehouse.count("ops.run") == 1


KILLED = """
import os, signal, sys
import orchestration.ingest
from catalog import attempt
from catalog.settings import load
from tests.lake_help import contract
orchestration.ingest.GROUP_FILES = 1
work, calls = attempt.Attempt.work, []
def kill(self):
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(self)
attempt.Attempt.work = kill
orchestration.ingest.ingest(load(), contract(), sys.argv[1:])
"""


@on_sqlite
def test_a_killed_run_shows_without_an_end(lakehouse: Lakehouse) -> None:
    files = [str(orders(lakehouse.folder / f"{n}.csv", 2, first=n * 9)) for n in range(2)]
    environment = {**os.environ, "LAKEHOUSE_HOME": str(lakehouse.settings.home)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *files], cwd=REPOSITORY, env=environment, check=False
    )
    assert killed.returncode == -9
    assert lakehouse.sql('select "end", outcome from ops.run') == [(None, None)]


@on_sqlite
def test_a_user_without_a_name_is_a_number(
    monkeypatch: pytest.MonkeyPatch, lakehouse: Lakehouse
) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", unknown)
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 1))
    assert lakehouse.one('select "user" from ops.run') == str(os.getuid())


def test_software_that_is_not_installed_has_no_version_and_no_lock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(runs, "installed", missing)
    monkeypatch.setattr(runs, "LOCK_FILE", tmp_path / "uv.lock")
    assert (runs.version.__wrapped__(), runs.lock_hash.__wrapped__()) == ("unknown", None)
