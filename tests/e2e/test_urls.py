"""Files named by URL are loaded as local ones are, or fail in one plain line; no URL's secret is kept."""

from __future__ import annotations

import base64
import gzip
import io
import json
import threading
import zipfile
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from catalog.settings import load
from catalog.verify import verify
from data_contracts.contract import Reading
from orchestration.connectors.files import download
from orchestration.errors import InputError
from orchestration.ingest import Report, ingest
from orchestration.reload import reload
from tests.lake_help import HEADER, Lakehouse, contract, on_sqlite, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.s3_help import TestBucket

pytest_plugins = ("tests.lake_help", "tests.s3_help")
pytestmark = on_sqlite

LOGIN = "Basic " + base64.b64encode(b"anna:hunter2").decode()


def body(path: str) -> bytes:
    """Two rows and a broken one, in each file others."""
    return f"{HEADER}\n{path},1,1\nb,x,2\nc{path},3,3\n".encode()


class Site(BaseHTTPRequestHandler):
    """A site whose paths say how they are answered."""

    asked: ClassVar[Counter[str]] = Counter()
    answered: ClassVar[Callable[[], object]] = staticmethod(lambda: None)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        Site.answered()
        Site.asked[path] += 1
        first = Site.asked[path] == 1
        if path.startswith("/to/"):
            self._head(302, Location=self.path.removeprefix("/to"))
        elif path == "/ftp":
            self._head(302, Location="ftp://127.0.0.1/a.csv")
        elif path == "/loop":
            self._head(302, Location="/loop")
        elif path == "/cut.csv" or (path == "/cut-once.csv" and first):
            self._send(body(path)[:20], len(body(path)))
        elif (path == "/busy-once.csv" and first) or path == "/busy.csv":
            self._head(503)
        elif path == "/login.csv" and self.headers.get("Authorization") != LOGIN:
            self._head(401)
        elif path == "/page.csv":
            self._send(b"\n<!DOCTYPE html><html>sign in</html>")
        elif path == "/orders.csv.gz":
            self._send(gzip.compress(body(path)))
        elif path == "/orders.zip":
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("in/a.csv", body(path))
                archive.writestr("note.md", "x")
            self._send(packed.getvalue())
        elif path.endswith(".csv"):
            self._send(body(path))
        else:
            self._head(404)

    def _head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": "0"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _send(self, body: bytes, length: int | None = None) -> None:
        self._head(200, Content_Length=str(length or len(body)))
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Host and port of the site."""
    monkeypatch.setattr(download, "WAIT", 0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Site.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def loaded(lakehouse: Lakehouse, *urls: str, **says: Any) -> Report:
    report = ingest(lakehouse.settings, contract(**says), urls)
    assert not list(lakehouse.settings.home.glob("spill-*"))
    return report


def test_a_file_is_loaded_by_its_url_once(lakehouse: Lakehouse, site: str) -> None:
    paths = (
        "orders.csv",
        "orders.csv.gz",
        "to/other.csv",
        "cut-once.csv",
        "busy-once.csv",
        "a.csv?month=1",
    )
    urls = [f"http://{site}/{path}" for path in paths]
    report = loaded(lakehouse, *urls)
    assert report.ok, report.of("failed")
    counts = "select _source, count(*) from bronze.shop_order group by all"
    assert dict(lakehouse.sql(counts)) == dict.fromkeys(urls, 2)
    assert {row[0] for row in lakehouse.sql("select source from ops.quarantine")} == set(urls)
    assert {row[0] for row in lakehouse.sql("select source from ops.ledger")} == set(urls)
    assert {o.status for o in loaded(lakehouse, *urls).outcomes} == {"already_loaded"}
    assert verify(lakehouse.lake, lambda _: True) == []
    before = lakehouse.rows()
    reload(lakehouse.settings, contract())
    assert lakehouse.rows() == before


def test_a_member_of_a_zip_is_named_by_its_url(lakehouse: Lakehouse, site: str) -> None:
    assert loaded(lakehouse, f"http://{site}/orders.zip", f"http://{site}/b.csv").ok
    sources = {row[0] for row in lakehouse.sql("select source from ops.receipt")}
    assert sources == {f"http://{site}/orders.zip!in/a.csv", f"http://{site}/b.csv"}


def test_a_path_of_a_contract_is_held_against_the_url(lakehouse: Lakehouse, site: str) -> None:
    held_to = {"reading": Reading(path=r"/(?P<day>\d+)\.csv"), "delivery_key": ("day",)}
    assert loaded(lakehouse, f"http://{site}/20260101.csv", **held_to).ok
    assert loaded(lakehouse, f"http://{site}/orders.csv", **held_to).of("failed")
    assert lakehouse.one("select count(*) from ops.ledger") == 1


def test_many_files_are_fetched_one_group_after_the_other(
    lakehouse: Lakehouse, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.ingest.GROUP_FILES", 2)
    most = []
    monkeypatch.setattr(
        Site,
        "answered",
        staticmethod(lambda: most.append(len(list(lakehouse.settings.home.glob("spill-*/*/*"))))),
    )
    urls = [f"http://{site}/{number}.csv" for number in range(6)]
    assert len(loaded(lakehouse, *urls).of("loaded")) == 6
    assert lakehouse.count("bronze.shop_order") == 12
    assert max(most) <= 3


FAILS = {
    "missing": ("none.txt", "answers 404, there is no such file"),
    "cut off": ("cut.csv", "broke off before the file was whole; tried 4 times"),
    "overloaded": ("busy.csv", "the server answers 503; tried 4 times"),
    "no login": ("login.csv?token=hunter2", "answers 401, it wants a login"),
    "a page": ("page.csv", "is a web page and no file"),
    "to another scheme": ("ftp", "leads to no URL of http"),
    "in a circle": ("loop", "over 10 redirections"),
}


def test_what_cannot_be_fetched_fails_in_one_line_with_a_receipt_and_the_others_load(
    lakehouse: Lakehouse, site: str
) -> None:
    urls = [f"http://u:hunter2@{site}/{path}" for path, _ in FAILS.values()]
    report = loaded(lakehouse, *urls, f"http://{site}/orders.csv")
    assert len(report.of("loaded")) == 1
    failed = report.of("failed")
    for outcome, (_, said) in zip(failed, FAILS.values(), strict=True):
        assert said in (outcome.reason or "")
        assert (outcome.reason or "").isprintable()
    receipts = lakehouse.sql(
        "select source, reason from ops.receipt where status = 'failed' order by id"
    )
    assert receipts == [(outcome.source, outcome.reason) for outcome in failed]
    assert "hunter2" not in json.dumps(report.as_json())


def test_a_server_that_is_down_or_speaks_no_tls_is_one_line(
    lakehouse: Lakehouse, site: str
) -> None:
    report = loaded(
        lakehouse, f"https://{site}/a.csv?sig=hunter2", "http://127.0.0.1:1/?sig=hunter2"
    )
    tls, down = (outcome.reason or "" for outcome in report.outcomes)
    assert tls.startswith("cannot be fetched: TLS failed")
    assert down.startswith("cannot be fetched: the connection failed")
    assert "hunter2" not in tls + down


def test_a_password_in_a_url_is_sent_and_kept_nowhere(lakehouse: Lakehouse, site: str) -> None:
    assert loaded(lakehouse, f"http://anna:hunter2@{site}/login.csv?X-Amz-Signature=hunter2").ok
    assert lakehouse.one("select source from ops.ledger") == f"http://{site}/login.csv"
    lakehouse.close()
    for file in (path for path in lakehouse.settings.home.rglob("*") if path.is_file()):
        assert b"hunter2" not in file.read_bytes(), file


def test_files_of_s3_are_loaded_by_key_and_by_folder(
    lakehouse: Lakehouse, bucket: TestBucket
) -> None:
    for name in ("in/1/a b.csv", "in/2/b=1.csv", "in/.hidden.csv", "in/note.md", "other.csv"):
        write_csv(bucket.folder / name, f"{name},1,1")
    report = loaded(lakehouse, f"{bucket.url}/in", f"{bucket.url}/other.csv")
    names = {f"{bucket.url}/{name}" for name in ("in/1/a b.csv", "in/2/b=1.csv", "other.csv")}
    assert {outcome.source for outcome in report.of("loaded")} == names
    assert len(report.ignored) == 1
    again = loaded(lakehouse, f"{bucket.url}/in/", f"{bucket.url}/other.csv")
    assert len(again.of("already_loaded")) == 3


@pytest.mark.parametrize(
    ("key", "said"), [("/none.csv", "no such file or folder"), ("-none/a", "there is no bucket")]
)
def test_what_is_not_on_s3_is_told(
    lakehouse: Lakehouse, bucket: TestBucket, key: str, said: str
) -> None:
    with pytest.raises(InputError, match=rf"^s3://[^\n]*{said}[^\n]*$"):
        loaded(lakehouse, f"{bucket.url}{key}")
    assert load({}).data is None
