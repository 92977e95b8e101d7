"""Who waits for a lock says so once, names who has it, and stops at once when he is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chaos.test_kills_of_amendments import environment
from tests.lake_help import REPOSITORY, contract, orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

COMMAND = str(Path(sys.executable).with_name("lakehouse"))
SOON = 5.0  # seconds in which Ctrl-C has ended a command, Python's own end included
HOLD = """
import sys
from catalog.lake import Lake
from catalog.settings import load
with Lake(load()).lock(sys.argv[1] or None):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(lakehouse: Lakehouse) -> Iterator[subprocess.Popen[str]]:
    """A process that has the lock of a loaded table."""
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3, broken=(2,)))
    lakehouse.close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, "shop_order"],
        env=os.environ | environment(lakehouse) | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def begun(lakehouse: Lakehouse, *command: str) -> subprocess.Popen[str]:
    """A command, as a shell starts it."""
    return subprocess.Popen(
        [COMMAND, *command],
        env=os.environ | environment(lakehouse) | {"LAKEHOUSE_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def told(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


# One of one table, one that wants all of them.
@pytest.mark.parametrize("command", ["quarantine discard shop.order", "verify"])
def test_who_waits_for_a_lock_is_told_for_what_and_whom_and_goes_on_when_it_is_free(
    lakehouse: Lakehouse, holder: subprocess.Popen[str], command: str
) -> None:
    with begun(lakehouse, *command.split()) as process:
        said = told(process)
        assert said.startswith("lakehouse: waits for ")
        assert f"which process {holder.pid}" in said
        assert said.endswith(" has; Ctrl-C stops it\n")
        holder.kill()
        assert process.communicate()[1] == ""  # it was said once
        assert process.returncode == 0


def test_who_waits_for_a_lock_stops_at_once(
    lakehouse: Lakehouse, holder: subprocess.Popen[str]
) -> None:
    with begun(lakehouse, "verify") as process:
        assert told(process).startswith("lakehouse: waits for ")
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
        assert time.monotonic() - started < SOON
    assert process.returncode == 130
    assert said == "lakehouse: stopped; nothing half done is in the lake\n"
    assert holder.poll() is None
