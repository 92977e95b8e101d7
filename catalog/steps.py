"""The labelled steps of a write, at which the tests of crashes kill it.

`LAKEHOUSE_KILL_AT=write:2` kills the process by SIGKILL when it reaches `write` for the second
time.
"""

import os
import signal
from collections import Counter

_passed: Counter[str] = Counter()


def step(label: str) -> None:
    """Pass a labelled step."""
    wanted = os.environ.get("LAKEHOUSE_KILL_AT")
    if wanted is None:
        return
    _passed[label] += 1
    name, _, count = wanted.partition(":")
    if name == label and _passed[label] == int(count or 1):
        fault()


def fault() -> None:
    """What happens there; tests of other faults put theirs in its place."""
    os.kill(os.getpid(), signal.SIGKILL)
