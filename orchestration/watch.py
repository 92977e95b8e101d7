"""Folders watched for files, each loaded when it is complete."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import LakeError
from orchestration.connectors.files.discover import discover
from orchestration.connectors.files.remote import shown
from orchestration.errors import InputError
from orchestration.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.settings import Settings
    from data_contracts.contract import Contract
    from orchestration.ingest import Report, Watcher

Stamp = tuple[int, int]  # size, and time of the last change in ns


def watch(
    settings: Settings,
    contract: Contract,
    folders: Sequence[str],
    *,
    every: float,
    strict: bool = False,
    origin: str | None = None,
    watcher: Watcher | None = None,
) -> Iterator[Report | LakeError]:
    """Load what is in the folders, and then what comes into them, for ever.

    A file is loaded once it has not changed between two looks; one that changes later is loaded
    again, which is a redelivery. What failed because of the lake is tried again at the next look.

    Args:
        settings: where the lake is.
        contract: what the rows are held to.
        folders: to watch, with the folders in them.
        every: seconds between two looks.
        strict: any broken row fails its file.
        origin: as of `ingest`.
        watcher: is told how each load goes.

    Yields:
        What came of each look that found something, or why the lake could not take it.

    Raises:
        InputError: a folder is none.
    """
    for folder in folders:
        if not Path(folder).is_dir():
            raise InputError(f"{shown(folder)}: is no folder; --watch looks into folders")
    done: dict[str, Stamp] = {}
    before: dict[str, Stamp] = {}
    while True:
        now = _stamps(folders, contract)
        ready = [p for p, stamp in now.items() if before.get(p) == stamp != done.get(p)]
        if ready:
            try:
                yield ingest(
                    settings, contract, ready, strict=strict, origin=origin, watcher=watcher
                )
                done |= {path: now[path] for path in ready}
            except LakeError as error:
                yield error
            except InputError:
                pass  # one has gone meanwhile; the others are still there at the next look
        before = now
        time.sleep(every)


def _stamps(folders: Sequence[str], contract: Contract) -> dict[str, Stamp]:
    found = discover(folders, contract.reading.format)
    stamps: dict[str, Stamp] = {}
    for path in dict.fromkeys([*(i.path for i in found.inputs), *(p for p, _ in found.failed)]):
        try:
            stat = path.stat()
        except OSError:
            continue  # it has gone meanwhile, or cannot be read, which the first look said
        stamps[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return stamps
