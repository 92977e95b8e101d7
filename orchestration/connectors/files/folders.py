"""The files below a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = (".", "~$")  # how names begin that are nobody's data: hidden files, open documents


def files_below(folder: Path, failed: list[tuple[Path, str]]) -> Iterator[Path]:
    """Files of a folder and the folders in it, in order, without hidden ones.

    Args:
        folder: where to look; linked folders are followed, none twice.
        failed: is given the folders that cannot be read, with the reason.
    """

    def unreadable(error: OSError) -> None:
        failed.append((Path(error.filename), f"cannot be read: {(error.strerror or '').lower()}"))

    seen = set()
    for parent, folders, files in os.walk(folder, onerror=unreadable, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith(HIDDEN))
        for name in sorted(files):
            path = Path(parent) / name
            # A pipe or a device is no data; a link to nothing is told when it is read.
            if not name.startswith(HIDDEN) and (path.is_file() or path.is_symlink()):
                yield path
