"""A database's password: used, and neither kept nor shown anywhere."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from orchestration import sources
from orchestration.cli.app import app
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import reach_of
from orchestration.errors import InputError, UnreachableError
from tests.mariadb_help import PASSWORD, MariaDb

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.settings import Settings

pytest_plugins = ("tests.mariadb_help",)
BARE = "p@ss:w/rd"


def test_a_password_is_in_no_file_of_the_lake_and_in_no_word(
    mariadb: MariaDb, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name, folder = mariadb.database(), tmp_path / "contracts"
    mariadb.execute(
        "create table t (id int primary key)", "insert into t values (1)", database=name
    )
    url = mariadb.url(name)
    runner = CliRunner()
    said = []
    for arguments in (
        ["contracts", "init", url, "--out", str(folder)],
        ["sync", url, "--contracts", str(folder)],
        ["sync", url, "--contracts", str(folder), "--json"],
        ["sources", "add", "shop", url, "--contracts", str(folder)],
        ["sources", "test", "shop"],
        ["sources", "list", "--json"],
        ["sync", "shop", "--json"],
        ["sources", "state", "shop"],
        ["snapshots", "--json"],
    ):
        done = runner.invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        said.append(done.output)
    said.append("".join(capfd.readouterr()))
    for secret in (BARE, quote(PASSWORD, safe=""), "p%40ss"):
        assert all(secret not in text for text in said)
        kept = home / "sources" / "shop.password"
        for file in (f for f in (*home.rglob("*"), *folder.rglob("*")) if f.is_file()):
            assert file == kept or secret.encode() not in file.read_bytes(), file
    assert kept.read_text(encoding="utf-8") == PASSWORD + "\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cr3t@127.0.0.1:1/shop",
        "postgresql://ann@127.0.0.1:1/shop?password=s3cr3t&sslmode=prefer",
        "mysql://ann:s3cr3t@127.0.0.1:1/shop",
        "postgresql+psycopg://ann:s3cr3t@127.0.0.1:1/shop",
    ],
)
def test_a_connection_that_fails_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(UnreachableError, match="cannot be reached") as told:
        reach_of(address_of(url))
    assert "s3cr3t" not in str(told.value)
    assert "127.0.0.1:1/shop" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_wrong_password_is_told_without_it(mariadb: MariaDb) -> None:
    with pytest.raises(UnreachableError, match="Access denied") as told:
        reach_of(address_of(mariadb.url(mariadb.database(), "wr0ng-one")))
    assert "wr0ng" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cr3t@host:port/shop",
        "http://ann:s3cr3t@host/shop",
        "nodb+x://a:s3cr3t@h/d",
    ],
)
def test_a_url_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(InputError) as told:
        reach_of(address_of(url))
    assert "s3cr3t" not in str(told.value)


def added(settings: Settings, tmp_path: Path, url: str = "postgresql://ann@db/shop") -> Path:
    file = sources.add(settings, "shop", url, tmp_path).file
    assert file is not None
    return file


def test_a_source_has_its_password_from_the_environment(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(settings, tmp_path)
    assert sources.source_of(settings, "shop").address.password == ""
    monkeypatch.setenv("LAKEHOUSE_SOURCE_SHOP_PASSWORD", "one")
    assert sources.source_of(settings, "shop").address.password == "one"


def test_a_password_that_others_can_read_is_refused(settings: Settings, tmp_path: Path) -> None:
    secret = added(settings, tmp_path, "postgresql://ann:two@db/shop").with_suffix(".password")
    assert sources.source_of(settings, "shop").address.password == "two"
    secret.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        sources.source_of(settings, "shop")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("url: postgresql://ann:s3cr3t@db/shop\ncontracts: .", "its url holds a password"),
        ("url: postgresql://db/shop", "contracts is missing"),
        ("url: postgresql://db/shop\ncontracts: .\npassword: s3cr3t", "password is unknown"),
        ("url: [1", "cannot be read"),
        ("just a text", "is no source"),
        ("url: postgresql://db/shop\ncontracts: .\ntables: a", "tables is not as it should be"),
        ("url: postgresql://db/shop\ncontracts: .\npassword_env: NO_SUCH", "NO_SUCH, which is not"),
        (
            "url: postgresql://db/shop\ncontracts: .\npassword_file: none",
            "is missing, the password",
        ),
    ],
)
def test_a_source_that_is_wrong_is_told_with_its_file_and_key(
    settings: Settings, tmp_path: Path, text: str, told: str
) -> None:
    file = added(settings, tmp_path)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told) as refused:
        sources.source_of(settings, "shop")
    assert "s3cr3t" not in str(refused.value)


def test_a_source_that_is_there_is_not_written_over(settings: Settings, tmp_path: Path) -> None:
    added(settings, tmp_path)
    with pytest.raises(InputError, match="is there already"):
        added(settings, tmp_path)


def test_what_the_file_of_a_source_says_is_all_but_secrets(
    settings: Settings, tmp_path: Path
) -> None:
    file = added(settings, tmp_path, "postgresql://ann:two@db:5433/shop?sslmode=require")
    assert json.loads(json.dumps(file.read_text(encoding="utf-8"))) == (
        f"url: postgresql://ann@db:5433/shop?sslmode=require\ncontracts: {tmp_path}\n"
    )
