"""From paths to inputs: what is loaded, what is left out and told, what is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from orchestration.connectors.files.content import Content
from orchestration.connectors.files.discover import Found, discover
from orchestration.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def made(folder: Path, *names: str) -> Path:
    """A folder with files of these names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


def names(found: Found, folder: Path) -> list[str]:
    return [item.path.relative_to(folder).as_posix() for item in found.inputs]


def ignored(found: Found, folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in found.ignored]


def test_a_folder_is_searched_with_its_folders_in_order(tmp_path: Path) -> None:
    made(tmp_path, "b.csv", "a.csv", "deep/er/c.csv", "deep/a.csv", "aa/z.csv")
    found = discover([str(tmp_path)], "csv")
    expected = ["a.csv", "b.csv", "aa/z.csv", "deep/a.csv", "deep/er/c.csv"]
    assert names(found, tmp_path) == expected
    assert not found.ignored
    assert not found.failed


def test_files_of_another_format_are_left_out_and_told(tmp_path: Path) -> None:
    made(tmp_path, "a.csv", "notes.md", "labels/windows.json", "c.CSV", "d.tsv", "e.csv.gz")
    found = discover([str(tmp_path)], "csv")
    assert names(found, tmp_path) == ["a.csv", "c.CSV", "d.tsv", "e.csv.gz"]
    assert ignored(found, tmp_path) == ["notes.md", "labels/windows.json"]


def test_hidden_files_and_open_documents_are_nobodys_data(tmp_path: Path) -> None:
    made(tmp_path, ".a.csv", ".git/b.csv", "~$c.csv", "d.csv")
    found = discover([str(tmp_path)], "csv")
    assert names(found, tmp_path) == ["d.csv"]
    assert not found.ignored


@pytest.mark.parametrize("name", ["export", ".hidden.csv", "x.parquet", "data.gz"])
def test_a_file_that_is_named_is_always_an_input(tmp_path: Path, name: str) -> None:
    made(tmp_path, name)
    assert names(discover([str(tmp_path / name)], "csv"), tmp_path) == [name]


def test_a_file_that_is_named_beside_its_folder_is_an_input_once(tmp_path: Path) -> None:
    made(tmp_path, "a.csv", "odd.xyz")
    given = [str(tmp_path), str(tmp_path / "odd.xyz"), str(tmp_path / "a.csv"), str(tmp_path)]
    found = discover(given, "csv")
    assert names(found, tmp_path) == ["a.csv", "odd.xyz"]
    assert not found.ignored


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.csv", ["a.csv", "b.csv"]),
        ("**/*.csv", ["a.csv", "b.csv", "deep/c.csv"]),
        ("[ab].csv", ["a.csv", "b.csv"]),
        ("d*", ["deep/c.csv"]),
    ],
)
def test_a_pattern_means_what_it_matches(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    made(tmp_path, "b.csv", "a.csv", "deep/c.csv", "deep/notes.md")
    assert names(discover([str(tmp_path / pattern)], "csv"), tmp_path) == expected


def test_a_relative_path_becomes_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path / "in [here]", "a.csv", "b.csv")
    monkeypatch.chdir(folder)
    for given in ("a.csv", "./a.csv", "../in [here]/a.csv"):
        assert discover([given], "csv").inputs[0].name == f"{folder}/a.csv"
    assert names(discover(["*.csv"], "csv"), folder) == ["a.csv", "b.csv"]


def test_a_name_with_the_marks_of_a_pattern_is_a_name_first(tmp_path: Path) -> None:
    made(tmp_path, "report[1].csv", "report1.csv")
    found = discover([str(tmp_path / "report[1].csv")], "csv")
    assert names(found, tmp_path) == ["report[1].csv"]


@pytest.mark.parametrize("given", ["missing.csv", "missing/", "no*.csv"])
def test_a_path_that_means_nothing_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(InputError, match=r"no such file or folder|no file matches"):
        discover([str(tmp_path / given)], "csv")


def test_a_path_that_cannot_be_looked_at_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be looked at: file name too long$"):
        discover([str(tmp_path / ("x" * 300))], "csv")


def test_an_empty_folder_has_no_inputs(tmp_path: Path) -> None:
    assert discover([str(tmp_path)], "csv") == Found([], [], [])


def test_a_linked_folder_is_followed_and_none_twice(tmp_path: Path) -> None:
    made(tmp_path / "there", "a.csv")
    made(tmp_path / "here", "b.csv")
    (tmp_path / "here" / "link").symlink_to(tmp_path / "there")
    (tmp_path / "there" / "back").symlink_to(tmp_path / "here")
    found = discover([str(tmp_path / "here")], "csv")
    assert names(found, tmp_path / "here") == ["b.csv", "link/a.csv"]


def test_a_link_to_nothing_is_an_input_that_will_fail(tmp_path: Path) -> None:
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    assert names(discover([str(tmp_path)], "csv"), tmp_path) == ["gone.csv"]


def test_a_pipe_in_a_folder_is_no_data(tmp_path: Path) -> None:
    made(tmp_path, "a.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert names(discover([str(tmp_path)], "csv"), tmp_path) == ["a.csv"]


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, "a.csv", "closed/b.csv")
    look = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover([str(tmp_path)], "csv")
    assert names(found, tmp_path) == ["a.csv"]
    assert found.failed == [(tmp_path / "closed", "cannot be read: permission denied")]


def test_a_name_that_is_no_text_is_shown_by_its_bytes(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.csv", "wb") as file:  # noqa: PTH123
        file.write(b"a,b\n1,2\n")
    (found,) = discover([str(tmp_path)], "csv").inputs
    assert found.name == f"{tmp_path}/caf\\xe9.csv"
    assert found.path.read_bytes() == b"a,b\n1,2\n"


def test_a_loop_of_links_ends_and_is_told(tmp_path: Path) -> None:
    made(tmp_path, "a.csv")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    found = discover([str(tmp_path)], "csv")
    assert names(found, tmp_path) == ["a.csv", "loop.csv"]
    with pytest.raises(DeliveryError, match=r"^cannot be read: too many levels of symbolic links$"):
        Content(found.inputs[1])


@pytest.mark.parametrize("name", ["old.xls", "OLD.XLSB", "open.ods"])
def test_a_workbook_that_is_not_read_says_what_to_do(tmp_path: Path, name: str) -> None:
    made(tmp_path, name, "new.xlsx")
    for given in (tmp_path, tmp_path / name):
        found = discover([str(given)], "excel")
        [(path, reason)] = found.failed
        assert (path.name, found.ignored) == (name, [])
        assert ".xlsx" in reason
    assert discover([str(tmp_path)], "csv").failed == []
