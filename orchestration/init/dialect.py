"""How a text file writes its table: delimiter, quote, lines before the header, header."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.init.encoding import Encoding, encoding_of
from orchestration.init.errors import InitError
from orchestration.init.header import is_number
from orchestration.init.table import Table, table_of, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orchestration.init.files import SourceFile

HEAD = 1 << 18  # bytes that the dialect is found in
RECORDS = 500
LONGEST_CELL = 1 << 24  # so that a quote left open does not swallow a large file
DELIMITERS = "\t;|,"  # the one that is rarer in text wins where two fit
LOOSE = (".txt", ".dat", ".log", ".md")  # suffixes of what may be no table at all
STEADY = 0.5  # share of records with the same number of cells that makes a table


@dataclass(frozen=True, slots=True)
class Dialect:
    """How text is cut into records and cells."""

    encoding: Encoding
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""


def dialect_of(file: SourceFile) -> tuple[Dialect, Table]:
    """The dialect of a text file and where its table is.

    Raises:
        InitError: the file is empty, binary, or holds no table.
    """
    encoding = encoding_of(file)
    text = _head(file, encoding)
    if not text.strip():
        raise InitError(f"{file.name}: is empty; give a file with rows")
    quote = _quote(text)
    escape = "\\" if _is_escaped(text, quote) else ""
    dialect = Dialect(encoding, _delimiter(file, text, quote, escape), quote, escape)
    numbered = list(_first(records(io.StringIO(text, newline=""), dialect)))
    if not numbered:
        raise InitError(f"{file.name}: cannot be cut into records; check its quotes")
    return dialect, table_of(numbered)


def records(text: Iterable[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The records of a text that are not blank, each with the number of its last line."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(
        text,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape or None,
    )
    for row in reader:
        if row:
            yield reader.line_num, row


def _head(file: SourceFile, encoding: Encoding) -> str:
    with file.open() as stream:
        data = stream.read(HEAD)
    text = data.decode(encoding.name, errors="replace").removeprefix("\ufeff")
    return text if len(data) < HEAD else text[: text.rfind("\n") + 1] or text


def _first(numbered: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    try:
        for at, record in enumerate(numbered):
            if at >= RECORDS:
                return
            yield record
    except csv.Error:
        return  # what came before the odd record is enough


def _quote(text: str) -> str:
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\r\n]|$)", text, re.MULTILINE))
    return "'" if '"' not in text and single > text.count("\n") else '"'


def _is_escaped(text: str, quote: str) -> bool:
    """Whether a backslash stands before quotes in a quoted field, and text after them goes on."""
    within = rf"(?:^|[,;\t|]){quote}[^{quote}\n]*\\{quote}[^,;\t|\r\n{quote}]"
    return re.search(within, text, re.MULTILINE) is not None


def _delimiter(file: SourceFile, text: str, quote: str, escape: str) -> str:
    scores = {}
    for delimiter in (*DELIMITERS, " "):
        dialect = Dialect(Encoding("UTF-8"), delimiter, quote, escape)
        rows = [row for _, row in _first(records(io.StringIO(text, newline=""), dialect))]
        width, steady = width_of(rows or [[]])
        if width > 1 and (delimiter != " " or _is_numeric(rows)):
            scores[delimiter] = steady - (0.5 if delimiter == " " else 0)
    best = max(scores, key=scores.__getitem__, default="")
    if best == " " or scores.get(best, 0) >= STEADY:
        return best
    if file.suffix in LOOSE or not file.suffix:
        raise InitError(f"{file.name}: holds no table; no delimiter cuts its lines into columns")
    first = next(line for line in text.splitlines() if line.strip())
    likely = max(DELIMITERS, key=first.count)
    return likely if likely in first else ","


def _is_numeric(rows: list[list[str]]) -> bool:
    cells = [cell for row in rows for cell in row if cell]
    return sum(map(is_number, cells)) > len(cells) / 2
