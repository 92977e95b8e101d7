"""Backup, restore and move killed by SIGKILL at each step: what was there stays, run again it is whole."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.backup import backup
from catalog.backups import Backups
from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.move import is_switched, move
from catalog.restore import restore
from catalog.verify import verify
from orchestration.doctor import examine
from tests.chaos.test_kills_of_amendments import run
from tests.e2e.rich_lake import answers
from tests.lake_help import Lakehouse, contract, orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Prepared, Server

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.chaos

BACKUP = ("backup-catalog", "backup-file:2", "backup-manifest", "backup-forget")
MOVE = ("move-taken", "move-checked", "move-activated", "move-marked", "move-aside")
RESTORE = ("restore-file:2", "restore-catalog", "restore-activate", "restore-mark", "restore-end")


def bronze(lake: Lake) -> dict[tuple[int, str], tuple[int, str]]:
    """What the orders answer at every snapshot, and all tables at the newest."""
    found = answers(lake)
    newest = max(snapshot for snapshot, _ in found)
    return {key: row for key, row in found.items() if key[0] == newest or "shop" in key[1]}


def kinds(steps: tuple[str, ...]) -> list[object]:
    """Each step on one catalog or the other, in turn."""
    return [
        pytest.param(step, ("sqlite", "postgres")[at % 2], id=step) for at, step in enumerate(steps)
    ]


def filled(lakehouse: Lakehouse, *names: str) -> None:
    for name in names:
        file = lakehouse.folder / f"{name}.csv"
        lakehouse.load(contract(), orders(file, 20, 1000 * ord(name), (1000 * ord(name) + 3,)))
    lakehouse.close()


def twice_loaded(lakehouse: Lakehouse) -> None:
    filled(lakehouse, "a", "b")


@pytest.mark.parametrize(("step", "catalog"), kinds(BACKUP), indirect=["catalog"])
def test_a_backup_killed_at_any_step_leaves_the_earlier_ones_and_the_next_is_whole(
    lakehouse: Lakehouse, tmp_path: Path, step: str
) -> None:
    place = tmp_path / "backups"
    filled(lakehouse, "a")
    backup(lakehouse.lake, str(place))
    [first] = Backups(str(place)).all
    filled(lakehouse, "b", "c")
    assert run(lakehouse, f"backup {place} --keep 1", step) == -signal.SIGKILL
    if step != "backup-forget":
        assert Backups(str(place)).all == [first]
    backup(lakehouse.lake, str(place), keep=1)
    [last] = Backups(str(place)).all
    named = {last.catalog_path, f"backups/{last.name}.json", "lock"}
    named |= {f"data/{path}" for path in last.files}
    assert {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()} == named
    restored = replace(lakehouse.settings, home=tmp_path / "again", catalog="sqlite")
    restore(restored, str(place))
    assert bronze(Lake(restored)) == bronze(lakehouse.lake)


@pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("step", "kind"), kinds(RESTORE))
def test_a_restore_killed_at_any_step_and_run_again_is_whole(
    lakehouse: Lakehouse,
    prepared: Prepared,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    step: str,
    kind: str,
) -> None:
    prepared.copy_to(lakehouse, request, twice_loaded)
    place = str(tmp_path / "backups")
    backup(lakehouse.lake, place)
    if kind == "postgres" or step == "restore-activate":
        server = request.getfixturevalue("server")
        kind = server.url(server.database())
    settings = replace(lakehouse.settings, home=tmp_path / "again", catalog=kind)
    restored = Lakehouse(settings, lakehouse.folder)
    assert run(restored, f"restore {place}", step) == -signal.SIGKILL
    if step != "restore-end":
        assert not restored.lake.exists
        restore(settings, place)
    assert bronze(restored.lake) == bronze(lakehouse.lake)
    assert verify(restored.lake, lambda _: True) == []
    file = orders(lakehouse.folder / "again.csv", 20, 1000 * ord("a"), (1000 * ord("a") + 3,))
    again = restored.load(contract(), file)  # the same bytes as a.csv
    assert [outcome.status for outcome in again.outcomes] == ["already_loaded"]
    restored.close()


@pytest.mark.parametrize(("step", "catalog"), kinds(MOVE), indirect=["catalog"])
def test_a_move_killed_at_any_step_leaves_one_catalog_and_run_again_it_is_done(
    lakehouse: Lakehouse,
    prepared: Prepared,
    server: Server,
    request: pytest.FixtureRequest,
    step: str,
) -> None:
    prepared.copy_to(lakehouse, request, twice_loaded)
    before = bronze(lakehouse.lake)
    to = server.url(server.database()) if lakehouse.lake.on_sqlite else "sqlite"
    assert run(lakehouse, f"move --catalog {to}", step) == -signal.SIGKILL
    moved = replace(lakehouse.settings, catalog=to if "://" in to else None)
    if step in ("move-marked", "move-aside"):
        lakehouse.settings = moved
    assert bronze(lakehouse.lake) == before
    move(lakehouse.settings, to)
    lakehouse.settings = moved
    assert bronze(lakehouse.lake) == before
    assert not (lakehouse.settings.home / "move.json").exists()
    with pytest.raises(LakeError, match="already"):
        move(lakehouse.settings, to)
    filled(lakehouse, "a", "c")
    assert verify(lakehouse.lake, lambda _: True) == []


@pytest.mark.parametrize("catalog", ["sqlite", "postgres"], indirect=True)
def test_a_move_killed_after_its_switch_is_told_by_the_doctor_and_mended_by_the_same_command(
    lakehouse: Lakehouse,
    prepared: Prepared,
    server: Server,
    request: pytest.FixtureRequest,
) -> None:
    prepared.copy_to(lakehouse, request, twice_loaded)
    before, asked = bronze(lakehouse.lake), lakehouse.settings
    on_sqlite = lakehouse.lake.on_sqlite
    to = server.url(server.database()) if on_sqlite else "sqlite"
    assert run(lakehouse, f"move --catalog {to}", "move-marked") == -signal.SIGKILL
    assert is_switched(asked.home)
    notes = [one for one in examine(asked) if "not put aside" in one.said]
    command = "lakehouse move --catalog URL" if on_sqlite else "lakehouse move --catalog sqlite"
    assert [one.remedy.removeprefix("LAKEHOUSE_CATALOG=OLD_URL ") for one in notes] == [command]
    if on_sqlite:
        with pytest.raises(LakeError, match="moved to another Postgres"):
            move(asked, server.url(server.database()))
    moved = move(asked, to)  # with the settings as they were
    assert (moved.new, moved.checked) == ("postgres" if on_sqlite else "sqlite", 0)
    lakehouse.settings = replace(asked, catalog=to if on_sqlite else None)
    assert bronze(lakehouse.lake) == before
    if on_sqlite:
        assert not lakehouse.lake.sqlite.exists()
    else:
        url = asked.catalog or ""
        with pytest.raises(LakeError, match="not where it was"):
            Lake(asked, catalog=url).connect()
    assert not [one for one in examine(lakehouse.settings) if "move" in one.said]
    filled(lakehouse, "c")
    assert verify(lakehouse.lake, lambda _: True) == []
