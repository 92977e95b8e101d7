"""Requests to a Tryton server: tried again where that may help, and told in one line where not."""

from __future__ import annotations

import ipaddress
import time
from typing import TYPE_CHECKING, Any

import requests

from catalog.delivery import DeliveryError
from orchestration.errors import InputError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestration.connectors.databases.address import Address

FORBIDDEN = "forbidden"  # which is no JSON that it answers
TIMES = 4
WAIT = 0.5  # seconds before the second time, twice as long before each further one
PATIENCE = (10, 300)  # seconds to connect, and for an answer
BUSY = {429, 500, 502, 503, 504}  # a server that is restarted, or has too much to do


class Http:
    """A server and one of its databases."""

    def __init__(self, address: Address) -> None:
        """Nothing is sent yet.

        Raises:
            InputError: the password would cross a network in the clear.
        """
        secure = address.scheme == "tryton"
        if not secure and not _is_loopback(address.host):
            raise InputError(
                f"{address.shown}: would send its password in the clear; use tryton:// (https), or "
                "tryton+http:// for a server on this machine"
            )
        port = f":{address.port}" if address.port else ""
        self._address = address
        self._url = f"http{'s' if secure else ''}://{address.host}{port}/{address.database}/"
        self._session = requests.Session()
        self._session.auth = lambda request: request  # nor does one of ~/.netrc take its place

    def send(self, method: str, path: str, headers: Mapping[str, str], **sent: Any) -> Any:
        """What the server answers, as JSON; `None` where it lets nobody in by these headers,
        and FORBIDDEN where not to this.

        Everything that is sent only reads, so that it may be sent again.

        Raises:
            UnreachableError: it does not answer, or only with errors.
            DeliveryError: it refuses the request.
        """
        said = ""
        for attempt in range(TIMES):
            time.sleep(WAIT * 2 ** (attempt - 1) if attempt else 0)
            try:
                answer = self._session.request(
                    method, self._url + path, headers=dict(headers), timeout=PATIENCE,
                    allow_redirects=False, **sent,  # a password goes nowhere else
                )  # fmt: skip
                if answer.status_code == requests.codes.ok:
                    return answer.json()
            except (requests.ConnectionError, requests.Timeout, ValueError) as error:
                said = type(error).__name__  # its text has the URL and memory addresses
                continue
            if answer.status_code == requests.codes.unauthorized:
                return None
            if answer.status_code == requests.codes.forbidden:
                return FORBIDDEN
            said = f"{answer.status_code} {answer.reason}"
            if answer.status_code == requests.codes.not_found and path == "rpc/":
                raise UnreachableError(f"{self._address.shown}: there is no such database")
            if answer.status_code not in BUSY:
                raise DeliveryError(f"{path}: the server refuses: {said}")
        raise UnreachableError(f"{self._address.shown} cannot be reached: {said}")

    def close(self) -> None:
        """Let go of the server."""
        self._session.close()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
