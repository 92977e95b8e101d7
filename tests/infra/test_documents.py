"""The documents tell the truth: what they name exists, and what must be named is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from orchestration.cli.app import app

ROOT = Path(__file__).parents[2]
ROOMS = ("catalog", "data_contracts", "infra", "orchestration", "tests")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / room / "README.md" for room in ROOMS),
]
A_PAGE = 66  # lines
LONGER = ("catalog", "orchestration")  # what is promised, and what a source may be


# Named, and not of the project: what the setup makes, what a user has, what there must not be.
ELSEWHERE = {".venv/", ".uv/", "exports/crm/", "data_contracts/crm/customers.odcs.yaml", "utils.py"}
ELSEWHERE |= {"shop.py", ".dlt/secrets.toml"}  # of a user who has a dlt source


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def paths(room: Path) -> set[str]:
    """What is in a room, or in all rooms where it is the root; each path by any of its endings."""
    folders = [room] if room != ROOT else [ROOT / name for name in ROOMS]
    found = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    found += [path for path in ROOT.iterdir() if path.is_file()]
    names = (path.relative_to(ROOT).parts for path in found)
    return {"/".join(parts[at:]) for parts in names for at in range(len(parts))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./-]+\.(?:py|sql|sh|toml|md|txt|yaml)|(?:\w+/)+)`", text))
    known = paths(document.parent)
    missing = {name for name in named - ELSEWHERE if name.rstrip("/") not in known}
    assert missing == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_readme_is_at_most_a_page(room: str) -> None:
    lines = (ROOT / room / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= A_PAGE * (1.5 if room in LONGER else 1)
    assert "## Example" in lines


def test_the_readme_lists_the_settings_that_there_are() -> None:
    told = set(
        re.findall(r"^\| `(LAKEHOUSE_\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    settings = (ROOT / "catalog" / "settings.py").read_text()
    known = {f"LAKEHOUSE_{name}" for name in re.findall(r'\w\("([A-Z][A-Z_]+)"', settings)}
    assert told == known
    assert "LAKEHOUSE_HOME" in known


def test_each_promise_names_a_test_that_there_is() -> None:
    section = (
        (ROOT / "README.md").read_text().partition("## What is promised")[2].partition("\n## ")[0]
    )
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 6
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text(), f"{file}::{test}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for file, test in re.findall(r"(tests/[\w/]+\.py)::(\w+)", text):
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
    for link in re.findall(r"\]\(([\w./]*tests/[\w/]+\.py)\)", text):
        file = document.parent / link
        assert "\ndef test_" in file.read_text(encoding="utf-8"), f"{link} has no test"


def test_each_fault_of_the_lake_names_a_test() -> None:
    text = (ROOT / "catalog" / "README.md").read_text(encoding="utf-8")
    section = text.partition("under which faults")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 10
    assert [row for row in rows if "](../tests/" not in row] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_command_that_a_document_shows_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    shown = re.findall(r"^    (?:\$ )?lakehouse ([a-z]+)(?: ([a-z]+))?", text, re.MULTILINE)
    commands: Any = get_command(app)
    for first, second in shown:
        assert first in commands.commands, f"lakehouse {first}"
        within = getattr(commands.commands[first], "commands", {second: None})
        assert second in within, f"lakehouse {first} {second}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_target_of_make_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", document.read_text(), re.MULTILINE))
    assert named <= targets


def test_ci_runs_the_readmes_test_command() -> None:
    assert "\n    make test " in (ROOT / "README.md").read_text()
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)
