"""`lakehouse ingest` as a person and a script see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from orchestration.cli import main
from tests.chaos.kills import CONTRACT
from tests.lake_help import REPOSITORY, orders, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "Said"]


@dataclass(frozen=True)
class Said:
    """What a command said."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `lakehouse ingest` in a folder with a contract of orders."""
    (tmp_path / "order.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["lakehouse", "ingest", *arguments])
        status = 0
        try:
            main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        told = capsys.readouterr()
        return Said(status, told.out, told.err)

    return run


def test_the_json_has_the_promised_shape(run: Run, tmp_path: Path) -> None:
    good = orders(tmp_path / "in" / "größe.csv", 5, broken=[2])
    bad = tmp_path / "in" / "x.csv.gz"
    bad.write_bytes(b"no gzip")
    said = run("order.odcs.yaml", "in", "--json")
    report = json.loads(said.out)
    [failure] = report["failures"]
    assert (said.status, said.err) == (1, "")
    assert list(report) == [
        "table", "snapshot", "read", "loaded", "quarantined", "files", "failures", "loads",
    ]  # fmt: skip
    assert report == {
        "table": "bronze.shop_order",
        "snapshot": 2,
        "read": 5,
        "loaded": 4,
        "quarantined": 1,
        "files": {"loaded": 1, "already_loaded": 0, "failed": 1},
        "failures": [{"file": str(bad), "reason": failure["reason"]}],
        "loads": [{"id": 1, "source": str(good), "read": 5, "loaded": 4, "quarantined": 1}],
    }
    bad.unlink()
    again = json.loads(run("order.odcs.yaml", "in", "--json").out)
    assert again["files"] == {"loaded": 0, "already_loaded": 1, "failed": 0}
    assert (again["read"], again["loads"], again["snapshot"]) == (0, [], 3)


@pytest.mark.slow
def test_a_person_reads_what_was_kept_and_where_the_rest_is(run: Run, tmp_path: Path) -> None:
    orders(tmp_path / "in" / "a b.csv", 1500, broken=[2])
    (tmp_path / "in" / "notes.md").write_text("left out")
    said = run("order.odcs.yaml", "in")
    words = " ".join(said.out.split())
    assert (said.status, said.err) == (0, "")
    assert "file what load read kept quarantined a b.csv loaded 1 1,500 1,499 1" in words
    assert (
        "bronze.shop_order: 1,500 rows read, 1,499 kept, 1 quarantined; files: 1 loaded (snapshot 2)"
    ) in words
    assert "why: lakehouse quarantine list bronze.shop_order" in words
    assert "left out, not files of the contract's format: notes.md" in words
    again = run("order.odcs.yaml", "in")
    assert (again.status, "files: 1 already loaded" in again.out) == (0, True)
    orders(tmp_path / "in" / "a b.csv", 3)
    assert "loaded, in place of 1" in " ".join(run("order.odcs.yaml", "in").out.split())


@pytest.mark.slow
def test_a_file_that_failed_is_named_with_its_reason_and_the_status_is_1(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.csv.gz").write_bytes(b"no gzip")
    write_csv(tmp_path / "b.csv", "1,2", header="quantity,[/price]")
    orders(tmp_path / "c.csv", 2)
    said = run("order.odcs.yaml", "a.csv.gz", "b.csv", "c.csv")
    assert said.status == 1
    lines = said.out.splitlines()
    [unreadable] = [line for line in lines if line.startswith("failed a.csv.gz: cannot be read: ")]
    assert "gzip" in unreadable.lower()
    assert (
        "failed b.csv: no column id, which shop.order requires; the source has quantity, [/price]"
        in lines
    )
    assert "2 kept" in said.out


def test_names_in_brackets_are_no_markup(run: Run, tmp_path: Path) -> None:
    names = ("a [b].csv", "x[ @].csv", "[bold].csv", "[red]y.csv", "z[].csv.gz")
    for at, name in enumerate(names[:-1]):
        orders(tmp_path / "in" / name, 1, first=at * 9)
    (tmp_path / "in" / names[-1]).write_bytes(b"no gzip")
    said = run("order.odcs.yaml", "in")
    assert said.status == 1
    assert all(name in said.out for name in names)


@pytest.mark.slow
def test_many_files_are_told_in_sums(run: Run, tmp_path: Path) -> None:
    for number in range(20):
        orders(tmp_path / "in" / f"{number:02}.csv", 1, first=number * 9)
    (tmp_path / "in" / "bad.csv.gz").write_bytes(b"no gzip")
    said = run("order.odcs.yaml", "in")
    assert "20 rows read, 20 kept, 0 quarantined; files: 20 loaded, 1 failed" in said.out
    assert "bad.csv.gz" in said.out
    assert "07.csv" not in said.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "status", "kept"), [((), 1, 2), (("--strict",), 1, 1), (("--atomic",), 1, 0)]
)
def test_strict_and_atomic_are_heeded(
    run: Run, tmp_path: Path, options: tuple[str, ...], status: int, kept: int
) -> None:
    orders(tmp_path / "a.csv", 2, broken=[2])
    orders(tmp_path / "b.csv", 1, first=9)
    (tmp_path / "c.csv.gz").write_bytes(b"no gzip")
    said = run("order.odcs.yaml", "a.csv", "b.csv", "c.csv.gz", "--json", *options)
    assert (said.status, json.loads(said.out)["loaded"]) == (status, kept)


