"""What is asked of Tryton, whichever of its two APIs is used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from orchestration.connectors.tryton.http import Http

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orchestration.connectors.databases.address import Address

PAGE = 500  # records of a request; a server makes 500 to 1,700 of them in a second
Domain = list[Any]  # conditions, as Tryton writes them
Record = dict[str, Any]


class Api(ABC):
    """Tryton, as one user sees it: all companies that are theirs, and what is no longer active."""

    def __init__(self, address: Address) -> None:
        """Nothing is sent yet."""
        self.address = address
        self.http = Http(address)
        self._context: dict[str, Any] | None = None
        self._models: dict[str, str] = {}

    @abstractmethod
    def call(self, model: str, method: str, **given: Any) -> Any:
        """What a method of a model answers.

        Raises:
            UnreachableError: the server does not answer, or lets this user not in.
            DeliveryError: it refuses, or fails.
        """

    @property
    def context(self) -> dict[str, Any]:
        """What every question is asked under: the user's company, with inactive records."""
        if self._context is None:
            self._context = {}  # under which it is asked for
            try:
                chosen = self.call("res.user", "get_preferences", context_only=True)
            except BaseException:
                self._context = None
                raise
            self._context = {**chosen, "active_test": False, "language": "en"}
        return self._context

    def models(self) -> dict[str, str]:
        """Names of models by the names of their tables."""
        if not self._models:
            found = self.pages("ir.model", [], ["name"])
            names = (record["name"] for page in found for record in page)
            self._models = {name.replace(".", "_"): name for name in names}
        return self._models

    def fields(self, model: str) -> dict[str, str]:
        """Types of a model's fields."""
        found = self.pages("ir.model.field", [["model", "=", model]], ["name", "ttype"])
        return {record["name"]: record["ttype"] for page in found for record in page}

    def pages(self, model: str, domain: Domain, fields: Sequence[str]) -> Iterator[list[Record]]:
        """Records that fulfil a domain, in the order of their ids.

        A page begins after the last id of the one before, not at a number of records: what is made
        or deleted meanwhile moves no other record out of sight.
        """
        last = 0
        while True:
            page = self.page(model, [*domain, ["id", ">", last]], fields)
            if page:
                yield page
                last = page[-1]["id"]
            if len(page) < PAGE:
                return

    @abstractmethod
    def page(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Record]:
        """The first records that fulfil a domain, in the order of their ids."""

    def close(self) -> None:
        """Let go of the server."""
        self.http.close()
