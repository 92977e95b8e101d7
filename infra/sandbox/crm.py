"""The CRM and the web shop over REST: pages of what changed since, on the loopback, by a token.

GET /api/contacts, /api/opportunities, /api/tickets, /api/carts, each with `page`, `per_page` and
`updated_since`; `Authorization: Bearer TOKEN`. Rows come in the order of `updated_at`.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from infra.sandbox.group import NOTICE

if TYPE_CHECKING:
    from pathlib import Path

RESOURCES = {
    "contacts": "contact",
    "opportunities": "opportunity",
    "tickets": "ticket",
    "carts": "cart",
}
PER_PAGE, MOST = 100, 1000
HOST = "127.0.0.1"


class Server(ThreadingHTTPServer):
    """Serves a CRM's database. `token` is made anew each time and kept nowhere."""

    daemon_threads = True

    def __init__(self, file: Path, port: int = 0) -> None:
        """Bind a port of the loopback, a free one where it is 0.

        Raises:
            OSError: the port is taken.
        """
        self.file = file
        self.token = secrets.token_urlsafe(24)
        super().__init__((HOST, port), Handler)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.server_port}/api"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A page of a resource."""
        said = self.headers.get("Authorization", "").encode()
        if not secrets.compare_digest(said, f"Bearer {self.server.token}".encode()):
            self._answer(HTTPStatus.UNAUTHORIZED, {"error": "Authorization: Bearer TOKEN is meant"})
            return
        asked = urlsplit(self.path)
        table = RESOURCES.get(asked.path.removeprefix("/api/"))
        if table is None:
            there = ", ".join(f"/api/{name}" for name in RESOURCES)
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"there are {there}"})
            return
        given = {name: values[-1] for name, values in parse_qs(asked.query).items()}
        try:
            page, size = int(given.get("page", 1)), int(given.get("per_page", PER_PAGE))
        except ValueError:
            page = size = 0
        if page < 1 or not 1 <= size <= MOST:
            words = f"page is from 1 on, per_page from 1 to {MOST}"
            self._answer(HTTPStatus.BAD_REQUEST, {"error": words})
            return
        since = given.get("updated_since", "").replace("T", " ").removesuffix("Z")
        self._answer(HTTPStatus.OK, page_of(self.server.file, table, since, page, size))

    def _answer(self, status: HTTPStatus, said: dict[str, object]) -> None:
        body = json.dumps({"note": NOTICE, **said}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Requests are not logged."""


def page_of(file: Path, table: str, since: str, page: int, size: int) -> dict[str, object]:
    """One page of a table's rows written at or after a moment, and how many there are."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        names = [
            row[0] for row in database.execute("select name from pragma_table_info(?)", [table])
        ]
        fields = ", ".join(f"'{name}', {name}" for name in names)
        (total,) = database.execute(
            f"select count(*) from {table} where updated_at >= ?", [since]
        ).fetchone()
        (items,) = database.execute(
            f"select json_group_array(json_object({fields})) from (select * from {table} "
            f"where updated_at >= ? order by updated_at, {names[0]} limit ? offset ?)",
            [since, size, (page - 1) * size],
        ).fetchone()
    pages = -(-total // size)
    return {"items": json.loads(items), "page": page, "pages": pages, "total": total}
