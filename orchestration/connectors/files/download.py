"""A file by http or https: in blocks, tried again where the connection breaks, whole or not."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import requests

from catalog.delivery import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLOCK = 1 << 20
CONNECT, SILENCE = 10, 60  # seconds: until a server is reached, and between two pieces of an answer
LONGEST = 6 * 3600  # seconds that one file may take
ATTEMPTS, WAIT = 4, 0.5  # seconds before the second attempt, doubled for each further one
REDIRECTS = 10
PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
REASON = re.compile(
    r"(certificate verify failed: [^(\"')]+|hostname mismatch[^(\"')]*)", re.IGNORECASE
)
STATUSES = {
    401: "it wants a login; put user:password@ before the host, or ask for another link",
    403: "it is not for this login, or the link has expired",
    404: "there is no such file",
    410: "there is no such file any more",
}


class _BrokenOffError(Exception):
    """What another attempt may mend."""


def download(url: str, target: Path, told: Callable[[int], object]) -> None:
    """Fetch a file.

    Args:
        url: http or https; a user and password in it are sent as such.
        target: where it is put.
        told: is given the size of each block that has come.

    Raises:
        DeliveryError: it is not there, is a web page, or did not come whole.
    """
    ends = time.monotonic() + LONGEST
    for attempt in range(ATTEMPTS):
        time.sleep(WAIT * 2 ** (attempt - 1) if attempt else 0)
        try:
            _fetch(url, target, told, ends)
            return
        except _BrokenOffError as error:
            said = str(error)
        except requests.exceptions.SSLError as error:
            found = REASON.search(str(error))
            why = f": {found[1].strip()}" if found else ""
            raise DeliveryError(f"cannot be fetched: TLS failed{why}") from None
        except requests.exceptions.TooManyRedirects:
            raise DeliveryError(f"cannot be fetched: over {REDIRECTS} redirections") from None
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ReadTimeout):
            said = "the server does not answer"
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            # Its text has the URL, and with it whatever lets somebody in.
            said = "the connection failed or broke off before the file was whole"
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
            raise DeliveryError("cannot be fetched: it leads to no URL of http or https") from None
        except requests.RequestException as error:
            raise DeliveryError(f"cannot be fetched: {type(error).__name__}") from None
    raise DeliveryError(f"cannot be fetched: {said}; tried {ATTEMPTS} times")


def _fetch(url: str, target: Path, told: Callable[[int], object], ends: float) -> None:
    with requests.Session() as session:
        session.max_redirects = REDIRECTS
        with session.get(
            url,
            stream=True,
            timeout=(CONNECT, SILENCE),
            headers={"Accept-Encoding": "identity"},
        ) as answer:
            _judge(answer)
            with target.open("wb") as out:
                for block in answer.iter_content(BLOCK):
                    if out.tell() == 0 and PAGE.match(block):
                        raise DeliveryError("is a web page and no file; it may want a login")
                    if time.monotonic() > ends:
                        raise DeliveryError(f"cannot be fetched within {LONGEST // 3600} hours")
                    out.write(block)
                    told(len(block))


def _judge(answer: requests.Response) -> None:
    if answer.url.startswith("http:") and any(
        one.url.startswith("https:") for one in answer.history
    ):
        raise DeliveryError("cannot be fetched: https leads to http, which anybody can read")
    status = answer.status_code
    if status >= 500 or status in (408, 429):
        raise _BrokenOffError(f"the server answers {status}")
    if status != 200:
        said = STATUSES.get(status, answer.reason or "no file")
        raise DeliveryError(f"cannot be fetched: the server answers {status}, {said}")
