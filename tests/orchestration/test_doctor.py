"""What is wrong is named, with what mends it; a lake that is well has nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.move import BEGUN
from orchestration.doctor import Ailment, examine
from tests.catalog.upkeep_help import keep_up
from tests.lake_help import contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.settings import Settings
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

DEMO = {"id": "demo.order", "domain": "demo"}


def found(settings: Settings) -> dict[str, Ailment]:
    """What the doctor finds, by what it says."""
    return {one.said: one for one in examine(settings)}


def test_a_lake_that_is_well_has_no_ailment(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(**DEMO), orders(lakehouse.folder / "a.csv", 3))
    assert found(lakehouse.settings) == {}


@on_sqlite
def test_no_lake_is_a_note(tmp_path: Path, lakehouse: Lakehouse) -> None:
    home = tmp_path / "none"
    [one] = found(replace(lakehouse.settings, home=home)).values()
    assert (one.severity, one.said) == ("note", f"there is no lake in {home}")


@on_sqlite
def test_what_wants_a_look_is_a_note_with_its_command(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(**DEMO), orders(lakehouse.folder / "a.csv", 3, broken=(2,)))
    lakehouse.load(contract(**DEMO), write_csv(lakehouse.folder / "b.csv", "x", header="nothing"))
    lakehouse.load(contract(), orders(lakehouse.folder / "c.csv", 3))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (lakehouse.settings.home / f"spill-{ended.pid}-0").mkdir()
    (lakehouse.settings.home / f"spill-{os.getpid()}-0").mkdir()
    told = found(lakehouse.settings)
    assert {one.severity for one in told.values()} == {"note"}
    assert {said: one.remedy.partition(" ")[0] for said, one in told.items()} == {
        "1 rows of demo_order are in quarantine": "lakehouse",
        "1 files failed for bronze.demo_order, and were not loaded since": "lakehouse",
        "bronze.shop_order was loaded by shop.order, and no such contract is found": "lakehouse",
        f"spill-{ended.pid}-0 was left by a process that was killed": "rm",
    }
    query = next(one.remedy for one in told.values() if "sql" in one.remedy).split('"')[1]
    assert len(lakehouse.sql(query)) == 1


@on_sqlite
def test_what_is_wrong_is_an_error_with_its_remedy(lakehouse: Lakehouse, tmp_path: Path) -> None:
    wrong = tmp_path / "contracts" / "shop" / "order.odcs.yaml"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("kind: DataContract\nid: [", encoding="utf-8")
    lakehouse.lake.mark(1)
    told = found(replace(lakehouse.settings, contracts=(wrong.parents[1],)))
    assert {one.severity for one in told.values()} == {"error"}
    assert {one.remedy for one in told.values()} == {
        f"lakehouse contracts check {wrong}",
        "lakehouse upgrade",
    }


@on_sqlite
@pytest.mark.parametrize("gone", ["catalog.sqlite", "data"])
def test_a_lake_that_cannot_be_opened_is_an_error(lakehouse: Lakehouse, gone: str) -> None:
    lakehouse.close()
    place = lakehouse.settings.home / gone
    place.rename(place.with_name("elsewhere"))
    assert "error" in {one.severity for one in found(lakehouse.settings).values()}


@pytest.mark.slow
@on_sqlite
def test_a_lake_that_wants_upkeep_is_a_note(lakehouse: Lakehouse) -> None:
    with lakehouse.lake.connect() as connection:
        connection.execute("set ducklake_default_data_inlining_row_limit = 10000")
        connection.execute("create table bronze.many as from range(2000)")
        connection.execute("insert into bronze.many from range(2000)")
    [one] = found(lakehouse.settings).values()
    assert (one.severity, one.remedy) == ("note", "lakehouse maintain")
    assert one.said.startswith("bronze.many has 0 small files")
    keep_up(lakehouse)
    assert found(lakehouse.settings) == {}


@on_sqlite
@pytest.mark.parametrize(("to", "told"), [("embedded", "embedded"), ("postgres", "URL")])
def test_a_move_that_was_killed_is_a_note_with_what_finishes_it(
    lakehouse: Lakehouse, to: str, told: str
) -> None:
    about = {"from": "sqlite", "to": to, "token": "x"}
    (lakehouse.settings.home / BEGUN).write_text(json.dumps(about), encoding="utf-8")
    [one] = found(lakehouse.settings).values()
    assert one.severity == "note"
    assert one.remedy == f"lakehouse move --catalog {told}"


@on_sqlite
def test_a_restore_that_was_killed_is_told_with_what_finishes_it(
    lakehouse: Lakehouse, tmp_path: Path
) -> None:
    for home, remedies in (
        (lakehouse.settings.home, {f"rm {lakehouse.settings.home / 'restore.json'}"}),
        (tmp_path, {"lakehouse restore FROM", "lakehouse ingest CONTRACT PATH"}),
    ):
        (home / "restore.json").write_text('{"token": "x"}', encoding="utf-8")
        told = found(replace(lakehouse.settings, home=home)).values()
        assert {one.remedy for one in told} == remedies
