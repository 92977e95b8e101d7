"""One Tryton database, on SQLite or PostgreSQL, and work in it as Tryton's own server does it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Callable

MODULES = ("sale", "purchase", "account_statement")  # and what they depend on
ADMIN = 1
T = TypeVar("T")


class Database:
    """A database by its URL.

    Trytond takes its settings from the environment when it is imported, so that a process works in
    one database only, and imports it late.
    """

    def __init__(self, url: str) -> None:
        """Choose the database.

        Args:
            url: ``sqlite:////folder/name.sqlite`` or ``postgresql://user@host/name``.

        Raises:
            ValueError: it is neither.
        """
        parts = urlsplit(url)
        self.file: Path | None = None
        if parts.scheme == "sqlite" and parts.path.endswith(".sqlite"):
            self.file = Path("/" + parts.path.lstrip("/"))
            self.name, server = self.file.stem, "sqlite://"
            os.environ["TRYTOND_DATABASE__PATH"] = str(self.file.parent)
        elif parts.scheme == "postgresql":
            self.name = parts.path.strip("/")
            server = urlunsplit(parts._replace(path="/"))
        else:
            raise ValueError(
                f"{url}: sqlite:////folder/name.sqlite or postgresql://user@host/name is meant"
            )
        os.environ["TRYTOND_DATABASE_URI"] = server
        os.environ["TRYTOND_CONFIG"] = ""
        self.context: dict[str, Any] = {}

    def create(self) -> None:
        """Make the tables of Tryton and its modules; a PostgreSQL database has to be there, empty.

        Takes some 15 s. Nobody can log in yet.
        """
        if self.file:
            sqlite3.connect(self.file).close()
        from trytond import __series__, backend
        from trytond.pool import Pool
        from trytond.transaction import Transaction

        backend.Database(self.name).connect()
        Pool.start()
        with Transaction().start(self.name, 0):
            backend.Database(self.name).init()
        Pool(self.name).init(update=["ir", "res", *MODULES], lang=["en"], activatedeps=True)

        def settle() -> None:
            settings = Pool(self.name).get("ir.configuration")(1)
            settings.series, settings.language = __series__, "en"
            settings.save()

        self.work(settle, user=0)

    def open(self) -> None:
        """Load the models, and work for the company that is there, if one is."""
        from trytond.pool import Pool
        from trytond.transaction import Transaction

        Pool.start()
        pool = Pool(self.name)
        with Transaction().start(self.name, 0, readonly=True):
            pool.init()
        # A posted invoice would be typeset and kept, which takes longer than posting it.
        pool.get("account.invoice").print_invoice = classmethod(lambda *_: None)
        company = self.work(lambda: [c.id for c in self.model("company.company").search([])])
        if company:
            self.context["company"] = company[0]

    def model(self, name: str) -> Any:
        """A model, by Tryton's name of it."""
        from trytond.pool import Pool

        return Pool(self.name).get(name)

    def wizard(self, name: str) -> Any:
        """A wizard, by Tryton's name of it."""
        from trytond.pool import Pool

        return Pool(self.name).get(name, type="wizard")

    def work(self, action: Callable[[], T], user: int = ADMIN) -> T:
        """Do something in a transaction of its own, and then what Tryton has queued by it.

        Where it needs a lock it is rolled back and done again with the lock, as Tryton's own server
        does it: so `action` must give the same when it is called twice.
        """
        from trytond.pool import Pool
        from trytond.transaction import Transaction, TransactionError
        from trytond.worker import run_task

        locks: dict[str, Any] = {}
        # As a user does it: rights are checked, and changes are in Tryton's own log.
        context = {**self.context, "_skip_warnings": True, "_check_access": user == ADMIN}
        while True:
            with Transaction().start(self.name, user, context=context, **locks) as transaction:
                try:
                    result = action()
                except TransactionError as error:
                    transaction.rollback()
                    transaction.tasks.clear()
                    error.fix(locks)
                    continue
                transaction.commit()
            while transaction.tasks:
                run_task(Pool(self.name), transaction.tasks.pop())
            return result


def first(model: Any, *domain: tuple[str, str, Any]) -> Any:
    """The record of a model with the lowest id among those that fulfil a domain."""
    return model.search(list(domain), order=[("id", "ASC")], limit=1)[0]