def test_a_dry_run_says_what_would_happen_and_makes_no_lake(
    run: Run, tmp_path: Path, home: Path
) -> None:
    orders(tmp_path / "a.csv", 5, broken=[2])
    said = run("order.odcs.yaml", "a.csv", "--dry-run")
    assert said.status == 0
    assert "5 rows read, 4 kept, 1 quarantined; files: 1 loaded" in said.out
    assert "a dry run: nothing was written" in said.out
    assert "snapshot" not in said.out
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.odcs.yaml", "a.csv"), "none.odcs.yaml"),
        (("shop.nothing", "a.csv"), "there is no contract shop.nothing"),
        (("wrong.odcs.yaml", "a.csv"), "wrong.odcs.yaml:1: "),
        (("order.odcs.yaml", "nowhere"), "nowhere: there is no such file or folder"),
        (("order.odcs.yaml", "no*.csv"), "no*.csv: no file matches"),
    ],
    ids=["no contract", "no such name", "a wrong contract", "no such path", "an idle pattern"],
)
def test_a_wrong_contract_or_path_is_one_line_and_status_2(
    run: Run, tmp_path: Path, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    orders(tmp_path / "a.csv", 1)
    (tmp_path / "wrong.odcs.yaml").write_text("- no contract\n")
    said = run(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("lakehouse: ")
    assert words in said.err
    assert len(said.err.splitlines()) == 1
    assert not home.exists()


@pytest.mark.parametrize("arguments", [(), ("order.odcs.yaml",), ("a", "b", "--no-such")])
def test_wrong_use_has_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).status == 2


def test_a_contract_that_does_not_fit_the_table_is_one_line_and_status_2(
    run: Run, tmp_path: Path
) -> None:
    orders(tmp_path / "a.csv", 1)
    run("order.odcs.yaml", "a.csv")
    text = CONTRACT.replace("quantity, logicalType: integer", "quantity, logicalType: boolean")
    (tmp_path / "other.odcs.yaml").write_text(text)
    said = run("other.odcs.yaml", "a.csv")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert "~ quantity BIGINT -> BOOLEAN" in said.err


def test_the_help_says_what_it_does_and_its_exit_statuses(run: Run) -> None:
    said = run("--help")
    words = " ".join(said.out.split())
    assert said.status == 0
    for told in ("each exactly once", "ops.quarantine", "Exit status: 0", "--dry-run", "--strict", "--atomic", "--json", "Example: lakehouse ingest"):  # fmt: skip
        assert told in words


def test_the_command_itself_exits_with_its_status(tmp_path: Path, home: Path) -> None:
    (tmp_path / "order.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "a.csv.gz").write_bytes(b"no gzip")
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()",
         "ingest", "order.odcs.yaml", "a.csv.gz", "--json"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout)["files"]["failed"] == 1
