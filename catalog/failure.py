"""What DuckDB says when a query fails, in one plain line that tells nothing about the machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from catalog.errors import LakeError, QueryRefusedError
from catalog.limits import Limits

if TYPE_CHECKING:
    from catalog.settings import Settings

LONGEST = 500  # characters of a line
OF_THE_LAKE = (
    duckdb.IOException,
    duckdb.ConnectionException,
    duckdb.TransactionException,
    duckdb.InternalException,
    duckdb.FatalException,
)
KIND = re.compile(r"^[A-Z][A-Za-z ]* (Error|exception): ")
SYSTEM_HINT = re.compile(
    r' Did you mean "(system|temp|main|pg_|information_schema|duckdb_|sqlite_|pragma_|__)[^"]*"\??'
)
PATH = re.compile(r"(?<![\w./])/[\w./-]+")
SECRETS = (
    (re.compile(r"://[^@\s]*@"), "://***@"),
    (re.compile(r"\b(password|host|hostaddr|port|user|dbname|secret)=('[^']*'|\S+)"), r"\1=***"),
)


def failure(error: Exception, settings: Settings) -> LakeError:
    """The error to raise for one of DuckDB's.

    Returns:
        LakeError where the lake is at fault, QueryRefusedError where the query is.
    """
    if isinstance(error, (duckdb.OutOfMemoryException, MemoryError)):
        return QueryRefusedError(Limits.of(settings).too_large)
    said = " ".join(str(error).split("\n\nLINE ")[0].split())
    said = SYSTEM_HINT.sub("", KIND.sub("", said))
    for pattern, shown in SECRETS:
        said = pattern.sub(shown, said)
    for folder in (settings.data_path, settings.home):
        said = said.replace(f"{folder}/", "").replace(str(folder), "the lake")
    said = "".join(letter if letter.isprintable() else "?" for letter in said)
    said = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
    if isinstance(error, OF_THE_LAKE):
        return LakeError(f"the lake cannot answer: {PATH.sub('…', said)}")
    return QueryRefusedError(said)


def is_fatal(error: Exception) -> bool:
    """Whether the connection is of no use after this."""
    return isinstance(error, (duckdb.InternalException, duckdb.FatalException))
