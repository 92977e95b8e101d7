"""Zips as inputs: their members of the contract's format, the others told, damaged ones failed."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from orchestration.connectors.files import content
from orchestration.connectors.files.discover import Input, discover
from orchestration.init import InitError, init
from tests.orchestration.connectors.files.reading_help import holding, read

if TYPE_CHECKING:
    from pathlib import Path

CSV = b"a,b\n1,2\n"


def zipped(path: Path, *members: str, content: bytes = CSV) -> Path:
    """A zip with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(member, content)
    return path


def test_the_members_of_a_format_are_inputs_of_their_own(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", "b.csv", "deep/a.csv", "notes.md", "deep/")
    found = discover([str(path)], "csv")
    assert [item.name for item in found.inputs] == [f"{path}!b.csv", f"{path}!deep/a.csv"]
    assert [str(left_out) for left_out in found.ignored] == [f"{path}!notes.md"]
    assert read(path, holding(), "deep/a.csv").rows == [(1, {"a": "1", "b": "2"})]


def test_what_a_mac_adds_to_a_zip_is_nobodys_data(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.ZIP", "a.csv", "__MACOSX/._a.csv", ".DS_Store")
    found = discover([str(tmp_path)], "csv")
    assert [item.name for item in found.inputs] == [f"{path}!a.csv"]
    assert not found.ignored


def test_a_zip_without_a_file_of_the_format_fails(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", "a.xml", "b.pdf")
    assert discover([str(path)], "csv").failed == [
        (path, "the zip has no csv file; it has a.xml, b.pdf")
    ]


def test_a_zip_with_two_members_of_one_name_fails(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"Duplicate name"):
        path = zipped(tmp_path / "x.zip", "a.csv", "a.csv")
    found = discover([str(path)], "csv")
    assert not found.inputs
    assert found.failed == [(path, "the zip has two members of one name; which is meant?")]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_damaged_zip_fails_and_the_other_files_are_found(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.zip").write_bytes(content)
    (tmp_path / "good.csv").write_bytes(CSV)
    found = discover([str(tmp_path)], "csv")
    assert [item.path.name for item in found.inputs] == ["good.csv"]
    [(path, reason)] = found.failed
    assert path.name == "bad.zip"
    assert reason.startswith("is no readable zip: ")


def test_a_member_that_fails_its_check_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", CSV)
    path.write_bytes(path.read_bytes().replace(b"1,2", b"1,3"))
    with pytest.raises(DeliveryError, match=r"cannot be read: Bad CRC-32 for file 'a.csv'"):
        read(path, holding(), "a.csv")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", "a.csv")
    content = bytearray(path.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + flags] |= 1
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=r"cannot be read: .*encrypted, password required"):
        read(path, holding(), "a.csv")


def test_a_packed_member_of_a_zip_is_unpacked_twice(tmp_path: Path) -> None:
    import gzip

    path = zipped(tmp_path / "x.zip", "a.csv.gz", content=gzip.compress(CSV))
    (found,) = discover([str(path)], "csv").inputs
    assert read(path, holding(), found.member).positions == [1]


def test_a_zip_in_a_zip_is_left_out_and_told(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", "b.csv").read_bytes()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("inner.zip", inner)
    found = discover([str(tmp_path / "x.zip")], "csv")
    assert [item.member for item in found.inputs] == ["a.csv"]
    assert [path.name for path in found.ignored] == ["x.zip!inner.zip"]
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("inner.zip", inner)
    (failed,) = discover([str(tmp_path / "y.zip")], "csv").failed
    assert failed[1] == "the zip has no csv file; it has inner.zip"


def test_a_zip_bomb_is_refused_before_it_is_unpacked_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "LARGE", 4 << 20)
    seen: list[int] = []
    path = zipped(tmp_path / "x.zip", "a.csv", content=bytes(32 << 20))
    with pytest.raises(DeliveryError, match=r"^unpacks to more than 200 times its size; "):
        content.Content(Input(path, "a.csv"), lambda block: seen.append(len(block)))
    assert sum(seen) <= 8 << 20
    monkeypatch.setattr(content, "LARGE", 1 << 30)
    assert content.Content(Input(path, "a.csv")).size == 32 << 20


def test_a_member_without_a_name_or_of_two_lines_is_told_in_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in ("a\nb.md", ""):
            member = zipfile.ZipInfo("c.csv")
            member.filename = name
            archive.writestr(member, CSV)
    [(_, reason)] = discover([str(tmp_path / "x.zip")], "csv").failed
    assert reason == "the zip has no csv file; it has a?b.md, "
    with pytest.raises(InitError, match="none of its 2 files can be read"):
        init(tmp_path / "x.zip", tmp_path / "out")
