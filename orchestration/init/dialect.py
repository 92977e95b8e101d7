"""How a text file writes its table: delimiter, quote, lines before the header, header."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orchestration.init.encoding import Encoding, encoding_of
from orchestration.init.errors import InitError
from orchestration.init.header import has_header, is_number, preamble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orchestration.init.files import SourceFile

HEAD = 1 << 18  # bytes that the dialect is found in
RECORDS = 500
LONGEST_CELL = 1 << 24  # so that a quote left open does not swallow a large file
DELIMITERS = "\t;|,"  # the one that is rarer in text wins where two fit
STEADY = 0.5  # share of records with the same number of cells that makes a table


@dataclass(frozen=True, slots=True)
class Table:
    """Where the records of a table are: below what lines, and under which names."""

    names: tuple[str, ...]
    header: bool
    skip_lines: int
    raw_header: tuple[str, ...] = ()  # as written, where `names` had to be made up
    steady: float = 1.0  # share of the records that have the most frequent number of cells
    sure: bool = True  # of the header


@dataclass(frozen=True, slots=True)
class Dialect:
    """How text is cut into records and cells."""

    encoding: Encoding
    delimiter: str = ","
    quote: str = '"'


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
    dialect = Dialect(encoding, _delimiter(file, text, quote), quote)
    numbered = list(_first(records(io.StringIO(text, newline=""), dialect)))
    return dialect, table_of(numbered)


def table_of(numbered: list[tuple[int, list[str]]]) -> Table:
    """Where the table is among the first records, each with the number of its last line."""
    width, steady = _width([row for _, row in numbered])
    skipped = preamble([row for _, row in numbered], width)
    body = numbered[skipped:]
    before = numbered[skipped - 1][0] if skipped else 0
    line, first = body[0]
    header, sure = has_header(first, [row for _, row in body[1:]])
    table = Table(_numbered(width), header=False, skip_lines=before, steady=steady, sure=sure)
    if not header:
        return table
    written = _without_tail(first)
    named = [cell.strip().casefold() for cell in written]
    if "" not in named and len(set(named)) == len(named):
        return replace(table, names=tuple(written), header=True)
    # A name twice, or none, cannot be matched by name: the columns go by their order instead.
    return replace(table, names=_made_up(first), skip_lines=line, raw_header=tuple(first))


def records(text: Iterable[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The records of a text that are not blank, each with the number of its last line."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote)
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


def _delimiter(file: SourceFile, text: str, quote: str) -> str:
    scores = {}
    for delimiter in (*DELIMITERS, " "):
        dialect = Dialect(Encoding("UTF-8"), delimiter, quote)
        rows = [row for _, row in _first(records(io.StringIO(text, newline=""), dialect))]
        width, steady = _width(rows)
        if width > 1 and (delimiter != " " or _is_numeric(rows)):
            scores[delimiter] = steady - (0.5 if delimiter == " " else 0)
    best = max(scores, key=scores.__getitem__, default="")
    if best and scores[best] >= STEADY or best == " ":
        return best
    first = next(line for line in text.splitlines() if line.strip())
    likely = max(DELIMITERS, key=first.count)
    if likely in first:
        return likely
    if file.suffix in {".csv", ".tsv", ".tab", ".psv"}:
        return "\t" if file.suffix in {".tsv", ".tab"} else ","
    raise InitError(f"{file.name}: holds no table: no delimiter cuts its lines into the same columns")


def _width(rows: list[list[str]]) -> tuple[int, float]:
    widths = Counter(len(row) for row in rows)
    (width, count), *_ = widths.most_common(1)
    return width, count / len(rows)


def _is_numeric(rows: list[list[str]]) -> bool:
    cells = [cell for row in rows for cell in row if cell]
    return sum(map(is_number, cells)) > len(cells) / 2


def _without_tail(header: list[str]) -> list[str]:
    while header and not header[-1].strip():
        header = header[:-1]
    return header


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column_{at}" for at in range(1, width + 1))


def _made_up(header: list[str]) -> tuple[str, ...]:
    return tuple(cell.strip() or f"column_{at}" for at, cell in enumerate(header, 1))
