"""`lakehouse snapshots`: a table for a person, JSON for a program."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from orchestration.cli import main
from tests.lake_help import Lakehouse, contract, on_sqlite, orders

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

pytest_plugins = "tests.lake_help"


@pytest.fixture
def run(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `lakehouse snapshots` on the test's lake: status, output, errors."""
    monkeypatch.setenv("LAKEHOUSE_HOME", str(lakehouse.settings.home))
    if lakehouse.settings.catalog:
        monkeypatch.setenv("LAKEHOUSE_CATALOG", lakehouse.settings.catalog)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lakehouse", "snapshots", *arguments])
        status = 0
        try:
            main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_a_person_reads_who_what_when_and_rows(lakehouse: Lakehouse, run: Run) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a [b].csv", 1200))
    lakehouse.load(contract(), orders(lakehouse.folder / "a [b].csv", 3))
    status, out, _ = run()
    lines = out.splitlines()
    assert status == 0
    assert lines[0].split() == ["snapshot", "when", "(UTC)", "who", "what", "rows"]
    assert [line.split()[0] for line in lines[1:] if line[:9].strip()] == ["3", "2", "1", "0"]
    assert "+1,200" in out
    assert "-1,197" in out
    assert "a[b].csv" in "".join(out.split())
    assert "the lake was made" in out


@on_sqlite
def test_a_files_name_cannot_command_the_terminal(lakehouse: Lakehouse, run: Run) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a\x1b[2J\a.csv", 3))
    assert "\x1b" not in run()[1]
    assert "a?[2J?.csv" in "".join(run()[1].split())  # folded somewhere


@on_sqlite
def test_a_program_reads_json(lakehouse: Lakehouse, run: Run) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "größe.csv", 3))
    status, out, _ = run("--json", "--limit", "1")
    [one] = json.loads(out)
    assert status == 0
    said = {"snapshot", "at", "author", "message", "run", "command", "tables", "rows", "pins"}
    assert set(one) == said
    assert (one["snapshot"], one["tables"], one["rows"]) == (2, ["bronze.shop_order"], 3)
    assert one["message"].endswith("größe.csv")
    assert json.loads(run("--json", "--table", "bronze.none")[1]) == []


@on_sqlite
def test_no_lake_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_HOME", "/nowhere/at all")
    status, out, err = run()
    assert (status, out) == (1, "")
    assert err == (
        "lakehouse: there is no lake in /nowhere/at all; load a first file: "
        "lakehouse ingest CONTRACT PATH\n"
    )


@on_sqlite
@pytest.mark.parametrize("arguments", [("--limit", "0"), ("--limit", "x"), ("extra",), ("--no",)])
def test_wrong_use_has_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2
