"""`lakehouse verify`, as a person and a program use it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from orchestration.cli import main
from tests.lake_help import Lakehouse, contract, on_sqlite, orders

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = "tests.lake_help"
pytestmark = on_sqlite

ROWS = 30  # more than the catalog holds itself


def spoil(lakehouse: Lakehouse) -> dict[str, tuple[str, ...]]:
    """Take a file away, change two, and lay one beside; the places by what is wrong there."""
    for number in range(3):
        file = orders(lakehouse.folder / f"{number}.csv", ROWS, 1 + number * ROWS)
        lakehouse.load(contract(), file)
    lakehouse.close()
    data = sorted((lakehouse.data / "tables/bronze/shop_order").glob("*.parquet"))
    copies = sorted((lakehouse.data / "raw").glob("*/*.zst"))
    data[0].unlink()
    data[1].write_bytes(data[1].read_bytes()[:-100])
    copies[0].write_bytes(copies[1].read_bytes())
    left = data[0].with_name("left [by] somebody.parquet")
    left.write_bytes(b"x")

    def places(*files: Path) -> tuple[str, ...]:
        return tuple(file.relative_to(lakehouse.data).as_posix() for file in files)

    return {
        "missing": places(data[0]),
        "changed": places(data[1], copies[0]),
        "extra": places(left),
    }


def verify(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lakehouse: Lakehouse,
    *options: str,
) -> tuple[int, str, str]:
    """Exit status, output, errors."""
    monkeypatch.setenv("LAKEHOUSE_HOME", str(lakehouse.settings.home))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "argv", ["lakehouse", "verify", *options])
    with pytest.raises(SystemExit) as exit_:
        main()
    said = capsys.readouterr()
    return int(exit_.value.code or 0), said.out, said.err


def test_a_lake_that_is_well_is_said_to_be_and_ends_with_0(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", ROWS, broken=(3,)))
    status, out, err = verify(monkeypatch, capsys, lakehouse)
    assert (status, out, err) == (0, "all is well: every file is there, whole and known\n", "")
    assert verify(monkeypatch, capsys, lakehouse, "--json") == (0, "[]\n", "")


def test_missing_changed_and_extra_files_are_in_a_table_of_80_columns_and_end_with_1(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = spoil(lakehouse)
    status, out, err = verify(monkeypatch, capsys, lakehouse)
    assert (status, err) == (1, "")
    *lines, counts = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert counts == "2 changed, 1 extra, 1 missing"
    kinds = [line.split()[0] for line in lines[1:] if line[0] != " "]
    assert sorted(kinds) == ["changed", "changed", "extra", "missing"]
    # A long path is folded within its column: nothing of it is cut off.
    start = lines[0].index("where")
    ends = lines[0].index("what is wrong")
    shown = "".join(line[start:ends].rstrip() for line in lines[1:])
    for place in (place for places in spoiled.values() for place in places):
        assert place.replace(" ", "") in shown.replace(" ", "")
    assert f"{ROWS} rows" in out


def test_as_json_each_finding_has_its_kind_its_place_and_what_is_lost(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = spoil(lakehouse)
    status, out, err = verify(monkeypatch, capsys, lakehouse, "--json")
    assert (status, err) == (1, "")
    found = json.loads(out)
    assert {frozenset(one) for one in found} == {frozenset(("kind", "place", "said"))}
    assert {(one["kind"], one["place"]) for one in found} == {
        (kind, place) for kind, places in spoiled.items() for place in places
    }
    lost = {one["kind"]: one["said"] for one in found if "tables/" in one["place"]}
    assert lost["missing"].startswith(f"lost: {ROWS} rows of bronze.shop_order")
    assert f"lost: {ROWS} rows of bronze.shop_order" in lost["changed"]
