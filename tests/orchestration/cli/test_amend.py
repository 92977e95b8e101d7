"""`lakehouse quarantine`, `undo`, `reload`, `maintain`, `pin` and `upgrade`, as a person and a program use them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from orchestration.cli import main
from tests.chaos.kills import CONTRACT
from tests.lake_help import Lakehouse, on_sqlite, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., tuple[int, str, str]]

pytest_plugins = "tests.lake_help"
pytestmark = on_sqlite


@pytest.fixture
def contract_file(tmp_path: Path) -> Path:
    file = tmp_path / "contracts" / "shop" / "order.odcs.yaml"
    file.parent.mkdir(parents=True)
    narrow = "logicalType: integer, logicalTypeOptions: {maximum: 5}"
    file.write_text(CONTRACT.replace("logicalType: integer", narrow), encoding="utf-8")
    return file


@pytest.fixture
def run(
    lakehouse: Lakehouse,
    contract_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Runs `lakehouse` on the test's lake, with a file of three rows of which one is too large."""
    monkeypatch.setenv("LAKEHOUSE_HOME", str(lakehouse.settings.home))
    monkeypatch.setenv("LAKEHOUSE_CONTRACTS", str(contract_file.parents[1]))
    monkeypatch.setenv("COLUMNS", "80")
    file = write_csv(lakehouse.folder / "a [b].csv", "a,1,1.5", "b,9,2.5", "c,two,3.5")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lakehouse", *arguments])
        status = 0
        try:
            main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    assert run("ingest", "shop.order", str(file))[0] == 0
    return run


@pytest.mark.slow
def test_a_person_finds_mends_and_discards_broken_rows(run: Command, contract_file: Path) -> None:
    listed = run("quarantine", "list")[1]
    assert "quantity: '9' is above the maximum 5" in listed
    assert max(map(len, listed.splitlines())) <= 80
    shown = run("quarantine", "show", "1-2")[1]
    assert "1-2 shop_order" in shown
    assert "a [b].csv, record 2" in shown
    assert '{"id":"b","quantity":"9","price":"2.5"}' in shown
    loose = contract_file.read_text().replace("maximum: 5", "maximum: 50")
    contract_file.write_text(loose, encoding="utf-8")
    assert "1 load changed: +1 kept, -1 quarantined" in run("quarantine", "retry")[1]
    assert "1 load gated again: as many are kept" in run("quarantine", "retry")[1]
    assert "1 load changed: -1 quarantined" in run("quarantine", "discard", "1")[1]
    assert run("quarantine", "list")[1] == "nothing is in quarantine\n"
    assert run("quarantine", "retry")[1] == "there is nothing to do\n"


@pytest.mark.slow
def test_what_a_retry_cannot_mend_is_told_with_what_can(run: Command, lakehouse: Lakehouse) -> None:
    file = write_csv(lakehouse.folder / "cut.csv", "d,1,1,5", "e,2,2,5", "f,3", "g,9,1.5")
    assert run("ingest", "shop.order", str(file))[0] == 0
    told = "3 records were never cut into columns"
    command = "lakehouse reload shop.order --load 2"
    for shown in (
        run("quarantine", "show", "2")[1],
        run("quarantine", "show", "2-1")[1].replace("1 record was", "3 records were"),
        run("quarantine", "retry", "shop.order")[1],
    ):
        assert told in shown
        assert command in shown.splitlines()[-1]
    assert "never cut" not in run("quarantine", "show", "1")[1] + run("quarantine", "retry", "1")[1]
    assert json.loads(run("quarantine", "retry", "2", "--json")[1])[0]["quarantined"] == 0


@pytest.mark.slow
def test_a_program_reads_json(run: Command, contract_file: Path) -> None:
    [first, second] = json.loads(run("quarantine", "list", "--json")[1])
    assert (first["load"], first["rows"], second["rows"]) == (1, 1, 1)
    [row] = json.loads(run("quarantine", "show", "1-3", "--json")[1])
    assert (row["reasons"], row["position"]) == (["quantity: 'two' is not an integer"], 3)
    contract_file.write_text(contract_file.read_text().replace("maximum: 5", "maximum: 50"))
    [dry] = json.loads(run("reload", "shop.order", "--dry-run", "--json")[1])
    [done] = json.loads(run("reload", "shop.order", "--load", "1", "--json")[1])
    assert dry == done
    assert (done["load"], done["operation"], done["loaded"], done["quarantined"]) == (
        1, "reload", 1, -1,
    )  # fmt: skip
    undone = json.loads(run("undo", "1", "--json")[1])
    assert (undone["load"], undone["rows"], undone["restored"]) == (1, 2, {})


@pytest.mark.slow
def test_what_cannot_be_done_is_one_line(run: Command, contract_file: Path) -> None:
    for arguments, said in (
        (("undo", "7"), "there is no load 7"),
        (("reload", "shop.order", "--load", "7"), "there is no load 7"),
        (("quarantine", "show", "x y"), "'x y' is no row (12-7), no load (12) and no contract"),
    ):
        status, out, err = run(*arguments)
        assert (status, out) == (1, "")
        assert err.startswith(f"lakehouse: {said}")
        assert err.count("\n") == 1
    for wrong in (("undo",), ("undo", "x"), ("undo", "0"), ("quarantine", "discard"), ("reload",)):
        assert run(*wrong)[0] == 2
    contract_file.unlink()
    status, _, err = run("quarantine", "retry")
    assert status == 2
    assert "there is no contract shop.order" in err


def test_a_lake_of_today_needs_no_upgrade(run: Command) -> None:
    assert run("upgrade") == (0, "the lake is up to date: its tables are of version 4\n", "")


@pytest.mark.slow
def test_verify_tells_a_person_and_a_program_what_is_missing(
    run: Command, lakehouse: Lakehouse
) -> None:
    assert run("verify") == (0, "all is well: every file is there, whole and known\n", "")
    [copy] = (lakehouse.data / "raw").glob("*/*.zst")
    copy.unlink()
    status, out, err = run("verify")
    assert (status, err) == (1, "")
    assert out.splitlines()[1].startswith("missing  copy of load 1  ")
    assert out.endswith("\n1 missing\n")
    status, out, _ = run("verify", "--json")
    assert (status, [one["kind"] for one in json.loads(out)]) == (1, ["missing"])


@pytest.mark.slow
def test_a_person_pins_keeps_up_and_unpins(run: Command, contract_file: Path) -> None:
    text = contract_file.read_text(encoding="utf-8")
    retention = "slaProperties:\n  - {property: retention, value: 1, unit: y}\nschema:"
    contract_file.write_text(text.replace("schema:", retention), encoding="utf-8")
    assert run("pin", "close", "2", "--why", "a [test]")[1] == "snapshot 2 is pinned as close\n"
    assert run("pin", "close")[0] == 1
    assert "pinned as close" in run("snapshots", "--pinned")[1]
    planned = run("maintain", "--dry-run")[1]
    assert "this was a dry run" in planned
    assert max(map(len, planned.splitlines())) <= 80
    said = json.loads(run("maintain", "--json")[1])
    assert (said["rows"], said["snapshots"], said["unheld"]) == ({}, 0, {})
    assert "bronze.shop_order" in [one["table"] for one in said["tables"]]
    assert run("maintain")[1] == "nothing to do: the lake is tidy\n"
    assert run("maintain", "--keep-files", "soon")[0] == 2
    assert run("unpin", "close")[1] == "snapshot 2 is no longer pinned as close\n"
