"""JSON-RPC, the API that Tryton's own clients use."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from catalog.delivery import DeliveryError
from orchestration.connectors.tryton import api
from orchestration.connectors.tryton.http import FORBIDDEN
from orchestration.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.connectors.tryton.api import Domain, Record


class JsonRpc(api.Api):
    """By a session, which ends some day, and is then begun anew."""

    _session: str | None = None

    def call(self, model: str, method: str, **given: Any) -> Any:
        """What a method answers."""
        return self._ask(f"model.{model}.{method}", [*given.values(), self.context])

    def page(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Record]:
        """The first records that fulfil a domain."""
        order = [["id", "ASC"]]
        found: list[Record] = self.call(
            model, "search_read", domain=domain, offset=0, limit=api.PAGE, order=order,
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


def _said(error: Any) -> str:
    """The telling line of an error: a name with a list of texts, or a text with a trace."""
    name, *more = error if isinstance(error, list) else [error]
    texts = more[0] if more and isinstance(more[0], list) else [name]
    return next((str(text).splitlines()[0] for text in texts if text), str(name))
