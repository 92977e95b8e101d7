"""What is asked of Tryton, whichever of its two APIs is used."""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from catalog.delivery import DeliveryError
from orchestration.connectors.tryton.http import FORBIDDEN, Http
from orchestration.errors import UnreachableError

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


class JsonRpc(Api):
    """The API that Tryton's own clients use: a session that ends, and is then begun anew."""

    _session: str | None = None

    def call(self, model: str, method: str, **given: Any) -> Any:
        """What a method answers."""
        return self._ask(f"model.{model}.{method}", [*given.values(), self.context])

    def page(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Record]:
        """The first records that fulfil a domain."""
        order = [["id", "ASC"]]
        found: list[Record] = self.call(
            model, "search_read", domain=domain, offset=0, limit=PAGE, order=order,
            fields_names=list(fields),
        )  # fmt: skip
        return found

    def _ask(self, method: str, parameters: list[Any]) -> Any:
        fresh = self._session is None
        if fresh:
            self._log_in()
        answer = self._post(method, parameters, self._session)
        if answer is None and not fresh:  # the session has ended
            self._log_in()
            answer = self._post(method, parameters, self._session)
        if answer is None:
            raise UnreachableError(f"{self.address.shown}: the server ends every session at once")
        if answer == FORBIDDEN:
            raise DeliveryError(
                f"{method}: is not open to JSON-RPC, as settings in tables of their own are not; "
                "its REST API gives them, or its database"
            )
        if "error" in answer:
            raise DeliveryError(f"{method}: {_said(answer['error'])}")
        return answer["result"]

    def _log_in(self) -> None:
        user = self.address.user
        said = [user, {"password": self.address.password}, "en"]
        answer = self._post("common.db.login", said)
        if not answer or not answer.get("result"):
            raise UnreachableError(
                f"{self.address.shown}: lets {user or 'nobody'} not in: user or password is wrong"
            )
        number, token, *_ = answer["result"]
        self._session = base64.b64encode(f"{user}:{number}:{token}".encode()).decode()

    def _post(self, method: str, parameters: list[Any], session: str | None = None) -> Any:
        headers = {"Authorization": f"Session {session}"} if session else {}
        request = {"id": 1, "method": method, "params": parameters}
        return self.http.send("POST", "rpc/", headers, json=request)


class Rest(Api):
    """The API for programs: by a key of a user's own, in place of the password."""

    def call(self, model: str, method: str, **given: Any) -> Any:
        """What a method answers."""
        return self._send("POST", f"rest/model/{model}/{method}", json=given)

    def page(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Record]:
        """The first records that fulfil a domain."""
        asked = {"d": _packed(domain), "o": _packed([["id", "ASC"]]), "s": PAGE, "f": list(fields)}
        found: list[Record] = self._send("GET", f"rest/model/{model}", params=asked)
        return found

    def _send(self, method: str, path: str, **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.address.password}"}
        headers["X-Tryton-Context"] = _packed(self.context)
        answer = self.http.send(method, path, headers, **sent)
        if answer == FORBIDDEN:
            raise DeliveryError(f"{path}: the user of this key may not read it")
        if answer is None:
            said = "the key of its REST API is wrong, or was taken back"
            raise UnreachableError(f"{self.address.shown}: lets nobody in: {said}")
        return answer


def api_of(address: Address) -> Api:
    """The API that a URL asks for: REST by ``?api=rest``, else JSON-RPC."""
    return Rest(address) if address.options.get("api") == "rest" else JsonRpc(address)


def _packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _said(error: Any) -> str:
    """The telling line of an error: a name with a list of texts, or a text with a trace."""
    name, *more = error if isinstance(error, list) else [error]
    texts = more[0] if more and isinstance(more[0], list) else [name]
    return next((str(text).splitlines()[0] for text in texts if text), str(name))
