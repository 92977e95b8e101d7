"""REST, Tryton's API for programs."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from catalog.delivery import DeliveryError
from orchestration.connectors.tryton import api
from orchestration.connectors.tryton.http import FORBIDDEN
from orchestration.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.connectors.tryton.api import Domain, Record


class Rest(api.Api):
    """By a key of a user's own, which stands in the place of the password."""

    def call(self, model: str, method: str, **given: Any) -> Any:
        """What a method answers."""
        return self._send("POST", f"rest/model/{model}/{method}", json=given)

    def page(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Record]:
        """The first records that fulfil a domain."""
        asked = {
            "d": _packed(domain),
            "o": _packed([["id", "ASC"]]),
            "s": api.PAGE,
            "f": list(fields),
        }
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


def _packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
