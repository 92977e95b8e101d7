"""`lakehouse sandbox`, and the CRM that it serves."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests
from typer.testing import CliRunner

from infra.sandbox import company
from infra.sandbox.crm import Server
from infra.sandbox.group import NOTICE, Plan
from orchestration.cli.app import app
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = ("--scale", "0.01", "--days", "10", "--to")


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["sandbox", *words])


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    with Server(folder / "crm" / "crm.sqlite") as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_what_it_prints_says_that_it_is_made_up(tmp_path: Path) -> None:
    folder = tmp_path / "alder"
    made = run("create", *SMALL, str(folder))
    assert made.exit_code == 0
    assert made.stdout.startswith(NOTICE)
    added = json.loads(run("next-day", "--to", str(folder), "--json").stdout)
    assert (added["note"], added["days"], added["last_day"]) == (NOTICE, 11, "2025-01-11")
    assert added["total"] == sum(added["rows"].values()) > 0


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("dear to me")
    refused = run("create", *SMALL, str(tmp_path))
    assert isinstance(refused.exception, InputError)
    assert str(tmp_path) in str(refused.exception)
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_no_sandbox_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    for command in ("next-day", "serve"):
        refused = run(command, "--to", str(tmp_path))
        assert isinstance(refused.exception, InputError)
        assert "lakehouse sandbox create" in str(refused.exception)


def test_a_day_that_was_cut_off_is_added_once(tmp_path: Path) -> None:
    folder = company.create(tmp_path / "alder", Plan(0.01, days=10)).folder
    state = (folder / company.STATE).read_bytes()
    company.next_day(folder)
    (folder / company.STATE).write_bytes(state)  # as if it had been killed before its last step
    again = company.next_day(folder)
    assert not any(rows for name, rows in again.rows.items() if name.startswith(("erp", "crm")))
    assert company.plan_of(folder).days == 11


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("served")
    return company.create(home / "alder", Plan(0.05, days=40)).folder


def test_pages_hold_each_row_once_and_only_what_changed_since(folder: Path) -> None:
    with served(folder) as server:
        bearer = {"Authorization": f"Bearer {server.token}"}
        for name in ("contacts", "opportunities", "tickets", "carts"):
            url, found, page, pages = f"{server.url}/{name}", [], 1, 1
            while page <= pages:
                asked = {"page": page, "per_page": 7}
                said = requests.get(url, params=asked, headers=bearer, timeout=10).json()
                found += said["items"]
                pages, page = said["pages"], page + 1
            keys = [next(iter(item.items())) for item in found]
            assert len(set(keys)) == len(found) == said["total"] > 7
            middle = found[len(found) // 2]["updated_at"]
            since = requests.get(
                url, params={"updated_since": middle, "per_page": 1000}, headers=bearer, timeout=10
            ).json()
            assert since["items"] == [item for item in found if item["updated_at"] >= middle]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/contacts", {}, 401),
        ("/contacts", {"Authorization": "Bearer guessed"}, 401),
        ("/salaries", None, 404),
        ("/contacts?page=0", None, 400),
        ("/contacts?per_page=many", None, 400),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    folder: Path, path: str, headers: dict[str, str] | None, status: int
) -> None:
    with served(folder) as server:
        said = {"Authorization": f"Bearer {server.token}"} if headers is None else headers
        answer = requests.get(server.url + path, headers=said, timeout=10)
        assert answer.status_code == status
        assert "error" in answer.json()
