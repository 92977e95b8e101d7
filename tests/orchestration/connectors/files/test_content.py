"""The unpacked bytes of an input: hashed once, read again only while they are the same, kept."""

from __future__ import annotations

import gzip
import hashlib
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest

from catalog.copies import Copies
from catalog.delivery import DeliveryError
from catalog.storage import Folder
from orchestration.connectors.files import content as content_module
from orchestration.connectors.files.content import Content
from orchestration.connectors.files.discover import Input

BYTES = b"a,b\n" + b"1,2\n" * 1000


@pytest.fixture
def nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs are read again from their files, as large ones are."""
    monkeypatch.setattr(content_module, "IN_MEMORY", 0)
    monkeypatch.setattr(content_module, "BLOCK", 512)


def packed(folder: Path, how: str) -> Input:
    """The same bytes as a file, packed as `how` says."""
    path = folder / {"plain": "x.csv", "gzip": "x.csv.gz"}.get(how, "x.zip")
    if how == "plain":
        path.write_bytes(BYTES)
    elif how == "gzip":
        path.write_bytes(gzip.compress(BYTES))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.csv", BYTES)
            archive.writestr("x.csv.gz", gzip.compress(BYTES))
    return Input(path, {"zip": "x.csv", "gzip in zip": "x.csv.gz"}.get(how))


each_packing = pytest.mark.parametrize("how", ["plain", "gzip", "zip", "gzip in zip"])


@each_packing
def test_the_hash_is_that_of_the_unpacked_bytes(tmp_path: Path, how: str) -> None:
    content = Content(packed(tmp_path, how))
    assert content.hash == hashlib.sha256(BYTES).hexdigest()
    assert content.size == len(BYTES)


@each_packing
@pytest.mark.usefixtures("nothing_in_memory")
def test_bytes_that_are_not_kept_in_memory_are_read_again(tmp_path: Path, how: str) -> None:
    content = Content(packed(tmp_path, how))
    for _ in range(2):
        with content.stream() as stream:
            assert stream.read() == BYTES
        with content.file() as file:
            assert file.read_bytes() == BYTES
    assert file.exists() == (how == "plain")  # a copy is gone


@each_packing
def test_small_inputs_are_read_once(tmp_path: Path, how: str) -> None:
    source = packed(tmp_path, how)
    content = Content(source)
    source.path.unlink()
    with content.stream() as stream:
        assert stream.read() == BYTES


def test_every_block_is_shown_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_module, "BLOCK", 1000)
    seen: list[bytes] = []
    Content(packed(tmp_path, "gzip"), seen.append)
    assert b"".join(seen) == BYTES
    assert {len(block) for block in seen} == {1000, len(BYTES) % 1000}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.csv.gz", gzip.compress(BYTES)[:-20], "Compressed file ended before the end"),
        ("x.csv.gz", gzip.compress(BYTES)[:5], "Compressed file ended before the end"),
        ("x.csv.gz", b"no gzip", "Not a gzipped file"),
        ("x.csv.gz", gzip.compress(BYTES) + b"rubbish", "Not a gzipped file"),
        ("x.csv.gz", gzip.compress(BYTES)[:-8] + b"12345678", "CRC check failed"),
        ("x.csv.gz", gzip.compress(BYTES)[:10] + b"\xff" * 40, "decompressing data"),
    ],
    ids=["cut off", "header cut off", "no gzip", "rubbish behind", "wrong check", "damaged"],
)
def test_a_damaged_gzip_is_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DeliveryError, match=f"^cannot be read: .*{reason}"):
        Content(Input(tmp_path / name))


def test_gzips_behind_each_other_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(BYTES[:50]) + gzip.compress(BYTES[50:]))
    assert Content(Input(tmp_path / "x.csv.gz")).hash == hashlib.sha256(BYTES).hexdigest()


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"^cannot be read: no such file or directory$"):
        Content(Input(tmp_path / "gone.csv"))


@each_packing
@pytest.mark.usefixtures("nothing_in_memory")
def test_bytes_that_changed_are_never_read_as_those_that_were_hashed(
    tmp_path: Path, how: str
) -> None:
    source = packed(tmp_path, how)
    content = Content(source)
    with source.path.open("ab") as file:
        file.write(b"3,4\n")
    with pytest.raises(DeliveryError, match=r"changed while it was read"), content.stream():
        pytest.fail("the bytes are others by now")
    with pytest.raises(DeliveryError, match=r"changed while it was read"), content.file():
        pytest.fail("the bytes are others by now")


@pytest.mark.parametrize("way", ["stream", "file"])
@pytest.mark.usefixtures("nothing_in_memory")
def test_a_change_while_it_is_read_is_found_at_the_end(tmp_path: Path, way: str) -> None:
    source = packed(tmp_path, "plain")
    content = Content(source)
    with (
        pytest.raises(DeliveryError, match=r"changed while it was read"),
        getattr(content, way)(),
    ):
        os.utime(source.path, (1, 1))


def cut_off_and_read(path: Path, stream: IO[bytes]) -> None:
    path.write_bytes(path.read_bytes()[:30])
    stream.read()


@pytest.mark.usefixtures("nothing_in_memory")
def test_a_packed_file_that_is_cut_off_meanwhile_is_a_change(tmp_path: Path) -> None:
    source = packed(tmp_path, "gzip")
    content = Content(source)
    with (
        pytest.raises(DeliveryError, match=r"changed while it was read"),
        content.stream() as stream,
    ):
        cut_off_and_read(source.path, stream)


@each_packing
@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_what_is_kept_is_the_bytes_by_their_hash(
    tmp_path: Path, how: str, memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_module, "IN_MEMORY", memory)
    content = Content(packed(tmp_path, how))
    content.keep(Copies(Folder(tmp_path)))
    (kept,) = [path for path in (tmp_path / "raw").rglob("*") if path.is_file()]
    assert kept == tmp_path / "raw" / content.hash[:2] / f"{content.hash}.zst"
    with pa.CompressedInputStream(pa.OSFile(str(kept)), "zstd") as stream:
        assert stream.read() == BYTES
    before = kept.stat()
    content.keep(Copies(Folder(tmp_path)))
    assert kept.stat().st_ino == before.st_ino  # once is enough


def test_many_that_keep_the_same_bytes_at_once_all_succeed(tmp_path: Path) -> None:
    content = Content(packed(tmp_path, "plain"))
    for turn in range(20):
        folder = tmp_path / str(turn)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _, folder=folder: content.keep(Copies(Folder(folder))), range(4)))
        assert [path.suffix for path in folder.rglob("*") if path.is_file()] == [".zst"]


@pytest.mark.usefixtures("nothing_in_memory")
def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    source = packed(tmp_path, "plain")
    content = Content(source)
    source.path.unlink()
    with pytest.raises(DeliveryError):
        content.keep(Copies(Folder(tmp_path)))
    assert [path for path in (tmp_path / "raw").rglob("*") if path.is_file()] == []


def test_a_file_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(self: Path, mode: str) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "x.csv").write_bytes(BYTES)
    monkeypatch.setattr(Path, "open", closed)  # root may read everything
    with pytest.raises(DeliveryError, match=r"^cannot be read: permission denied$"):
        Content(Input(tmp_path / "x.csv"))
