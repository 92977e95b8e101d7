"""Tryton's own server, on the loopback only: JSON-RPC and REST, as a cloud ERP would be reached."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from infra.tryton.database import ADMIN

if TYPE_CHECKING:
    from infra.tryton.database import Database


def let_in(database: Database, file: str) -> None:
    """Let the user admin in, by a password and a key of REST that only `file` has.

    Args:
        database: the company's.
        file: JSON of login, password and key, written for its owner alone; made anew each time.
    """
    secret = {"login": "admin", "password": secrets.token_urlsafe(18)}

    def change() -> str:
        find = database.model
        user = find("res.user")
        user.write(user.browse([ADMIN]), {"password": secret["password"]})
        key = find("res.user.application").create([{"user": ADMIN, "application": "rest"}])
        return str(key[0].key)

    secret["key"] = database.work(change, user=0)
    path = Path(file)
    path.touch(mode=0o600)
    path.write_text(json.dumps(secret), encoding="utf-8")


def serve(port: int) -> None:
    """Answer on 127.0.0.1 until the process is ended; 0 chooses a port. It is printed first."""
    from trytond.wsgi import app
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", port, app)
    print(json.dumps({"url": f"http://127.0.0.1:{server.port}"}), flush=True)  # noqa: T201
    server.serve_forever()
