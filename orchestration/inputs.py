"""What there is to load, one after the other; a remote file is fetched when it is its turn."""

from __future__ import annotations

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError, Outcome
from orchestration.connectors.files.discover import fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from data_contracts.contract import Format
    from orchestration.connectors.files.discover import Found, Input


def inputs_of(
    found: Found, format_: Format, home: Path, told: Callable[[str, int], object]
) -> Iterator[Input | Outcome]:
    """The inputs that were found, and what cannot be read.

    Args:
        found: local and remote.
        format_: of the contract.
        home: of the lake, where what is fetched lies until it is loaded.
        told: is given the name of what is fetched, and the size of each block that has come.
    """
    for path, reason in found.failed:
        yield Outcome(path.as_posix(), "failed", reason=reason)
    yield from found.inputs
    if not found.remotes:
        return
    with tempfile.TemporaryDirectory(prefix=f"spill-{os.getpid()}-", dir=home) as folder:
        for number, remote in enumerate(found.remotes):
            name = remote.name
            try:
                path = remote.fetch(Path(folder) / str(number), partial(told, name))
            except DeliveryError as error:
                yield Outcome(name, "failed", reason=str(error))
                continue
            meant = fetched(path, name, format_)
            yield from (Outcome(name, "failed", reason=reason) for _, reason in meant.failed)
            yield from meant.inputs
