"""What dlt sources are tested with: an API on loopback, and syncs. (PYTEST_DONT_REWRITE)"""

from __future__ import annotations

import gc
import json
import threading
import warnings
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import open_source
from orchestration.contracts_of import contracts_of
from orchestration.init.dlt.write import init
from orchestration.sync import Synced, sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lake_help import Lakehouse

MODULE = "tests.orchestration.dlt.systems"
TOKEN = "a-token-of-the-shop"
PAGE = 10


def order(number: int, changed: str, price: str = "19.99") -> str:
    """An order as its system writes it: JSON whose numbers have digits that no float holds."""
    return (
        f'{{"id": {number}, "changed": "{changed}", "price": {price}, "customer": {{"name": '
        f'"c{number}", "amount": 1234567890123456.78}}, "lines": [{{"sku": "s{number}", '
        f'"quantity": {number % 5}}}]}}'
    )


class Api:
    """A system with an API: pages of ten, a token, rows by when they were changed."""

    def __init__(self) -> None:
        self.orders: dict[int, str] = {}
        self.countries = ["AT", "DE"]
        self.asked: list[str] = []
        self.fails_at_page: int | None = None
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.asked.append(self.path)
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                page = int(query.get("page", 0))
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    self.send_error(401)
                    return
                if page == api.fails_at_page:
                    self.send_error(403)
                    return
                rows = api.rows(parts.path, query)
                shown = rows[page * PAGE : (page + 1) * PAGE]
                more = f'"{api.url}{parts.path}?since={query.get("since", "")}&page={page + 1}"'
                next_ = more if len(rows) > (page + 1) * PAGE else "null"
                body = f'{{"data": [{", ".join(shown)}], "next": {next_}}}'.encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def rows(self, path: str, query: dict[str, str]) -> list[str]:
        if path == "/countries":
            return [json.dumps({"code": code}) for code in self.countries]
        if path.startswith("/notes/"):
            return [json.dumps({"of": path.rpartition("/")[2], "text": "fragile"})]
        since = query.get("since", "")
        return [o for o in self.orders.values() if json.loads(o)["changed"] >= since]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """An API with 25 orders, whose address and token dlt finds in the environment."""
    served = Api()
    for number in range(1, 26):
        served.orders[number] = order(number, f"2026-01-{number:02}")
    monkeypatch.setenv("SOURCES__SYSTEMS__REST__URL", served.url)
    monkeypatch.setenv("SOURCES__SYSTEMS__REST__TOKEN", TOKEN)
    yield served
    served.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # dlt lets go of its sessions without closing them


def drafted(name: str, folder: Path, *tables: str, **changes: str) -> Path:
    """First contracts of a source; texts of them are replaced by others."""
    for written in init(f"dlt:{MODULE}:{name}", folder, tables=tables):
        text = written.path.read_text(encoding="utf-8")
        for old, new in changes.items():
            text = text.replace(old.replace("__", " "), new)
        written.path.write_text(text, encoding="utf-8")
    return folder


def synced(lakehouse: Lakehouse, name: str, folder: Path, **asked: Any) -> Synced:
    """Sync every resource that has a contract."""
    address = address_of(f"dlt:{MODULE}:{name}")
    contracts, lake = contracts_of(folder, address.domain), lakehouse.lake
    with lake.connect() as connection, closing(open_source(address, connection)) as connector:
        return sync(lake, connector, contracts, Asked(**asked), connection=connection)


def sums(report: Synced) -> tuple[int, ...]:
    """Rows read, loaded, quarantined, unchanged and deleted."""
    said = report.as_json()
    assert report.ok, said["failures"]
    assert said["read"] == said["loaded"] + said["quarantined"] + said["unchanged"]
    return tuple(said[n] for n in ("read", "loaded", "quarantined", "unchanged", "deleted"))
