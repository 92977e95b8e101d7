"""`lakehouse contracts init`, `sync` and `sources` with a module of the current folder."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from orchestration.cli import main
from tests.lake_help import Lakehouse, on_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

pytest_plugins = "tests.lake_help"
pytestmark = on_sqlite

MODULE = """
import dlt

@dlt.resource(primary_key="id", write_disposition="merge")
def orders(upto: int = dlt.config.value, at=dlt.sources.incremental("id", initial_value=0)):
    for number in range(max(1, at.last_value), upto + 1):
        yield {"id": number, "price": "many" if number == 7 else number * 1.5}

@dlt.source
def shop():
    return orders
"""


@pytest.fixture
def run(
    lakehouse: Lakehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs `lakehouse` in a folder with a module: status, output, errors."""
    (tmp_path / "a_shop_of_ours.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("LAKEHOUSE_HOME", str(lakehouse.settings.home))
    monkeypatch.setenv("SOURCES__A_SHOP_OF_OURS__ORDERS__UPTO", "5")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lakehouse", *arguments])
        status = 0
        try:
            main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.mark.slow
def test_a_source_of_the_current_folder_is_drafted_synced_named_and_synced_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "dlt:a_shop_of_ours:shop"
    status, out, _ = run("contracts", "init", source, "--out", "contracts", "--json")
    assert (status, json.loads(out)["next"]) == (
        0,
        f"lakehouse sync {source} --contracts contracts",
    )
    status, out, _ = run("sync", source, "--contracts", "contracts", "--json")
    assert (status, json.loads(out)["loaded"]) == (0, 5)
    assert run("sources", "add", "shop", source, "--contracts", "contracts")[0] == 0
    monkeypatch.setenv("SOURCES__A_SHOP_OF_OURS__ORDERS__UPTO", "8")
    status, out, _ = run("sync", "shop", "--json")
    said = json.loads(out)
    assert (status, said["read"], said["loaded"], said["quarantined"]) == (0, 3, 2, 1)
    status, out, _ = run("sync", "shop", "--json")
    assert json.loads(out)["tables"] == {"loaded": 0, "already_loaded": 1, "failed": 0}
    [state] = json.loads(run("sources", "state", "shop", "--json")[1])["tables"]
    assert (state["watermark"], state["status"]) == ("8", "already_loaded")
    status, out, _ = run("sync", "shop", "--reset", "--json")
    assert (status, json.loads(out)["loaded"]) == (0, 7)


def test_what_is_wrong_is_one_line_and_the_exit_status_of_wrong_use(run: Run) -> None:
    status, _, err = run("sync", "dlt:a_shop_of_ours:none", "--contracts", ".")
    assert status == 2
    assert err.count("\n") == 1
    status, _, err = run("sync", "dlt:a_shop_of_ours:shop")
    assert (status, "--contracts is missing" in err) == (2, True)
