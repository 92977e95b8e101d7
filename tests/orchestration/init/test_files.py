import gzip
import io
import zipfile
from pathlib import Path

import pytest

from orchestration.init import InitError
from orchestration.init.files import SourceFile, find


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


def names(found: list[SourceFile]) -> list[str]:
    return [file.name.rpartition("/")[2] for file in found]


def test_a_folder_is_searched_with_its_folders_and_zips(tmp_path: Path) -> None:
    (tmp_path / "deep" / ".git").mkdir(parents=True)
    for name in ("a.csv", "deep/b.ndjson", "deep/.git/c.csv", ".d.csv", "~$e.xlsx"):
        (tmp_path / name).write_text("x")
    (tmp_path / "f.zip").write_bytes(zipped(g__csv=b"x", h__pdf=b"x"))
    files, skipped = find(tmp_path)
    assert names(files) == ["a.csv", "b.ndjson", "f.zip!g.csv"]
    assert [line.rpartition("/")[2] for line in skipped] == [
        "f.zip!h.pdf: .pdf is not read; give CSV, JSON, Excel or Parquet"
    ]


def test_a_file_that_is_named_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x")
    assert names(find(tmp_path / "a.log")[0]) == ["a.log"]
    assert find(tmp_path)[0] == []


@pytest.mark.parametrize(("name", "remedy"), [("a.xls", "save it as .xlsx"), ("a.db", "database")])
def test_formats_that_are_not_read_say_what_to_do(tmp_path: Path, name: str, remedy: str) -> None:
    (tmp_path / name).write_bytes(b"\0")
    files, skipped = find(tmp_path / name)
    assert not files
    assert remedy in skipped[0]


def test_gzip_is_unpacked_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n"))
    file = SourceFile(path)
    with file.open() as stream:
        assert stream.read() == b"a,b\n"
    assert (file.suffix, file.inner.name) == (".csv", "a.csv")


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"a,b\n" * 1000)[:40]],
    ids=["no gzip", "cut off"],
)
def test_broken_gzip_is_one_line_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(content)
    with (
        pytest.raises(InitError, match=r"a\.csv\.gz: cannot be read"),
        SourceFile(path).open() as s,
    ):
        s.read()


def test_broken_zip_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    files, skipped = find(tmp_path)
    assert not files
    assert "a.zip: is no readable zip" in skipped[0]
