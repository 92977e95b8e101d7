"""Make and fill the company: ``PYTHON -m infra.tryton new|found|trade|more|balance|serve URL``."""

from __future__ import annotations

import argparse
import json
import sys

from infra.tryton.access import let_in, serve
from infra.tryton.balance import trial_balance
from infra.tryton.business import trade_first, trade_more
from infra.tryton.company import NAME, found
from infra.tryton.database import Database

URL = "sqlite:////folder/name.sqlite or postgresql://user@host/name"


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="infra.tryton", description=f"{NAME}, in Tryton.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("new", "make the tables of Tryton: a template, 20 s"),
        ("found", "make the company, and let it trade for nine months"),
        ("more", "more business: new documents, changes, deletions for good"),
        ("balance", "print Tryton's own trial balance as JSON"),
        ("serve", "let the user admin in, and serve JSON-RPC and REST on the loopback"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("url", help=URL)
        if name in ("found", "more"):
            command.add_argument("--sales", type=int, default=20)
            command.add_argument("--seed", type=int, default=1)
        if name == "serve":
            command.add_argument("--port", type=int, default=8069)
            command.add_argument("--password-file", required=True, help="of admin; made if missing")
    said = parser.parse_args()
    database = Database(said.url)
    if said.command == "new":
        database.create()
        return
    database.open()
    if said.command == "found":
        found(database)
        trade_first(database, said.seed, said.sales)
    elif said.command == "more":
        trade_more(database, said.seed, said.sales)
    elif said.command == "balance":
        json.dump(trial_balance(database), sys.stdout, indent=1)
    else:
        let_in(database, said.password_file)
        serve(said.port)


if __name__ == "__main__":
    main()
