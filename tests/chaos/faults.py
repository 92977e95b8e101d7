"""Faults other than a kill, at the labelled steps of a load in this process."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from catalog import steps
from catalog.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse


@contextmanager
def at_step(label: str, fault: Callable[[], Any]) -> Iterator[None]:
    """Whatever passes the step for the first time meets the fault there."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(steps, "_passed", Counter())
        patched.setattr(steps, "fault", fault)
        patched.setenv("LAKEHOUSE_KILL_AT", label)
        yield


def refusal(work: Callable[[], object]) -> str:
    """The one line that work fails with; empty where it does not."""
    said = ""
    try:
        work()
    except LakeError as error:
        said = str(error)
    assert "\n" not in said
    return said


def told(lakehouse: Lakehouse, held_to: Contract, *files: Path) -> str:
    """The one line that a load fails with; empty where it does not."""

    def load() -> None:
        assert lakehouse.load(held_to, *files).ok

    try:
        return refusal(load)
    finally:
        lakehouse.close()


def holds(lakehouse: Lakehouse, files: Iterable[Path], table: str = "shop_order") -> None:
    """Bronze, quarantine and ledger are exactly what `orders` wrote in these files, once."""
    rows, broken, counts = list[tuple[Any, ...]](), list[tuple[str, int]](), dict[str, list[int]]()
    for file in files:
        counts[str(file)] = [0, 0]
        with file.open(encoding="utf-8", newline="") as stream:
            for position, row in enumerate(csv.DictReader(stream), 1):
                if is_kept := row["quantity"].isdigit():
                    values = (row["id"], int(row["quantity"]), Decimal(row["price"]))
                    rows.append((*values, str(file), position))
                else:
                    broken.append((str(file), position))
                counts[str(file)][not is_kept] += 1
    assert sorted(lakehouse.rows("id, quantity, price, _source, _position", table)) == sorted(rows)
    named = f"where table_name = '{table}'"
    assert sorted(lakehouse.sql(f"select source, position from ops.quarantine {named}")) == sorted(
        broken
    )
    ledger = lakehouse.sql(f"select source, loaded, quarantined from ops.ledger {named}")
    assert sorted(ledger) == sorted((file, *told) for file, told in counts.items())
    lakehouse.close()
