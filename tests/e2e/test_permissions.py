"""A lake that may not be written, and one of two users: it works, or one line says why not."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from data_contracts.find import find
from tests.chaos.faults import holds
from tests.chaos.kills import CONTRACT
from tests.lake_help import REPOSITORY, Lakehouse, on_sqlite, orders

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytest_plugins = "tests.lake_help"

# Several commands in one process, since Python alone takes longer to start than they take.
COMMANDS = """
import json, os, sys
os.umask(int(sys.argv[1], 8))
from orchestration.cli import main
for arguments in json.loads(sys.argv[2]):
    sys.argv = ["lakehouse", *arguments]
    try:
        main()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    print("status", status, file=sys.stderr, flush=True)
"""
SEES = "dac_read_search"  # stays, or root's Python and folders would be out of reach
ASK = ["sql", "select count(*) as n, max(id) as id from bronze.shop_order", "--format", "csv"]
OTHER = 65534  # nobody


def run(
    lakehouse: Lakehouse, *commands: Sequence[str], user: int | None = None, umask: int = 0o022
) -> tuple[str, list[str]]:
    """What commands print, and what they say on standard error, with no more rights than a user has.

    Root may write everywhere; here without that, and as a user of the group of nobody.
    """
    before: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root's rights are taken away by setpriv, which is not there")
        before = ["setpriv", f"--bounding-set=-all,+{SEES}", f"--inh-caps=-all,+{SEES}"]
        if user is not None:
            before += [
                f"--reuid={user}",
                f"--regid={user}",
                f"--groups={OTHER}",
                f"--ambient-caps=+{SEES}",
            ]
    done = subprocess.run(
        [*before, sys.executable, "-c", COMMANDS, f"{umask:o}", json.dumps(commands)],
        env={**os.environ, "LAKEHOUSE_HOME": str(lakehouse.settings.home), "LAKEHOUSE_THREADS": "1",
             "LAKEHOUSE_CATALOG": lakehouse.settings.catalog or "", "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr.splitlines()


def ingest(lakehouse: Lakehouse, file: Path) -> list[str]:
    contract = lakehouse.folder / "order.odcs.yaml"
    contract.write_text(CONTRACT, encoding="utf-8")
    return ["ingest", str(contract), str(file), "--json"]


def folders(home: Path) -> list[Path]:
    return [home, *(path for path in home.rglob("*") if path.is_dir())]


@pytest.mark.slow
def test_a_lake_in_folders_without_permission_to_write_is_read_or_told_and_never_changed(
    lakehouse: Lakehouse,
) -> None:
    first, second = (orders(lakehouse.folder / f"{n}.csv", 30, n) for n in (1, 100))
    command = ingest(lakehouse, second)
    held_to = find(command[1])
    assert lakehouse.load(held_to, first).ok
    files = {*lakehouse.settings.home.rglob("*")}
    for folder in folders(lakehouse.settings.home):
        folder.chmod(0o555)
    answer, said = run(lakehouse, ASK, command)
    assert {*lakehouse.settings.home.rglob("*")} == files
    for folder in folders(lakehouse.settings.home):
        folder.chmod(0o755)
    refused = said if lakehouse.lake.on_sqlite else said[1:]
    if lakehouse.lake.on_sqlite:
        assert [line for line in said if line.startswith("status")] == ["status 1", "status 1"]
        assert len(said) == 4
    else:
        assert said[0] == "status 0"
        assert answer.splitlines()[1] == "30,o9"
        assert said[2] == "status 1"
    assert all("permission to write there" in line or "status" in line for line in refused), said
    assert str(lakehouse.settings.home) in refused[0]
    holds(lakehouse, [first])
    assert lakehouse.load(held_to, second).ok
    holds(lakehouse, [first, second])


@pytest.mark.slow
@on_sqlite
def test_two_users_of_a_shared_folder_load_into_one_lake_and_read_it_whatever_their_umasks(
    lakehouse: Lakehouse,
) -> None:
    if os.geteuid() != 0:
        pytest.skip("another user is root's to be")
    home = lakehouse.settings.home
    shutil.rmtree(home)
    home.mkdir()
    os.chown(home, 0, OTHER)
    home.chmod(0o2770)
    files = [
        orders(lakehouse.folder / f"{n}.csv", 30, 100 * n, broken=[100 * n + 3])
        for n in range(1, 4)
    ]
    _, said = run(lakehouse, ingest(lakehouse, files[0]), user=0, umask=0o077)
    assert said == ["status 0"]
    _, said = run(lakehouse, ingest(lakehouse, files[1]), ASK, user=OTHER, umask=0o027)
    assert said == ["status 0", "status 0"]
    answer, said = run(lakehouse, ingest(lakehouse, files[2]), ASK, user=0, umask=0o077)
    assert (answer.splitlines()[-1], said) == ("87,o329", ["status 0", "status 0"])
    assert {path.stat().st_uid for path in home.rglob("*.parquet")} == {0, OTHER}
    for path in home.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o777 == (0o770 if path.is_dir() else 0o660), (
            path
        )
    holds(lakehouse, files)
