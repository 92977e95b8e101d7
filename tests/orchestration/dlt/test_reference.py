"""A reference that is wrong, a source that cannot be made: one line, without secrets."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from orchestration.connectors.databases.address import address_of, is_address
from orchestration.connectors.dlt.reference import source_of
from orchestration.connectors.dlt.source import DltConnector
from orchestration.errors import InputError, UnreachableError
from tests.lake_help import REPOSITORY, on_sqlite
from tests.orchestration.dlt.dlt_help import MODULE, drafted, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("dlt:shop", "dlt:MODULE:SOURCE is meant"),
        ("dlt:shop-x:orders", "dlt:MODULE:SOURCE is meant"),
        ("dlt:no_such_module:orders", "there is no module no_such_module in "),
        ("dlt:tests.no_such.shop:orders", "there is no module tests.no_such in "),
        (f"dlt:{MODULE}:missing", "has no missing"),
        (f"dlt:{MODULE}:no_source", "is a int, and neither a source nor a resource of dlt"),
        (f"dlt:{MODULE}:broken", "cannot be made: RuntimeError: see https://host/path?***"),
        (f"dlt:{MODULE}:rest", "lacks url (as "),
    ],
)
def test_a_wrong_reference_is_told_in_one_line(given: str, said: str) -> None:
    with pytest.raises((InputError, UnreachableError)) as told:
        source_of(given)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    assert "hidden" not in str(told.value)


def test_a_module_that_fails_is_told_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop_that_fails.py").write_text("import no_such_driver\n", encoding="utf-8")
    (tmp_path / "shop_that_ends.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(InputError, match="cannot be imported: No module named 'no_such_driver'"):
        source_of("dlt:shop_that_fails:orders")
    with pytest.raises(InputError, match="cannot be imported: ZeroDivisionError"):
        source_of("dlt:shop_that_ends:orders")


def test_a_source_is_shown_and_named_by_its_reference() -> None:
    address = address_of(f"dlt:{MODULE}:stock")
    assert (address.shown, address.domain) == (f"dlt:{MODULE}:stock", "stock")
    assert is_address(address.shown)
    connector = DltConnector(address.shown)
    assert (connector.tables(), connector.has("stock"), connector.has("x")) == (
        ["stock"],
        True,
        False,
    )


@on_sqlite
def test_a_secret_that_a_source_says_is_not_shown(
    lakehouse: Lakehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__SYSTEMS__FILE", str(tmp_path / "f.jsonl"))
    (tmp_path / "f.jsonl").write_text('{"id": 1, "at": 1}\n', encoding="utf-8")
    monkeypatch.setenv("SOURCES__SYSTEMS__TOKEN", "s3cret-of-the-shop")
    folder = drafted("stock", tmp_path / "c")
    [file] = folder.rglob("*.yaml")
    text = file.read_text(encoding="utf-8").replace("stock", "failing")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f.odcs.yaml").write_text(text, encoding="utf-8")
    [failure] = synced(lakehouse, "failing", tmp_path / "d").as_json()["failures"]
    assert failure["reason"] == "failing: cannot be read: RuntimeError: cannot log in with ***"
    with pytest.raises(InputError, match=r"cannot log in with \*\*\*"):
        drafted("failing", tmp_path / "e")


def test_dlt_is_asked_for_by_name_where_it_is_missing(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['dlt'] = None; sys.path.insert(0, sys.argv[1])\n"
        "from orchestration.connectors.dlt.reference import source_of\n"
        "source_of('dlt:shop:orders')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(REPOSITORY)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "InputError: dlt is not installed: pip install 'smart-lakehouse[dlt]'" in ran.stderr


def test_no_command_imports_dlt_that_does_not_need_it() -> None:
    program = (
        "import sys\n"
        "import orchestration.turns, orchestration.cli.sync, orchestration.cli.contracts_write\n"
        "from orchestration.connectors.databases.address import address_of\n"
        "address_of('dlt:shop:orders')\n"
        "sys.exit('dlt' in sys.modules)\n"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=False).returncode == 0
    )
