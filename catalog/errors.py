"""What can go wrong with the lake, each in one plain line that says what to do."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "Failed to commit DuckLake transaction."  # and why not, in the next line
NOISE = re.compile(
    r'.*Unable to connect to Postgres at "[^"]*": |'
    r"Failed to (probe DuckLake metadata|query most recent snapshot for DuckLake): |"
    r'Failed to (commit: Failed to )?execute query "[^"]*": '
)
SECRETS = (  # libpq shows the parts of a URL that it does not understand
    (re.compile(r"://\S*@"), "://***@"),
    (re.compile(r"password=\S+"), "password=***"),
    (re.compile(r'\b((?:invalid|unexpected) [^":]*):? ".*"'), r"\1"),
)
OPEN = {"host", "hostaddr", "port", "user", "dbname"}  # of a URL's parameters, what may be shown


MISSING = re.compile(
    r'relation "[^"]*ducklake_\w+" does not exist|no such table: ducklake_'
    "|Existing DuckLake at .* does not exist"
)


class LakeError(Exception):
    """The lake cannot do what was asked."""


class StorageError(LakeError, OSError):
    """A file of the lake cannot be read or written; `strerror` says why and what to do."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


class LakeMissingError(LakeError):
    """There is no lake yet where one was to be read."""


class ConflictError(LakeError):
    """Other writers kept getting in between; nothing was written."""


class SettingError(LakeError):
    """A setting is wrong; the message names its variable."""


class QueryRefusedError(LakeError):
    """A query is not one SELECT on the lake's tables, or went past a limit."""


class InterruptedQueryError(QueryRefusedError):
    """A query was stopped from outside, or by one of its own threads that failed."""


def catalog_gone(error: Exception, sqlite: Path) -> str | None:
    """What to say where the catalog is not there any more; None where that is not it."""
    said = str(error)
    if MISSING.search(said) or (str(sqlite) in said and not sqlite.exists()):
        return "the lake's catalog is not where it was; where it was moved, run it again"
    return None


def said_of(error: OSError) -> str:
    """What the system says, and what to do where a disk is full or may not be written."""
    remedy = ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        remedy = "; make room on that disk and run it again"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "; that needs permission to write there"
    return f"{error.strerror}{remedy}"


def printable(text: str) -> str:
    """A text without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def plain(error: Exception, url: str = "") -> str:
    """The telling line of a driver's error, without the catalog's URL: it may hold a password."""
    said = str(error).replace(url, "the catalog") if "://" in url else str(error)
    lines = [line for line in said.splitlines() if not line.endswith(COMMIT)]
    said = NOISE.sub("", (lines or ["no reason given"])[0])
    for pattern, shown in SECRETS:
        said = pattern.sub(shown, said)
    return without_secrets(said, url)


def without_secrets(said: str, url: str | None) -> str:
    """A text without the password and the parameters of a catalog's URL, as written or as read."""
    place, _, query = (url or "").partition("://")[2].partition("?")
    found = [place.rpartition("@")[0].partition(":")[2]]
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        if unquote(name) not in OPEN:
            found.append(value or name)
    for secret in {text for one in found for text in (one, unquote(one)) if len(text) > 2}:
        said = said.replace(secret, "***")
    return said
