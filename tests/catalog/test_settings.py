"""Every setting is read from its variable, and a wrong one is named."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from catalog.errors import SettingError, without_secrets
from catalog.settings import Settings, load, told


def test_without_variables_everything_has_a_default() -> None:
    settings = load({})
    assert settings.home == Path.cwd() / ".lakehouse"
    assert settings.data_url == f"{settings.home}/data"
    assert (settings.catalog, settings.contracts, settings.memory) == (None, (), "4GB")
    assert settings.threads == os.cpu_count()
    assert (settings.query_seconds, settings.query_rows) == (300, 10_000_000)


@pytest.mark.parametrize(
    ("name", "given", "attribute", "meant"),
    [
        ("HOME", "/srv/lake", "home", Path("/srv/lake")),
        ("HOME", "~/lake", "home", Path.home() / "lake"),
        ("HOME", "here/../lake", "home", Path.cwd() / "lake"),
        ("HISTORY", "90d", "history", "90d"),
        ("HISTORY", "999999 Months", "history", "999999 Months"),
        ("CATALOG", "sqlite", "catalog", "sqlite"),
        ("CATALOG", "embedded", "catalog", "embedded"),
        ("CATALOG", "postgres://h/d", "catalog", "postgres://h/d"),
        ("CATALOG", "postgresql:///d", "catalog", "postgresql:///d"),
        ("CATALOG", "postgresql://u:p%2Fw@h:5432/d", "catalog", "postgresql://u:p%2Fw@h:5432/d"),
        ("CATALOG", "postgresql://a:1,[::1]:2/d", "catalog", "postgresql://a:1,[::1]:2/d"),
        ("CATALOG", "postgresql://u@/d?host=%2Ftmp", "catalog", "postgresql://u@/d?host=%2Ftmp"),
        ("DATA", "/mnt/data", "data_url", "/mnt/data"),
        ("ENCRYPTED", "True", "encrypted", True),
        ("ENCRYPTED", "false", "encrypted", False),
        ("CONTRACTS", f"/a{os.pathsep}/b", "contracts", (Path("/a"), Path("/b"))),
        ("MEMORY", "512MiB", "memory", "512MiB"),
        ("MEMORY", "1.5 gb", "memory", "1.5 gb"),
        ("THREADS", "3", "threads", 3),
        ("QUERY_SECONDS", "0.5", "query_seconds", 0.5),
        ("QUERY_ROWS", "7", "query_rows", 7),
    ],
)
def test_a_variable_sets_its_setting(name: str, given: str, attribute: str, meant: object) -> None:
    assert getattr(load({f"LAKEHOUSE_{name}": given}), attribute) == meant


@pytest.mark.parametrize("name", [field.name.upper() for field in fields(Settings)])
def test_an_empty_variable_is_none(name: str) -> None:
    assert load({f"LAKEHOUSE_{name}": ""}) == load({})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("CATALOG", "mysql://h/d"),
        ("CATALOG", "postgres host=h"),
        ("CATALOG", "postgresql://u:p/w@h/d"),
        ("CATALOG", "postgresql://u:p@w@h/d"),
        ("CATALOG", "postgresql://u:p w@h/d"),
        ("MEMORY", "a lot"),
        ("MEMORY", "4"),
        ("MEMORY", "0GB"),
        ("MEMORY", "0.0 GB"),
        ("HISTORY", "0d"),
        ("HISTORY", "90"),
        ("HISTORY", "-1d"),
        ("HISTORY", "1.5d"),
        ("HISTORY", "2 fortnights"),
        ("HISTORY", "10000y"),
        ("HISTORY", "1000000h"),
        ("THREADS", "0"),
        ("THREADS", "-1"),
        ("THREADS", "1.5"),
        ("THREADS", "many"),
        ("THREADS", "nan"),
        ("THREADS", "inf"),
        ("QUERY_SECONDS", "0"),
        ("QUERY_SECONDS", "soon"),
        ("QUERY_SECONDS", "inf"),
        ("QUERY_ROWS", "-1"),
        ("QUERY_ROWS", "0.5"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(name: str, given: str) -> None:
    with pytest.raises(SettingError, match=rf"^LAKEHOUSE_{name} is [^\n]+$"):
        load({f"LAKEHOUSE_{name}": given})


SECRETS = (
    "postgresql://u:hunter2@h/d",
    "postgresql://u:hunter2@h:5432/d?sslmode=require",
    "postgresql://u:a@hunter2@h/d",
    "postgresql://u:a/hunter2@h/d",
    "postgresql://u:a?hunter2@h/d",
    "postgresql://h/d?user=u&password=hunter2",
    "postgresql://h/d?password=a@hunter2",
    "postgresql://h/d?hunter2",
    "postgresql://u:1/hunter2@h/d",
    "postgresql://u:a@h,u:hunter2@i/d",
    "host=h password=hunter2",
)


@pytest.mark.parametrize("url", SECRETS)
def test_a_password_is_never_public(url: str) -> None:
    public = Settings(home=Path("/lake"), catalog=url).public()
    assert "hunter2" not in str(public)
    assert str(public["catalog"]).startswith("postgresql://")


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", *SECRETS[2:5]])
def test_a_password_is_not_in_the_refusal_of_its_url(url: str) -> None:
    with pytest.raises(SettingError) as refused:
        load({"LAKEHOUSE_CATALOG": url})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@h:5432/d?sslmode=require", "postgresql://***@h:5432/d"),
        ("postgres://a:1,[::1]:2/d", "postgres://a:1,[::1]:2/d"),
        ("postgresql:///d?host=%2Ftmp", "postgresql:///d"),
        ("sqlite", "sqlite"),
    ],
)
def test_where_a_catalog_is_stays_public(url: str, shown: str) -> None:
    assert Settings(home=Path("/lake"), catalog=url).public()["catalog"] == shown


def test_every_setting_is_told_with_where_it_is_from() -> None:
    known = told({"LAKEHOUSE_THREADS": "3", "LAKEHOUSE_MEMORY": ""})
    assert [one.setting for one in known] == [field.name for field in fields(Settings)]
    assert {one.variable for one in known if one.source == "environment"} == {"LAKEHOUSE_THREADS"}
    assert {one.setting: one.value for one in known}["threads"] == 3


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:hunter2@h/d", "hunter2 was refused by h"),
        ("postgresql://u:%68unter2@h/d", "hunter2, written %68unter2, was refused by h"),
        ("postgresql://h/d?host=%2Ftmp&hunter2", 'no separator "=" in "hunter2" of /tmp/h'),
        ("postgresql://h/d?service=hunter2", "no service hunter2"),
    ],
)
def test_a_drivers_words_are_told_without_the_secrets_of_the_url(url: str, said: str) -> None:
    told = without_secrets(said, url)
    assert "unter2" not in told
    assert told != "***"
    assert without_secrets(said, None) == said


def test_all_but_secrets_is_public() -> None:
    public = Settings(home=Path("/lake"), catalog="embedded", threads=2).public()
    assert public == {
        "home": "/lake",
        "catalog": "embedded",
        "data": None,
        "encrypted": None,
        "sources": None,
        "contracts": [],
        "memory": "4GB",
        "threads": 2,
        "query_seconds": 300.0,
        "query_rows": 10_000_000,
        "history": None,
    }
