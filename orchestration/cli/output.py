"""How a result of a query is written: as a table, CSV, JSON, Parquet or Arrow."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from catalog.errors import LakeError
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from catalog.result import Result


class Format(StrEnum):
    """Formats that a result is written in."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    ARROW = "arrow"


def chosen(form: Format | None, out: Path | None) -> Format:
    """The format that is asked for, by the file's name where none is given.

    Raises:
        InputError: it is not for a terminal.
    """
    suffix = out.suffix[1:].lower() if out else ""
    form = form or (Format(suffix) if suffix in tuple(Format) else Format.TABLE)
    if form in (Format.PARQUET, Format.ARROW) and not out and sys.stdout.isatty():
        raise InputError(f"{form} is not for a terminal; give --out FILE, or pipe it on")
    return form


def write(result: Result, form: Format, out: Path | None, *, started: float) -> None:
    """Write a result to standard output or, whole or not at all, to a file.

    Args:
        result: to write.
        form: what to write.
        out: the file.
        started: when the query was asked, by time.perf_counter.

    Raises:
        InputError: the file cannot be written.
        LakeError: the query failed, or the format has no room for one of its types.
    """
    with _sink(out) as sink:
        if form == Format.TABLE:
            from orchestration.cli.grid import grid

            sink.write(grid(result, started=started, is_terminal=sink.isatty()).encode())
        else:
            WRITERS[form](result, sink)


def _write_text(pieces: Iterable[str], sink: BinaryIO) -> None:
    for piece in pieces:
        sink.write(piece.encode())


def _write_parquet(result: Result, sink: BinaryIO) -> None:
    import pyarrow
    from pyarrow import parquet

    batches = result.batches()
    try:
        with parquet.ParquetWriter(sink, batches.schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch)
    except pyarrow.ArrowNotImplementedError as error:
        raise LakeError(f"Parquet has no such type, cast the column: {error}") from None


def _write_arrow(result: Result, sink: BinaryIO) -> None:
    """The stream format to a pipe, the file format to a file."""
    import pyarrow

    batches = result.batches()
    make = pyarrow.ipc.new_file if sink.seekable() else pyarrow.ipc.new_stream
    with make(sink, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


WRITERS: dict[Format, Callable[[Result, BinaryIO], None]] = {
    Format.CSV: lambda result, sink: _write_text(result.csv(), sink),
    Format.JSON: lambda result, sink: _write_text(result.json(), sink),
    Format.PARQUET: _write_parquet,
    Format.ARROW: _write_arrow,
}


@contextmanager
def _sink(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(os.path.realpath(out))
    is_device = target.exists() and not target.is_file()
    partial = target if is_device else target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        if not is_device:
            partial.replace(target)
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}") from error
    finally:
        if not is_device:
            partial.unlink(missing_ok=True)
