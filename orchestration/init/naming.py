"""Domain and name of a dataset, from its files and folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.init import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.init.files import SourceFile

GENERIC = frozenset({"part", "data", "file", "export", "batch", "chunk", "output", "records"})


def named(files: Sequence[SourceFile], sheet: str | None, taken: set[str]) -> tuple[str, str]:
    """Domain and name: of files of one name in a folder, else of the folder in the one above.

    Args:
        files: of the dataset.
        sheet: the one that it is in, where that tells it from others.
        taken: `<domain>.<name>` of other datasets.
    """
    folder, stems = _folder(files), stems_of(files)
    is_one = len(stems) == 1 and stems[0] and (len(files) == 1 or stems[0] not in GENERIC)
    domain, name = folder.name, stems[0]
    if not is_one or name == names.stem(folder.name):
        domain, name = folder.parent.name, names.stem(folder.name)
    domain = names.identifier(domain, "data")
    whole = names.snake(files[0].inner.stem)  # with its numbers
    candidates = [f"{name} {sheet or ''}", f"{whole} {sheet or ''}"]
    candidates += [f"{whole} {sheet or ''} {at}" for at in range(2, len(taken) + 3)]
    found = (names.identifier(text, "data") for text in candidates)
    return domain, next(name for name in found if f"{domain}.{name}" not in taken)


def stems_of(files: Sequence[SourceFile]) -> list[str]:
    """The different names of files, without dates and numbers."""
    return list(dict.fromkeys(names.stem(file.inner.name) for file in files))


def _folder(files: Sequence[SourceFile]) -> Path:
    """The folder that all the files are in, above folders named by dates and partitions."""
    folder = Path(os.path.commonpath([file.folder.resolve() for file in files]))
    while not names.stem(folder.name) and folder != folder.parent and folder.name:
        folder = folder.parent
    return folder
