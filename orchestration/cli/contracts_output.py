"""What the views of contracts share: progress, plain tables, JSON, short paths."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")


def watched(items: Sequence[T], what: str, *, quiet: bool) -> Iterable[T]:
    """The items, with progress on standard error where a person watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        return items
    return track(items, description=what, console=console, transient=True)


@contextmanager
def waiting(what: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is being done, where a person watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    with console.status(what) as status:
        yield lambda line: status.update(escape(line))


def table(*columns: str, header: bool = True) -> Table:
    """A table without lines, which folds what is too long."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=header)
    for name in columns:
        made.add_column(name, overflow="fold")
    return made


def short(file: Path) -> str:
    """The path from here, where that is shorter."""
    return min(str(file), os.path.relpath(file), key=len)


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def print_json(value: Any) -> None:
    """One line of JSON."""
    print(json.dumps(value, ensure_ascii=False))
