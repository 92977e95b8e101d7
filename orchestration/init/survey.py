"""The tables of many files, without opening every one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from orchestration.init import names
from orchestration.init.errors import InitError
from orchestration.init.shape import shapes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orchestration.init.files import SourceFile
    from orchestration.init.shape import Shape

T = TypeVar("T")
OPENED = 200  # files of one folder, name and suffix: the others are taken to be like them


def survey(
    files: Sequence[SourceFile], tell: Callable[[str], None]
) -> tuple[list[tuple[SourceFile, Shape]], list[str]]:
    """The tables of files; of many that are named alike, some stand for the others."""
    alike: dict[tuple[object, ...], list[SourceFile]] = {}
    for file in files:
        alike.setdefault(_family(file), []).append(file)
    opened = {file for family in alike.values() for file in spread(family, OPENED)}
    found, failed = [], []
    shapes: dict[tuple[object, ...], list[Shape]] = {}
    for file in files:
        key = _family(file)
        if file in opened:
            tell(f"looking at {file.name}")
            try:
                shapes[key] = shapes_of(file)
            except InitError as error:
                tell(str(error))
                failed.append(str(error))
                continue
        found += [(file, shape) for shape in shapes.get(key, [])]
    return found, failed


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly from first to last."""
    if len(items) <= most:
        return list(items)
    return [items[at * (len(items) - 1) // (most - 1)] for at in range(most)]


def _family(file: SourceFile) -> tuple[object, ...]:
    return file.folder, names.stem(file.inner.name), file.suffix
