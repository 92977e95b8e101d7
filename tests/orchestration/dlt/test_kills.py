"""A sync of a dlt source, killed at each step and run again: every row once, none lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.lake_help import REPOSITORY, on_sqlite
from tests.orchestration.dlt.dlt_help import MODULE, drafted, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help",)
pytestmark = [on_sqlite, pytest.mark.slow]
STEPS = {
    "events": ("item:2", "extract", "gate", "write", "before-commit", "after-commit"),
    "stock": ("before-commit", "after-commit"),
}
# dlt takes seconds to import: a process that has it forks one for each kill.
PROGRAM = """
import os, sys
import orchestration.connectors.dlt.source, orchestration.turns, tests.orchestration.dlt.systems
from orchestration.cli import main
for line in sys.stdin:
    if not (child := os.fork()):
        os.environ["LAKEHOUSE_KILL_AT"], *arguments = line.split()
        sys.argv = ["lakehouse", "sync", *arguments]
        os.dup2(2, 1)
        sys.exit(main())
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_sync_that_is_killed_at_any_step_is_exact_when_it_is_run_again(
    lakehouse: Lakehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, written = tmp_path / "f.jsonl", 0
    monkeypatch.setenv("SOURCES__SYSTEMS__FILE", str(file))

    def more() -> None:
        nonlocal written
        with file.open("a", encoding="utf-8") as stream:
            for number in range(written + 1, written + 4):
                # Every third shares its moment with the first two of the next three.
                stream.write(json.dumps({"id": number, "at": number - number % 3}) + "\n")
        written += 3

    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "LAKEHOUSE_HOME": str(lakehouse.settings.home),
             "PYTHONPATH": str(REPOSITORY)},
    ) as kept:  # fmt: skip
        assert kept.stdin is not None
        assert kept.stdout is not None
        for name, steps in STEPS.items():
            more()
            folder = drafted(name, tmp_path / name)
            for step in steps:
                told = f"{step} dlt:{MODULE}:{name} --contracts {folder}"
                print(told, file=kept.stdin, flush=True)
                assert int(kept.stdout.readline()) == -signal.SIGKILL, told
                more()  # the source does not stand still meanwhile
                synced(lakehouse, name, folder)
                found = lakehouse.sql(f"select id from bronze.{name}_{name} order by id")
                assert [number for (number,) in found] == list(range(1, written + 1)), told
            assert synced(lakehouse, name, folder).as_json()["loaded"] == 0
        kept.stdin.close()
