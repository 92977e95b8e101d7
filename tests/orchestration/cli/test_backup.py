"""`lakehouse backup`, `restore` and `move`, as a person and a program use them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from orchestration.cli import main
from tests.lake_help import Lakehouse, contract, on_sqlite, orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.lake_help import Server

    Command = Callable[..., tuple[int, str, str]]

pytest_plugins = "tests.lake_help"
pytestmark = on_sqlite


@pytest.fixture
def run(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run a command on the lake: exit status, output, errors."""
    monkeypatch.setenv("LAKEHOUSE_HOME", str(lakehouse.settings.home))
    monkeypatch.setenv("COLUMNS", "80")

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lakehouse", *arguments])
        with pytest.raises(SystemExit) as exit_:
            main()
        said = capsys.readouterr()
        return int(exit_.value.code or 0), said.out, said.err

    return command


@pytest.mark.slow
def test_a_lake_is_backed_up_listed_and_restored(
    lakehouse: Lakehouse, run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    place = str(tmp_path / "backups")
    assert run("backup", place, "--list")[1] == "there is no backup\n"
    status, out, _ = run("backup", place)
    assert status == 0
    assert f"snapshot 2 is backed up in {place}: 2 files" in out
    assert f"lakehouse restore {place} brings it back" in out
    told = json.loads(run("backup", place, "--json", "--keep", "1")[1])
    assert told["snapshot"] == 2
    assert told["copied"]["files"] == 0
    [listed] = json.loads(run("backup", place, "--list", "--json")[1])
    assert listed["backup"] == told["backup"]
    assert "sqlite" in run("backup", place, "--list")[1]
    status, _, err = run("restore", place)
    assert status == 1
    assert err.endswith("there is a lake already; LAKEHOUSE_HOME names another home\n")
    for home, options in (("again", ()), ("third", ("--at", "2", "--json"))):
        monkeypatch.setenv("LAKEHOUSE_HOME", str(tmp_path / home))
        status, out, _ = run("restore", place, *options)
        assert status == 0
        assert str(tmp_path / home) in out
        assert run("verify")[0] == 0


def test_a_catalog_is_moved_and_what_has_to_be_set_is_said(
    lakehouse: Lakehouse, run: Command, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    status, _, err = run("move", "--catalog", "mysql://u:hunter2@h/d")
    assert status == 2
    assert err.startswith("lakehouse: --catalog is none of sqlite, embedded and a URL")
    assert "hunter2" not in err
    url = server.url(server.database())
    status, out, _ = run("move", "--catalog", url)
    assert status == 0
    assert "the lake's catalog is postgres now, and was sqlite" in out
    assert "LAKEHOUSE_CATALOG has to be set to that URL" in out
    assert "give LAKEHOUSE_CATALOG its URL" in run("verify")[2]
    monkeypatch.setenv("LAKEHOUSE_CATALOG", url)
    assert run("verify")[0] == 0
    status, out, _ = run("move", "--catalog", "sqlite")
    assert "LAKEHOUSE_CATALOG has to be taken off" in out
    assert "take the setting off" in run("verify")[2]
    monkeypatch.delenv("LAKEHOUSE_CATALOG")
    assert run("verify")[0] == 0
    assert json.loads(run("sql", "--format", "json", "select 1 as n")[1]) == [{"n": 1}]
