"""The names of a file's columns: from its header, or from the contract where it has none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.delivery import DeliveryError

if TYPE_CHECKING:
    from data_contracts.contract import Contract

OWN = ("_source", "_position", "_batch", "_op", "_rescued", "_fault", "_raw", "_rest")


def int64(numbers: np.ndarray) -> pa.Array:
    """Numbers as Arrow's, without a copy; `pa.array` would import pandas, which takes 0.4 s."""
    buffer = pa.py_buffer(np.ascontiguousarray(numbers, dtype=np.int64))
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, buffer])


def mask(flags: np.ndarray) -> pa.Array:
    """Booleans as Arrow's, packed into bits, for the same reason."""
    bits = pa.py_buffer(np.packbits(flags, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(flags), [None, bits])


class Names:
    """The names of a file's columns."""

    def __init__(self, contract: Contract, header: list[str] | None, count: int) -> None:
        """Name `count` columns.

        Raises:
            DeliveryError: as of `named`.
        """
        self._all = named(contract, header, count)
        wanted = [column.source for column in contract.columns]
        self._spare = {  # have a name from us only: lines that end with a delimiter make such
            at
            for at, name in enumerate(self._all)
            if name not in wanted and (header is None or not header[at].strip())
        }

    def of(self, columns: list[pa.Array]) -> tuple[list[pa.Array], list[str]]:
        """The columns and their names; one with neither name nor text is none."""
        kept = [at for at, c in enumerate(columns) if at not in self._spare or _has_text(c)]
        return [columns[at] for at in kept], [self._all[at] for at in kept]


def _has_text(column: pa.Array) -> bool:
    return bool(pc.max(pc.binary_length(column)).as_py())


def named(contract: Contract, header: list[str] | None, count: int) -> list[str]:
    """One name for each of `count` columns, no two the same.

    Raises:
        DeliveryError: a column of the contract is there twice, or a name is the lake's own.
    """
    wanted = [column.source for column in contract.columns if column.group is None]
    if header is None:
        return [*wanted, *(f"column_{at + 1}" for at in range(len(wanted), count))][:count]
    twice = [name for name, times in Counter(header).items() if times > 1 and name.strip()]
    if meant := [name for name in twice if name in wanted]:
        raise DeliveryError(f"the header names {', '.join(meant)} more than once")
    if own := [name for name in header if name.lower() in OWN or name.startswith("{")]:
        said = f"the header names {', '.join(own)}, a name of the lake's own; rename it"
        raise DeliveryError(said)
    seen: Counter[str] = Counter()
    names = []
    for at, name in enumerate(header):
        name = name if name.strip() else f"column_{at + 1}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    if len(set(map(str.lower, names))) < len(names):
        # The engine's names have no case: `a` and `A` are told apart by their place.
        lower = Counter(map(str.lower, names))
        names = [
            name if lower[name.lower()] == 1 or name in wanted else f"{name}#{at + 1}"
            for at, name in enumerate(names)
        ]
    return names
