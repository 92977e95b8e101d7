"""`lakehouse settings`: every setting, where it is from, and no password anywhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from catalog import guard, parse
from catalog.limits import Limits
from catalog.settings import Settings
from orchestration.cli import main
from tests.catalog.query_help import made_lake
from tests.lake_help import Lakehouse, contract, on_postgres, orders

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

pytest_plugins = "tests.lake_help"

SECRET = "hunter2"
ROOT = Path(__file__).parents[3]
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.thing
version: 1.0.0
status: active
domain: shop
schema:
  - name: thing
    logicalType: object
    customProperties: [{property: format, value: json}]
    properties: [{name: id, logicalType: integer, primaryKey: true}]
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a home without a lake: status, output, errors."""
    for name in [name for name in os.environ if name.startswith("LAKEHOUSE_")]:
        monkeypatch.delenv(name)
    for pool in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
        monkeypatch.setenv(pool, "1")  # which else the first command sets for good
    monkeypatch.setenv("LAKEHOUSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lakehouse", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def test_a_person_reads_every_setting_in_80_columns(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_DATA", f"/mnt/{'long/' * 30}\x1b[2J")
    monkeypatch.setenv("LAKEHOUSE_QUERY_ROWS", "7000")
    status, out, _ = run("settings")
    lines = out.splitlines()
    assert status == 0
    assert max(map(len, lines)) <= 80
    named = [line.split() for line in lines if line.startswith("LAKEHOUSE_")]
    assert [words[0] for words in named] == [
        f"LAKEHOUSE_{field.name.upper()}" for field in fields(Settings)
    ]
    assert ["LAKEHOUSE_QUERY_ROWS", "7,000", "environment"] in named
    assert ["LAKEHOUSE_MEMORY", "4GB", "default"] in named
    assert "\x1b" not in out


def test_a_program_reads_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_CONTRACTS", f"/a{os.pathsep}/b")
    found = {one["setting"]: one for one in json.loads(run("settings", "--json")[1])}
    assert set(found) == {field.name for field in fields(Settings)}
    assert found["contracts"]["value"] == ["/a", "/b"]
    assert found["threads"] == {
        "setting": "threads",
        "value": os.cpu_count(),
        "variable": "LAKEHOUSE_THREADS",
        "source": "default",
    }


def test_a_wrong_value_is_one_line_and_status_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_THREADS", "many")
    told = "lakehouse: LAKEHOUSE_THREADS is 'many'; a number above 0 is meant\n"
    assert run("settings") == (2, "", told)


URLS = {
    "password": "postgresql://u:hunter2@127.0.0.1:1/d",
    "password and more": "postgres://u:hunter2@127.0.0.1:1/d?sslmode=require",
    "parameter": "postgresql://127.0.0.1:1/d?user=u&password=hunter2",
    "parameter in code": "postgresql://127.0.0.1:1/d?%70assword=%68unter2",
    "parameter with @": "postgresql://127.0.0.1:1/d?password=a@hunter2",
    "parameter without a name": "postgresql://127.0.0.1:1/d?hunter2",
    "parameter with =": "postgresql://127.0.0.1:1/d?password=x=hunter2",
    "parameter misspelt": "postgresql://127.0.0.1:1/d?passwrd=hunter2",
    "broken code": "postgresql://u:hunter2%zz@127.0.0.1:1/d",
    "NUL": "postgresql://u:hunter2%00@127.0.0.1:1/d",
    "password in code": "postgresql://u:%68unter2@127.0.0.1:1/d",
    "password with /": "postgresql://u:a/hunter2@127.0.0.1:1/d",
    "password with @": "postgresql://u:a@hunter2@127.0.0.1:1/d",
    "password with space": "postgresql://u:a hunter2@127.0.0.1:1/d",
    "several hosts": "postgresql://u:hunter2@127.0.0.1:1,127.0.0.1:2/d",
    "no such host": "postgresql://u:hunter2@nowhere.invalid/d",
    "no such socket": "postgresql://u:hunter2@/d?host=%2Fnowhere",
    "no such port": "postgresql://u:hunter2@127.0.0.1:99999/d",
    "other secrets": "postgresql://u@127.0.0.1:1/d?sslpassword=hunter2&service=hunter2",
    "wrong place": "postgresql://u@127.0.0.1:1/d?connect_timeout=hunter2",
    "key and value": "host=127.0.0.1 port=1 user=u password=hunter2",
    "another database": "mysql://u:hunter2@127.0.0.1:1/d",
}


@pytest.mark.slow
@pytest.mark.parametrize("url", URLS.values(), ids=list(URLS))
def test_a_command_that_fails_tells_no_password(
    url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders(tmp_path / "order.csv", 1)
    monkeypatch.setenv("LAKEHOUSE_CATALOG", url)
    shown = run("settings")[1] + run("settings", "--json")[1]
    said = [run("ingest", "demo.order", str(file), *more) for more in ((), ("--json",))]
    marker = tmp_path / "home" / "lake.json"
    marker.parent.mkdir(exist_ok=True)
    marker.write_text('{"format": "1.0", "catalog": "postgres"}', encoding="utf-8")
    said += [run("sql", "select 1"), run("snapshots"), run("ingest", "demo.order", str(file))]
    assert all(status in (1, 2) for status, _, _ in said)
    assert all(error.count("\n") == 1 for _, _, error in said)
    assert "unter2" not in shown + str(said)


@on_postgres
def test_no_password_is_kept_in_the_lake(lakehouse: Lakehouse) -> None:
    url = str(lakehouse.settings.catalog).replace("lakehouse@", f"lakehouse:{SECRET}@")
    house = Lakehouse(
        Settings(home=lakehouse.settings.home, catalog=f"{url}&password={SECRET}", threads=1),
        lakehouse.folder,
    )
    house.load(contract(), orders(house.folder / "a.csv", 3))
    kept = [house.sql(f"from ops.{table}") for table in ("run", "ledger", "receipt")]
    kept.append(house.sql("from lake.snapshots()"))
    house.close()
    assert all(kept)
    assert "postgresql://***@" in str(kept)
    assert SECRET not in str(kept)
    files = (file for file in house.settings.home.rglob("*") if file.is_file())
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]


@pytest.mark.slow
def test_every_duckdb_of_a_process_keeps_to_its_memory_and_threads(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the product connects: a lake, the guard's parser, contracts, files of JSON."""
    found: set[tuple[str, int, int]] = set()
    connect = duckdb.connect

    def noting(*arguments: Any, **named: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(*arguments, **named)
        asked = "select current_setting('threads'), current_setting('memory_limit')"
        [(threads, memory)] = connection.execute(asked).fetchall()
        caller = Path(sys._getframe(1).f_code.co_filename).relative_to(ROOT)
        found.add((str(caller), threads, Limits(1, 1, memory).memory_bytes))
        return connection

    made_lake(tmp_path / "home")
    monkeypatch.setattr(duckdb, "connect", noting)
    monkeypatch.setenv("LAKEHOUSE_THREADS", "1")
    monkeypatch.setenv("LAKEHOUSE_MEMORY", "300MB")
    parse._parser.cache_clear()
    guard.check.cache_clear()
    array = tmp_path / "thing.json"
    array.write_text(json.dumps([{"id": n} for n in range(3)]), encoding="utf-8")
    held_to = tmp_path / "thing.odcs.yaml"
    held_to.write_text(CONTRACT, encoding="utf-8")
    assert run("contracts", "check", str(held_to))[0] == 0
    rows = "".join(f"{n},a\n" for n in range(20_000))
    (tmp_path / "long.csv").write_text(f"id,name\n{rows}x,a\n", encoding="utf-8")
    drafts = str(tmp_path / "drafts")
    assert run("contracts", "init", str(tmp_path / "long.csv"), "--out", drafts)[0] == 0
    assert run("ingest", str(held_to), str(array))[0] == 0
    assert run("sql", "select count(*) from bronze.shop_order")[0] == 0
    connecting = {
        str(file.relative_to(ROOT))
        for room in ("catalog", "data_contracts", "orchestration")
        for file in (ROOT / room).rglob("*.py")
        if re.search(r"duckdb\.connect\(", file.read_text(encoding="utf-8"))
    }
    assert {caller for caller, _, _ in found} == connecting
    assert all(threads == 1 for _, threads, _ in found)
    assert all(memory <= 300_000_000 for _, _, memory in found)


def test_arrows_threads_are_the_settings(tmp_path: Path) -> None:
    code = """
import sys
from orchestration.cli import main
sys.argv = ["lakehouse", "settings"]
try:
    main()
finally:
    import pyarrow
    print(pyarrow.cpu_count())
"""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"LAKEHOUSE_THREADS": "1", "LAKEHOUSE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split()[-1] == "1"
