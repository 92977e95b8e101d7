"""A contract is drafted of a file at a URL as of a local one; no URL's secret is shown or kept."""

from __future__ import annotations

import json
import shutil
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.find import find
from orchestration.cli import main
from orchestration.connectors.files import download
from orchestration.ingest import ingest
from orchestration.init import InitError, gather, init
from tests.lake_help import Lakehouse, on_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.s3_help import TestBucket

pytest_plugins = ("tests.lake_help", "tests.s3_help")

ROWS = "".join(f"{n};Ann{n};{n % 4}.5{n % 10};2026-0{1 + n % 9}-03\n" for n in range(1, 41))
TEXT = f"Kunde;Name;Betrag;Datum\n{ROWS}"
FILE = "exports/crm/customers-2026-01-31.csv"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """A server of a folder on this machine: where it is, and the folder."""
    monkeypatch.setattr(download, "WAIT", 0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "site"
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_text(TEXT, encoding="utf-8")
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", folder
        server.shutdown()


def test_the_draft_of_a_url_is_that_of_the_local_file(
    site: tuple[str, Path], tmp_path: Path
) -> None:
    url, folder = site
    [there] = init(f"{url}/{FILE}", tmp_path / "there")
    [here] = init(folder / FILE, tmp_path / "here")
    assert (there.id, there.columns, there.notes) == (here.id, here.columns, here.notes)
    assert there.id == "crm.customers"
    assert there.files == there.load == (f"{url}/{FILE}",)
    texts = [one.path.read_text(encoding="utf-8") for one in (there, here)]
    local = texts[0].replace(url, str(folder)).replace(str(tmp_path / "there"), "out")
    assert local == texts[1].replace(str(tmp_path / "here"), "out")


@on_sqlite
def test_what_was_drafted_of_a_url_loads_it(lakehouse: Lakehouse, site: tuple[str, Path]) -> None:
    url, _ = site
    [draft] = init(f"{url}/{FILE}", lakehouse.folder)
    report = ingest(lakehouse.settings, find(str(draft.path)), [str(one) for one in draft.load])
    assert report.ok
    assert lakehouse.one("select count(*) from bronze.crm_customers") == 40
    sources = "select distinct _source from bronze.crm_customers"
    assert lakehouse.sql(sources) == [(f"{url}/{FILE}",)]


def test_the_files_of_a_zip_at_a_url_are_drafted(site: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = site
    with zipfile.ZipFile(folder / "month.zip", "w") as archive:
        archive.writestr("crm/customers.csv", TEXT)
        archive.writestr("crm/visits.csv", TEXT.replace("Betrag", "Dauer").replace("Name", "Ort"))
    drafts = init(f"{url}/month.zip", tmp_path / "out")
    assert [draft.id for draft in drafts] == ["crm.customers", "crm.visits"]
    assert drafts[0].files == (f"{url}/month.zip!crm/customers.csv",)
    assert {draft.load for draft in drafts} == {(f"{url}/month.zip",)}


def test_a_url_that_names_nothing_gives_no_name_of_this_machine(
    site: tuple[str, Path], tmp_path: Path
) -> None:
    url, folder = site
    shutil.copy(folder / FILE, folder / "2026-01.csv")
    [draft] = init(f"{url}/2026-01.csv", tmp_path / "out")
    assert draft.id == "data.data"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("none.csv", "cannot be fetched: the server answers 404, there is no such file"),
        ("page.csv", "is a web page and no file; it may want a login"),
        ("old.xls", ".xls is not read; save it as .xlsx"),
        ("torn.zip", "is no readable zip: File is not a zip file"),
        ("../../etc/passwd", "cannot be fetched: the server answers 404, there is no such file"),
    ],
)
def test_what_cannot_be_had_is_one_line_and_nothing_is_written(
    site: tuple[str, Path], tmp_path: Path, path: str, said: str
) -> None:
    url, folder = site
    (folder / "page.csv").write_text("<!DOCTYPE html><html>sign in</html>", encoding="utf-8")
    (folder / "torn.zip").write_text("x", encoding="utf-8")
    with pytest.raises(InitError, match=r"^[^\n]*$") as told:
        init(f"{url}/{path}", tmp_path / "out")
    assert str(told.value) == f"{url}/{path}: {said}"
    assert not (tmp_path / "out").exists()


def test_what_lets_somebody_in_is_neither_shown_nor_written(
    site: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret = site[0].replace("//", "//anna:hunter2@") + "/{}?sig=hunter2"
    for name, status in ((FILE, 0), ("none.csv", 2)):
        command = ["contracts", "init", secret.format(name), "--out", str(tmp_path), "--json"]
        monkeypatch.setattr(sys, "argv", ["lakehouse", *command])
        with pytest.raises(SystemExit) as exit_:
            main()
        assert (exit_.value.code or 0) == status
        out, err = capsys.readouterr()
        assert "hunter2" not in out + err
        assert name in out + err
        if status == 0:
            [draft] = json.loads(out)["contracts"]
            text = (tmp_path / "crm" / "customers.odcs.yaml").read_text(encoding="utf-8")
            assert draft["next"].endswith(f"{site[0]}/{FILE}")
            assert "hunter2" not in text


def test_the_files_of_a_folder_on_s3_are_one_draft_that_loads_the_folder(
    bucket: TestBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "FETCHED", 2)
    folder = bucket.folder / "exports" / "crm"
    folder.mkdir(parents=True)
    for month in range(1, 5):
        (folder / f"customers-2026-0{month}-28.csv").write_text(TEXT, encoding="utf-8")
    (folder / "read.me").write_text("x", encoding="utf-8")
    [draft] = init(f"{bucket.url}/exports/crm", tmp_path / "out")
    assert draft.id == "crm.customers"
    assert draft.load == (f"{bucket.url}/exports/crm",)
    one = f"{bucket.url}/exports/crm/customers-2026-01-28.csv"
    assert draft.files[0] == one
    [told] = [note for note in draft.notes if note.startswith("not read")]
    assert f"{bucket.url}/exports/crm/read.me: .me is not read" in told
    assert f"2 files that are named like {one}" in told
    [alone] = init(one, tmp_path / "alone")
    assert (alone.id, alone.load) == ("crm.customers", (one,))
    with pytest.raises(InitError, match="there is no such file or folder"):
        init(f"{bucket.url}/none", tmp_path / "none")
