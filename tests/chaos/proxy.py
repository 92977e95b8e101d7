"""A server between the lake and S3 that passes requests on, or does with them what is asked of it."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 1 << 16
SILENCE = 5  # seconds
OVERLOADED = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nContent-Length: 57\r\n"
    b"Connection: close\r\n\r\n<Error><Code>SlowDown</Code><Message>busy</Message></Error>"
)


class Proxy:
    """One request a connection, which is what the server behind it allows.

    Attributes:
        fault: is given a request's first line, and says what becomes of it: ``pass``, ``busy``
            (answered with 503), ``slow`` (a part each tenth of a second), ``cut`` (broken off in
            the middle of what is sent), ``deaf`` (done, but not answered), ``silent`` (left
            without an answer) or ``down`` (broken off).
        seen: the first lines, as they came.
    """

    def __init__(self, port: int) -> None:
        """Begin to listen.

        Args:
            port: of the server, on this machine.
        """
        self.fault: Callable[[str], str] = lambda _: "pass"
        self.seen: list[str] = []
        self._target = ("127.0.0.1", port)
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    proxy._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, client: socket.socket) -> None:
        first = client.recv(BLOCK)
        line = first.split(b"\r\n")[0].decode("latin-1")
        self.seen.append(line)
        what = self.fault(line) if first else "down"
        if what == "down":
            return
        if what == "silent":
            time.sleep(SILENCE)
            return
        with socket.create_connection(self._target) as server:
            if what == "busy":
                self._refuse(client, first)
                return
            if what == "cut":
                server.sendall(first[: len(first) // 2])
                return
            wait = 0.1 if what == "slow" else 0
            server.sendall(first)
            up = threading.Thread(target=_pump, args=(client, server, wait), daemon=True)
            up.start()
            if what == "deaf":
                while server.recv(BLOCK):
                    continue
                return
            _pump(server, client, wait)

    def _refuse(self, client: socket.socket, first: bytes) -> None:
        """Answer with 503 when the request has come whole, as a server does."""
        head, _, body = first.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            if line.startswith(b"expect:"):
                client.sendall(OVERLOADED)
                return
        while len(body) < length:
            body += client.recv(BLOCK)
        client.sendall(OVERLOADED)


def _pump(source: socket.socket, target: socket.socket, wait: float) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(BLOCK):
            time.sleep(wait)
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
