"""What DuckDB says when a query fails, in one plain line that tells nothing about the machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from catalog.errors import (
    InterruptedQueryError,
    LakeError,
    QueryRefusedError,
    catalog_gone,
    printable,
    without_secrets,
)
from catalog.lake import SQLITE
from catalog.limits import Limits
from catalog.storage import storage

if TYPE_CHECKING:
    from catalog.settings import Settings

# By DuckDB, by Arrow, and by Python where it cannot hold a value; anything else is a fault of ours.
RAISED = (duckdb.Error, ArithmeticError, MemoryError, OSError, RuntimeError, ValueError)
ENCRYPTED = b"PARE"
LONGEST = 500  # characters of a line
WRAPPER = re.compile(r"^[^\n]*query result[\s:]+Error:? ")
FATAL = {"INTERNAL Error", "FATAL Error"}
OF_THE_LAKE = FATAL | {"IO Error", "HTTP Error", "Connection Error", "TransactionContext Error"}
SYSTEM_HINT = re.compile(
    r' Did you mean "(system|temp|main|pg_|information_schema|duckdb_|sqlite_|pragma_|__)[^"]*"\??'
)
PATH = re.compile(r"(?<![\w./])/[\w./-]+")
SECRETS = (
    (re.compile(r"://[^@\s]*@"), "://***@"),
    (re.compile(r"\b(password|host|hostaddr|port|user|dbname|secret)=('[^']*'|\S+)"), r"\1=***"),
)


def failure(error: Exception, settings: Settings) -> LakeError:
    """The error to raise for one of DuckDB's, which Arrow hands on as another with its text.

    Returns:
        LakeError where the lake is at fault, QueryRefusedError where the query is.
    """
    kind, said = _parts(error)
    if kind == "Out of Memory Error" or isinstance(error, MemoryError):
        return QueryRefusedError(Limits.of(settings).too_large)
    if kind == "INTERRUPT Error":
        return InterruptedQueryError("the query was interrupted")
    if told := catalog_gone(error, settings.home / SQLITE):
        return LakeError(told)
    if kind in OF_THE_LAKE and (told := storage(settings.data_url).reason(str(error))):
        return LakeError(f"the lake cannot answer: {told}")
    said = " ".join(said.split("\n\nLINE ")[0].split())
    said = SYSTEM_HINT.sub("", said)
    for pattern, shown in SECRETS:
        said = pattern.sub(shown, said)
    tables = f"{settings.data_url}/tables"
    if type(error) is duckdb.Error and not kind.endswith(" Error"):
        # Of a Parquet file's spoiled footer DuckDB says no more than what it stumbled over.
        kind, said = "IO Error", f"{_spoiled(settings.data_url)}: its footer is spoiled: {error}"
    said = without_secrets(said, settings.catalog)
    of_the_lake = kind in OF_THE_LAKE or f"{tables}/" in said
    for folder in (settings.home, settings.data_url):
        said = said.replace(f"{folder}/", "").replace(str(folder), "the lake")
    said = printable(said if len(said) <= LONGEST else f"{said[:LONGEST]}…")
    if of_the_lake:
        return LakeError(f"the lake cannot answer: {PATH.sub('…', said)}")
    return QueryRefusedError(said)


def is_fatal(error: Exception) -> bool:
    """Whether the connection is of no use after this."""
    return _parts(error)[0] in FATAL


def _spoiled(url: str) -> str:
    """The first data file whose footer cannot be read; the folder of all where there is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = storage(url)
    for path in sorted(file.path for file in data.files("tables")):
        try:
            with data.read(path) as file:
                if file.read(4) != ENCRYPTED:  # whose footer nobody reads without its key
                    pq.read_metadata(file)
        except (OSError, pa.ArrowException):
            return data.at(path)
    return data.at("tables")


def _parts(error: Exception) -> tuple[str, str]:
    """The kind of an error, ``Binder Error``, and what it says."""
    kind, _, said = WRAPPER.sub("", str(error)).partition(": ")
    return kind, said or kind
