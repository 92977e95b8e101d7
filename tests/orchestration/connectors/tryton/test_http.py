"""Requests to a server that is not well: sent again where that helps, told in one line where not."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.tryton.http import Http
from orchestration.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = tuple[int, bytes]


@contextmanager
def answering(answer: Callable[[int], Answer]) -> Iterator[tuple[Http, list[str]]]:
    """A server that answers its n-th request so, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answer(len(asked))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        http = Http(address_of(f"tryton+http://u:hidden@127.0.0.1:{server.server_port}/db"))
        try:
            yield http, asked
        finally:
            http.close()
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.connectors.tryton.http.WAIT", 0.001)


def test_a_server_that_is_busy_is_asked_again() -> None:
    with answering(lambda n: (503, b"") if n < 3 else (200, b'{"a": 1}')) as (http, asked):
        assert http.send("GET", "rpc/", {}) == {"a": 1}
        assert asked == ["/db/rpc/"] * 3


@pytest.mark.parametrize("answer", [(503, b""), (200, b"<html>Please log in</html>")], ids=str)
def test_a_server_that_stays_unwell_is_told_without_the_password(answer: Answer) -> None:
    with answering(lambda _: answer) as (http, asked):
        with pytest.raises(UnreachableError, match=r"^tryton\+http://u@127.0.0.1:\d+/db cannot be"):
            http.send("GET", "rpc/", {})
        assert len(asked) == 4


def test_a_password_follows_no_redirection() -> None:
    with answering(lambda _: (302, b"")) as (http, asked):
        with pytest.raises(DeliveryError, match="refuses: 302"):
            http.send("GET", "rpc/", {})
        assert asked == ["/db/rpc/"]
