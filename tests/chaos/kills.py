"""A load that is killed at a step or at a time, run again, and compared with one that was not."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from data_contracts.find import find
from orchestration import ingest
from orchestration.cli import main
from tests.forked import Command, settings_of
from tests.lake_help import REPOSITORY, orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from catalog.settings import Settings
    from tests.lake_help import Lakehouse

STEPS = ("read", "gate", "write", "before-commit", "after-commit")
FILES, ROWS = 6, 40
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop.order
version: 1.0.0
status: active
domain: shop
schema:
  - name: order
    logicalType: object
    properties:
      - {name: id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: quantity, logicalType: integer}
      - {name: price, logicalType: number, physicalType: "decimal(18,2)"}
"""
# Stopped, not killed.
PAUSED = """
import signal, sys
from tests.chaos.kills import by_twos
signal.SIGKILL = signal.SIGSTOP
sys.argv = ["lakehouse", "ingest", *sys.argv[1:], "--json"]
by_twos()
"""


@dataclass(frozen=True)
class Kill:
    """Where or when a load is killed."""

    step: str | None = None
    count: int = 1
    after: float = 0.0  # seconds from its start

    def __str__(self) -> str:
        return f"{self.step}:{self.count}" if self.step else f"after {self.after:.2f} s"


def kills(seed: int, count: int) -> list[Kill]:
    """So many kills, the same ones for a seed: three quarters at a step, the others at a time."""
    chosen = random.Random(seed)
    return [
        Kill(chosen.choice(STEPS), chosen.randint(1, 3))
        if chosen.random() < 0.75
        else Kill(after=chosen.uniform(0.02, 0.8))
        for _ in range(count)
    ]


def deliveries(folder: Path) -> Path:
    """Files of orders, a few rows broken."""
    for number in range(FILES):
        first = 1 + number * ROWS
        orders(folder / "in" / f"{number}.csv", ROWS, first, broken=(first + 3, first + 7))
    (folder / "order.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    return folder / "in"


def run(settings: Settings, folder: Path, kill: Kill | None = None) -> int:
    """Load the files in a process of its own, which may be killed; its exit status."""
    command = ["ingest", str(folder / "order.odcs.yaml"), str(folder / "in"), "--json"]
    return ended(settings, command, kill, by_twos)


def by_twos() -> None:
    """Two files share a commit, so that a run has three."""
    ingest.GROUP_FILES = 2
    main()


def ended(
    settings: Settings,
    arguments: list[str],
    kill: Kill | None = None,
    program: Callable[[], None] = main,
) -> int:
    """The exit status of a command on the lake, in a process of its own, which may be killed."""
    process = Command(arguments, _environment(settings, kill), program)
    if kill and not kill.step and not process.ends(within=kill.after):
        process.kill()
    status, said = process.status()
    assert status in (0, -signal.SIGKILL), said
    return status


def started(
    settings: Settings, arguments: list[str], kill: Kill | None = None, program: str = PAUSED
) -> subprocess.Popen[str]:
    """A program that has begun on the lake; what it says is to be read."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | _environment(settings, kill) | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _environment(settings: Settings, kill: Kill | None) -> dict[str, str]:
    at = {"LAKEHOUSE_KILL_AT": f"{kill.step}:{kill.count}"} if kill and kill.step else {}
    return settings_of(settings, LAKEHOUSE_THREADS="2", **at)


def survives(lakehouse: Lakehouse, *kills: Kill) -> None:
    """Kill a load, so many times, run it twice, and hold every column against the files."""
    folder = deliveries(lakehouse.folder)
    for at, kill in enumerate(kills):
        status = run(lakehouse.settings, lakehouse.folder, kill)
        # One that comes after others may find nothing left to do at its step.
        assert status == -signal.SIGKILL or at or not kill.step, kill
    lakehouse.load(find(str(lakehouse.folder / "order.odcs.yaml")), folder)
    as_it_was = lakehouse.state()
    again = lakehouse.load(find(str(lakehouse.folder / "order.odcs.yaml")), folder)
    assert [outcome.status for outcome in again.outcomes] == ["already_loaded"] * FILES, kills
    assert lakehouse.state() == as_it_was, kills
    kept, broken = expected(folder)
    assert lakehouse.rows("* exclude (_batch, _origin)") == kept, kills
    found = "select source, position, payload from ops.quarantine order by source, position"
    assert lakehouse.sql(found) == broken, kills
    ledger = "select source, read, loaded, quarantined from ops.ledger order by source"
    files = sorted({str(row[3]) for row in kept})
    assert lakehouse.sql(ledger) == [(file, ROWS, ROWS - 2, 2) for file in files], kills
    of_its_load = "select count(*) from bronze.shop_order b join ops.ledger l on batch = _batch and source = _source"
    assert lakehouse.one(of_its_load) == len(kept), kills


def expected(folder: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What an uninterrupted load of the files yields: rows in bronze, and in quarantine."""
    kept, broken = list[tuple[object, ...]](), list[tuple[object, ...]]()
    for file in sorted(folder.iterdir()):
        with file.open(encoding="utf-8", newline="") as stream:
            for position, row in enumerate(csv.DictReader(stream), 1):
                if row["quantity"].isdigit():
                    values = (row["id"], int(row["quantity"]), Decimal(row["price"]))
                    kept.append((*values, str(file), position, "I", None))
                else:
                    payload = json.dumps(row, separators=(",", ":")).encode()
                    broken.append((str(file), position, payload))
    return kept, broken
