"""Syncs of one source: one at a time; and what is told where one cannot be."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from catalog.lake import Lake
from orchestration.cli.app import app
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.sources import Source as Named
from orchestration.turns import meant, synced
from tests.orchestration.databases.source_help import Source, drafted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.orchestration.databases.source_help")
pytestmark = [
    pytest.mark.slow, pytest.mark.parametrize("source", ["sqlite"], indirect=True),
]  # fmt: skip
TABLE = ("create table t (id integer primary key)", "insert into t values (1), (2)")


def test_a_sync_that_finds_another_one_at_work_waits_its_turn_and_says_so(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(*TABLE)
    named = Named(address_of(source.url), drafted(source, tmp_path / "c"))
    told, done = threading.Event(), list[int]()

    def second() -> None:
        report = synced(Lake(lakehouse.settings), named, Asked(), tell=lambda _line: told.set())
        done.append(report.as_json()["loaded"])

    first = lakehouse.lake
    with first.turn(f"{named.address.shown} ", lambda: None):
        waiting = threading.Thread(target=second)
        waiting.start()
        assert told.wait(20)
        assert not done
    waiting.join(30)
    assert done == [2]


def test_a_source_by_its_name_is_synced_and_its_state_told(
    source: Source, home: Path, tmp_path: Path
) -> None:
    source.execute(*TABLE)
    source.execute("create table more (id integer primary key, updated_at datetime)")
    source.execute("insert into more values (1, '2026-01-01 10:00:00')")
    folder = drafted(source, tmp_path / "c")

    def run(*arguments: str) -> dict[str, object]:
        said = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
        assert said.exit_code == 0, said.output
        result: dict[str, object] = json.loads(said.stdout)
        return result

    added = ["sources", "add", "shop", source.url, "--contracts", str(folder)]
    assert CliRunner().invoke(app, added).exit_code == 0
    assert run("sources", "test", "shop")["missing"] == []
    assert run("sync")["loaded"] == 3  # of every source
    assert run("sync", "shop")["loaded"] == 0
    assert run("sync", "shop", "--tables", "t", "--full")["tables"] == {
        "loaded": 0, "already_loaded": 1, "failed": 0,
    }  # fmt: skip
    states = {s["source_table"]: s for s in run("sources", "state", "shop")["tables"]}  # type: ignore[attr-defined]
    assert states["more"]["watermark"] == "2026-01-01 10:00:00"
    assert states["t"]["status"] == "already_loaded"
    assert run("sync", "shop", "--reset")["loaded"] == 3


@pytest.mark.parametrize(
    ("arguments", "told", "status"),
    [
        (["sync", "nowhere"], "there is no source nowhere", 2),
        (["sync", "{url}"], "--contracts is missing", 2),
        (["sync", "{url}", "--contracts", "{folder}", "--tables", "u"], "no contract of a table u", 2),
        (["sync", "{url}", "--contracts", "{folder}/none"], "there is no such file or folder", 2),
        (["sync", "{folder}/none.db", "--contracts", "{folder}"], "there is no such file", 2),
        (["sync", "sqlite:///{folder}/x", "--contracts", "{folder}"], "there is no such file", 2),
        (["sync", "--full", "--reset"], "exclude one another", 2),
        (["contracts", "init", "{url}", "--out", "{folder}"], "is there already", 2),
        (["contracts", "init", "{url}", "--out", "x", "--tables", "u"], "there is no table u", 2),
        (["ingest", "{folder}/shop/t.odcs.yaml", "{url}"], "lakehouse sync", 2),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line_and_status_2(
    source: Source, home: Path, tmp_path: Path, arguments: list[str], told: str, status: int,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from orchestration.cli import main

    source.execute(*TABLE)
    folder = drafted(source, tmp_path / "c")
    given = [a.format(url=source.url, folder=folder) for a in arguments]
    monkeypatch.setattr("sys.argv", ["lakehouse", *given])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    said = capsys.readouterr().err
    assert told in " ".join(said.replace("│", " ").split())
    assert "Traceback" not in said


def test_a_table_that_is_gone_fails_and_the_others_are_loaded(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(*TABLE, "create table u (id integer primary key)", "insert into u values (7)")
    folder = drafted(source, tmp_path / "c")
    source.execute("drop table t")
    [named] = meant(lakehouse.settings, source.url, folder, [], None)
    said = synced(lakehouse.lake, named, Asked()).as_json()
    assert said["tables"] == {"loaded": 1, "already_loaded": 0, "failed": 1}
    assert said["failures"][0]["reason"] == "there is no table t; there are u"
    assert lakehouse.one("select count(*) from ops.receipt where status = 'failed'") == 1
