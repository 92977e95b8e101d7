"""`lakehouse sql`."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from orchestration.cli.output import Format, chosen, write
from orchestration.errors import InputError

if TYPE_CHECKING:
    from catalog.lake import Lake


def sql(
    query: str = typer.Argument(
        None,
        metavar="[QUERY]",
        help="One SELECT, a file.sql that holds it, or - for standard input.",
    ),
    at: str = typer.Option(
        None,
        "--at",
        metavar="SNAPSHOT|TIME",
        help="Read the lake as it was then (2026-01-31 09:00).",
    ),
    form: Format = typer.Option(
        None, "--format", help="What to write; else as FILE's name says, or a table."
    ),
    out: Path = typer.Option(
        None, "--out", metavar="FILE", help="Write to this file, not to standard output."
    ),
) -> None:
    """Ask the lake; an interactive shell opens where there is no QUERY.

    A query reads tables of bronze, silver, mart, gold and ops, and changes nothing. Times are UTC.

    Example: lakehouse sql "select count(*) from ops.quarantine" --format json
    """
    from catalog.lake import Lake
    from catalog.settings import load

    text = _text(query)
    lake = Lake(load())
    if text is None:
        from orchestration.cli.shell import Shell

        Shell(lake, at).run()
    else:
        _answer(lake, at, text, chosen(form, out), out)


def _answer(lake: Lake, at: str | None, text: str, form: Format, out: Path | None) -> None:
    from catalog.clock import StuckError
    from catalog.guard import check
    from catalog.session import Session

    with ThreadPoolExecutor(1) as pool:
        # The lake opens in 0.2 s, most of it outside of Python; so does what prints a table.
        opening = pool.submit(Session, lake, at=at)
        if form == Format.TABLE:
            import_module("orchestration.cli.grid")
        check(text)
    started = time.perf_counter()
    try:
        with opening.result() as session:
            write(session.sql(text), form, out, started=started)
    except StuckError as error:
        # A thread of DuckDB's goes on; leaving in the usual way would wait for it.
        print(f"lakehouse: {error}", file=sys.stderr, flush=True)
        os._exit(1)


def _text(query: str | None) -> str | None:
    """The query's text; None where a person is to be asked."""
    if query is None and sys.stdin.isatty():
        return None
    try:
        if query in (None, "-"):
            return sys.stdin.buffer.read().decode("utf-8-sig")
        if query.endswith(".sql") and not any(letter.isspace() for letter in query):
            return Path(query).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{query or 'standard input'}: cannot be read: {reason}") from None
    return query
