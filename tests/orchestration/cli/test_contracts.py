from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from data_contracts import find as finder
from orchestration.cli import main
from tests.data_contracts.writing import ORDER_ID, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

COLUMNS: list[dict[str, Any]] = [
    {**ORDER_ID, "description": "Number of the order.", "primaryKey": True},
    {
        "name": "note",
        "physicalName": "NOTE",
        "logicalType": "string",
        "logicalTypeOptions": {"pattern": "^[a-z]+$"},
        "classification": "restricted",
    },
]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
) -> Run:
    """Runs `lakehouse contracts` in a folder of its own: status, output, errors."""
    monkeypatch.setattr(finder, "HOME", tmp_path / "nothing")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lakehouse", "contracts", *arguments])
        status = 0
        try:
            main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def known(folder: Path, **said: Any) -> Path:
    """A contract that is found by its name, shop.orders."""
    return written(folder, COLUMNS, name="data_contracts/shop/orders.odcs.yaml", **said)


def test_list_names_each_contract_with_its_key_and_format(run: Run, tmp_path: Path) -> None:
    known(tmp_path)
    status, out, err = run("list")
    assert (status, err) == (0, "")
    folder, _, row = out.splitlines()
    assert folder == "data_contracts/"
    assert row.split() == ["shop.orders", "1.0.0", "active", "2", "order_id", "csv"]


def test_list_names_the_file_where_the_name_does_not_say_it(run: Run, tmp_path: Path) -> None:
    written(tmp_path, name="data_contracts/shop/other.odcs.yaml")
    _, out, _ = run("list")
    assert "shop/other.odcs.yaml" in out


def test_list_shows_a_broken_file_with_its_fault_and_fails(run: Run, tmp_path: Path) -> None:
    known(tmp_path)
    written(tmp_path, name="data_contracts/shop/wrong.odcs.yaml", nmae="x")
    status, out, _ = run("list")
    assert status == 1
    assert "shop.orders" in out
    assert "wrong.odcs.yaml:7: nmae: the standard has no such key here" in out
    status, out, _ = run("list", "--json")
    told = json.loads(out)
    assert status == 1
    assert [row["name"] for row in told["contracts"]] == ["shop.orders"]
    assert told["contracts"][0]["key"] == ["order_id"]
    assert told["broken"][0]["fault"].endswith("name is meant?")


def test_list_without_contracts_says_how_to_draft_one(run: Run) -> None:
    status, out, _ = run("list")
    assert (status, "lakehouse contracts init" in out) == (0, True)


def test_list_finds_what_lakehouse_contracts_names(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, name="more/shop/orders.odcs.yaml")
    monkeypatch.setenv("LAKEHOUSE_CONTRACTS", str(tmp_path / "more"))
    assert "shop.orders" in run("list")[1]


def test_check_accepts_with_warnings_and_counts(run: Run, tmp_path: Path) -> None:
    known(tmp_path)
    status, out, _ = run("check")
    assert status == 0
    assert out.startswith("accepted data_contracts/shop/orders.odcs.yaml\n")
    assert "  line 1: team: names no owner" in out
    assert out.endswith("1 checked: 1 accepted, 0 refused, 3 warnings\n")


def test_check_tells_every_fault_of_every_file_and_exits_with_2(run: Run, tmp_path: Path) -> None:
    for name in "ab":
        wrong = [{**ORDER_ID, "logicalTypeOptions": {"pattern": "[(", "minLength": -1}}]
        written(tmp_path, wrong, name=f"drafts/{name}.odcs.yaml")
    known(tmp_path)
    status, out, _ = run("check", "drafts", "shop.orders")
    assert status == 2
    faults = [line for line in out.splitlines() if line.startswith("drafts/")]
    assert [fault.split(": ")[0] for fault in faults] == [
        "drafts/a.odcs.yaml:16",
        "drafts/b.odcs.yaml:16",
    ]
    assert "3 checked: 1 accepted, 2 refused" in out


def test_check_tells_programs_the_line_and_key(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, [{**ORDER_ID, "logicalTypeOptions": {"pattern": "[("}}])
    status, out, _ = run("check", str(file), "--json")
    told = json.loads(out)
    assert (status, told["checked"], told["refused"]) == (2, 1, 1)
    (fault,) = told["files"][0]["faults"]
    assert fault["line"] == 15
    assert fault["key"] == "schema.orders.properties.order_id.logicalTypeOptions.pattern"
    assert fault["message"].startswith("'[(' cannot be used: missing ]")


def test_check_looks_for_personal_data_by_name(run: Run, tmp_path: Path) -> None:
    written(tmp_path, [{"name": "email", "logicalType": "string"}])
    _, out, _ = run("check", "orders.odcs.yaml")
    assert "seems personal and has no classification: email" in " ".join(out.split())


def test_check_of_a_name_that_is_not_known_is_one_line(run: Run) -> None:
    status, out, err = run("check", "shop.order")
    assert (status, out) == (2, "")
    assert err.startswith("lakehouse: there is no contract shop.order; known are none.")
    assert len(err.splitlines()) == 1


