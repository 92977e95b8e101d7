"""`lakehouse ingest` and `lakehouse snapshots` as a user's script sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.chaos.kills import CONTRACT
from tests.lake_help import orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def said(tmp_path: Path, home: Path) -> Command:
    (tmp_path / "order.odcs.yaml").write_text(CONTRACT, encoding="utf-8")

    def lakehouse(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80"},
            capture_output=True,
            text=True,
            check=False,
        )

    return lakehouse


def test_the_json_has_the_promised_shape_and_the_status_says_that_a_file_failed(
    said: Command, tmp_path: Path
) -> None:
    orders(tmp_path / "in" / "a.csv", 5, broken=[2])
    (tmp_path / "in" / "b.csv.gz").write_bytes(b"no gzip")
    done = said("ingest", "order.odcs.yaml", "in", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    [failure] = report.pop("failures")
    assert failure["file"].endswith("in/b.csv.gz")
    assert "gzip" in failure["reason"].lower()
    assert report == {
        "table": "bronze.shop_order",
        "snapshot": 2,
        "read": 5,
        "loaded": 4,
        "quarantined": 1,
        "files": {"loaded": 1, "already_loaded": 0, "failed": 1},
        "loads": [
            {
                "id": 1,
                "source": str(tmp_path / "in" / "a.csv"),
                "read": 5,
                "loaded": 4,
                "quarantined": 1,
            }
        ],
    }


def test_a_person_is_told_what_was_kept_and_what_failed(said: Command, tmp_path: Path) -> None:
    orders(tmp_path / "a b.csv", 5, broken=[2])
    done = said("ingest", "order.odcs.yaml", "a b.csv")
    assert done.returncode == 0
    for words in ("a b.csv", "5 rows read", "4 kept", "1 quarantined", "ops.quarantine"):
        assert words in done.stdout
    again = said("ingest", "order.odcs.yaml", "a b.csv")
    assert "already loaded" in again.stdout
    listed = json.loads(said("snapshots", "--json").stdout)
    assert [one["rows"] for one in listed[:2]] == [0, 4]
    assert listed[1]["tables"] == ["bronze.shop_order"]
    assert listed[1]["run"]
    assert "4 rows into" in said("snapshots").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.odcs.yaml", "a.csv"), "none.odcs.yaml"),
        (("shop.nothing", "a.csv"), "shop.nothing"),
        (("order.odcs.yaml", "nowhere"), "nowhere"),
        (("order.odcs.yaml", "no*.csv"), "no*.csv"),
    ],
    ids=["no contract", "no such name", "no such path", "a pattern without files"],
)
def test_wrong_use_is_one_line_and_status_2(
    said: Command, arguments: tuple[str, ...], words: str
) -> None:
    done = said("ingest", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_dry_run_makes_no_lake(said: Command, tmp_path: Path, home: Path) -> None:
    orders(tmp_path / "a.csv", 5, broken=[2])
    done = said("ingest", "order.odcs.yaml", "a.csv", "--dry-run")
    assert done.returncode == 0
    assert "nothing was written" in done.stdout
    assert not home.exists()
