"""What the views of contracts share: progress, short paths."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import track

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


def short(file: Path) -> str:
    """The path from here, where that is shorter."""
    return min(str(file), os.path.relpath(file), key=len)