def test_show_tells_columns_rules_and_reading_in_80_columns(run: Run, tmp_path: Path) -> None:
    known(tmp_path, item={"description": "One row an order.", "quality": [
        {"metric": "rowCount", "mustBeGreaterThan": 10}]})  # fmt: skip
    status, out, _ = run("show", "shop.orders")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    for words in (
        "shop.orders 1.0.0 active, bronze.shop_orders",
        "One row an order.",
        "from NOTE",
        "matches ^[a-z]+$",  # and not taken for the markup of a style
        "restricted",
        "number of rows must be above 10",
        "the file's whole path",
    ):
        assert words in out
    told = json.loads(run("show", "shop.orders", "--json")[1])
    assert told["key"] == ["order_id"]
    assert told["columns"][1]["rules"] == ["matches ^[a-z]+$"]


def test_diff_says_what_breaks_whom_and_fails(run: Run, tmp_path: Path) -> None:
    known(tmp_path)
    written(tmp_path, COLUMNS[:1], name="new.odcs.yaml", status="draft")
    status, out, _ = run("diff", "shop.orders", "new.odcs.yaml")
    assert status == 1
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "shop.orders 1.0.0 to 1.0.0"
    assert lines[2:] == [
        "readers column note is taken out (VARCHAR)",
        "- status was active, is now draft",
        "breaking: 1 change for readers, 0 changes for deliverers",
        "what breaks somebody is a new major version: 2.0.0, not 1.0.0",
    ]
    status, out, _ = run("diff", "shop.orders", "new.odcs.yaml", "--json")
    told = json.loads(out)
    assert (status, told["breaking"]) == (1, True)
    assert told["changes"][0]["breaking_for"] == ["readers"]
    assert told["old"]["file"].endswith("data_contracts/shop/orders.odcs.yaml")


def test_diff_of_what_breaks_nobody_succeeds(run: Run, tmp_path: Path) -> None:
    known(tmp_path)
    note = {"name": "more", "logicalType": "string"}
    written(tmp_path, [*COLUMNS, note], name="new.odcs.yaml", version="1.1.0")
    status, out, _ = run("diff", "shop.orders", "new.odcs.yaml")
    assert (status, "nothing breaks" in out) == (0, True)
    assert run("diff", "shop.orders", "shop.orders")[1].endswith("nothing changed\n")


def test_diff_of_a_wrong_contract_exits_with_2(run: Run, tmp_path: Path) -> None:
    known(tmp_path)
    status, _, err = run("diff", "none.yaml", "shop.orders")
    assert (status, err) == (2, "lakehouse: none.yaml: cannot be read: No such file or directory\n")


def test_docs_writes_the_site_and_says_where(run: Run, tmp_path: Path, home: Path) -> None:
    known(tmp_path)
    status, out, _ = run("docs", "--out", "site")
    assert (status, out) == (0, "1 contract: site/index.html\n")
    assert (tmp_path / "site" / "shop.orders.html").is_file()
    run("docs")
    assert (home / "site" / "contracts" / "index.html").is_file()


def test_docs_fails_where_a_contract_is_refused_and_writes_the_others(
    run: Run, tmp_path: Path
) -> None:
    known(tmp_path)
    written(tmp_path, name="data_contracts/shop/wrong.odcs.yaml", nmae="x")
    status, out, _ = run("docs", "--out", "site", "--json")
    told = json.loads(out)
    assert (status, told["contracts"]) == (1, 1)
    assert told["refused"] == [str(tmp_path / "data_contracts/shop/wrong.odcs.yaml")]


def test_docs_into_a_file_is_wrong_use(run: Run, tmp_path: Path) -> None:
    known(tmp_path)
    (tmp_path / "site").write_text("")
    status, _, err = run("docs", "--out", "site")
    assert (status, err) == (2, "lakehouse: site: cannot be written: File exists\n")


def test_init_drafts_a_contract_that_check_accepts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales" / "orders.csv").write_text("No;Amount\nA1;1,50\nA2;2,50\n")
    status, out, _ = run("init", "sales", "--out", "drafts")
    assert status == 0
    assert out.startswith("sales.orders 2 columns, 1 file: drafts/sales/orders.odcs.yaml\n")
    assert "next: lakehouse ingest drafts/sales/orders.odcs.yaml sales/orders.csv" in out
    assert run("check", "drafts")[0] == 0
    status, out, _ = run("init", "sales", "--out", "more", "--json")
    (told,) = json.loads(out)["contracts"]
    assert (told["id"], told["columns"]) == ("sales.orders", 2)


def test_init_of_nothing_is_one_line_and_wrong_use(run: Run) -> None:
    status, out, err = run("init", "nothing", "--out", "drafts")
    assert (status, out) == (2, "")
    assert err.startswith("lakehouse: nothing: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("command", ["list", "check", "show", "diff", "docs", "init"])
def test_help_gives_an_example(run: Run, command: str) -> None:
    status, out, _ = run(command, "--help")
    assert status == 0
    assert f"lakehouse contracts {command}" in out.split("Example", 1)[1]


def test_the_command_line_starts_without_reading_contracts() -> None:
    """`--version` and `sql` import this module too."""
    heavy = (
        "{'duckdb', 'rich', 'yaml', 'jsonschema', 'datacontract', 'open_data_contract_standard'}"
    )
    code = f"import sys, orchestration.cli.contracts; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() in ("set()", "{'rich'}")  # Typer itself may load rich
