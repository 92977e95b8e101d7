"""The names of a file's columns: from its header, or from the contract where it has none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

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


def named(contract: Contract, header: list[str] | None, count: int) -> list[str]:
    """One name for each of `count` columns, no two the same.

    Raises:
        DeliveryError: a column of the contract is there twice, or a name is the lake's own.
    """
    wanted = [column.source for column in contract.columns if column.group is None]
    if header is None:
        return [*wanted, *(f"column_{at + 1}" for at in range(len(wanted), count))][:count]
    twice = [name for name, times in Counter(header).items() if times > 1]
    if meant := [name for name in twice if name in wanted]:
        raise DeliveryError(f"the header names {', '.join(meant)} more than once")
    if own := [name for name in header if name in OWN or name.startswith("{")]:
        raise DeliveryError(f"the header names {', '.join(own)}, a name of the lake's own; rename it")
    seen: Counter[str] = Counter()
    names = []
    for name in header:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    if len(set(map(str.lower, names))) < len(names):
        # The engine's names have no case: `a` and `A` are told apart by their place.
        lower = Counter(map(str.lower, names))
        names = [n if lower[n.lower()] == 1 or n in wanted else f"{n}#{at + 1}" for at, n in enumerate(names)]
    return names
