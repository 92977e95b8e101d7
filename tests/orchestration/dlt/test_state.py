"""dlt's state in our ledger: what each load semantics makes of it, taken back and read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from catalog.positions import last_position
from catalog.runs import Run
from catalog.undo import undo
from orchestration.contracts_of import contracts_of
from orchestration.reset import reset
from tests.lake_help import on_sqlite
from tests.orchestration.dlt.dlt_help import drafted, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.orchestration.dlt.dlt_help")
pytestmark = [on_sqlite, pytest.mark.slow]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "records.jsonl"
    monkeypatch.setenv("SOURCES__SYSTEMS__FILE", str(found))
    return found


def put(file: Path, *records: tuple[int, int]) -> None:
    """Further records: a number, and when it was."""
    with file.open("a", encoding="utf-8") as stream:
        for number, at in records:
            stream.write(json.dumps({"id": number, "at": at}) + "\n")


def ids(lakehouse: Lakehouse, table: str) -> list[int]:
    return [number for (number,) in lakehouse.sql(f"select id from bronze.{table} order by id")]


def no_contract(name: str) -> Contract:
    """Nothing comes back, and so no contract is asked for."""
    raise AssertionError(name)


def test_what_is_appended_comes_once_from_the_state_of_the_source_on(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    put(file, (1, 1), (2, 1))
    folder = drafted("events", tmp_path / "c")
    assert sums(synced(lakehouse, "events", folder)) == (2, 2, 0, 0, 0)
    # The same content once more is more of it, since it comes after another state.
    put(file, (1, 1), (2, 1))
    assert sums(synced(lakehouse, "events", folder)) == (2, 2, 0, 0, 0)
    assert synced(lakehouse, "events", folder).as_json()["tables"]["already_loaded"] == 1
    assert ids(lakehouse, "events_events") == [1, 1, 2, 2]


def test_what_is_appended_is_never_read_in_full_beside_itself(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    put(file, (1, 1))
    folder = drafted("events", tmp_path / "c")
    synced(lakehouse, "events", folder)
    [failure] = synced(lakehouse, "events", folder, full=True).as_json()["failures"]
    assert "--reset" in failure["reason"]
    assert ids(lakehouse, "events_events") == [1]


def test_rows_that_share_the_last_cursor_are_neither_lost_nor_doubled(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    put(file, (1, 1), (2, 5))
    folder = drafted("stock", tmp_path / "c")
    synced(lakehouse, "stock", folder)
    put(file, (3, 5), (4, 6))
    assert sums(synced(lakehouse, "stock", folder)) == (2, 2, 0, 0, 0)
    assert ids(lakehouse, "stock_stock") == [1, 2, 3, 4]


def test_an_undone_sync_is_read_again_from_the_state_before_it(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    put(file, (1, 1))
    folder = drafted("stock", tmp_path / "c")
    synced(lakehouse, "stock", folder)
    put(file, (2, 2))
    report = synced(lakehouse, "stock", folder)
    [(_, outcome)] = report.outcomes
    assert outcome.batch is not None
    undo(lakehouse.lake, outcome.batch, Run("undo", lakehouse.settings), no_contract)
    assert sums(synced(lakehouse, "stock", folder)) == (1, 1, 0, 0, 0)
    assert ids(lakehouse, "stock_stock") == [1, 2]


def test_a_whole_takes_the_place_of_what_was_and_of_a_key_only_what_differs(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    put(file, *((number, 1) for number in range(1, 7)))
    folders = {name: drafted(name, tmp_path / name) for name in ("rates", "prices")}
    for name, folder in folders.items():
        assert sums(synced(lakehouse, name, folder)) == (6, 6, 0, 0, 0)
        assert synced(lakehouse, name, folder).as_json()["tables"]["already_loaded"] == 1
    file.unlink()
    put(file, (1, 1), (2, 1), (3, 1), (4, 9), (6, 1))
    assert sums(synced(lakehouse, "rates", folders["rates"])) == (5, 5, 0, 0, 0)
    assert ids(lakehouse, "rates_rates") == [1, 2, 3, 4, 6]
    assert sums(synced(lakehouse, "prices", folders["prices"])) == (5, 1, 0, 4, 1)
    assert lakehouse.sql('select id, "at" from silver.prices_prices order by id') == [
        (1, 1), (2, 1), (3, 1), (4, 9), (6, 1),
    ]  # fmt: skip


def test_a_reset_takes_back_every_delivery_and_reads_them_anew(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    put(file, (1, 1))
    folder = drafted("events", tmp_path / "c")
    synced(lakehouse, "events", folder)
    put(file, (2, 2))
    synced(lakehouse, "events", folder)
    reset(lakehouse.lake, contracts_of(folder, "events"), None)
    assert ids(lakehouse, "events_events") == []
    assert sums(synced(lakehouse, "events", folder)) == (2, 2, 0, 0, 0)
    assert ids(lakehouse, "events_events") == [1, 2]


def test_two_instances_have_a_state_each(lakehouse: Lakehouse, file: Path, tmp_path: Path) -> None:
    put(file, (1, 1), (2, 2))
    folder = drafted("stock", tmp_path / "c")
    synced(lakehouse, "stock", folder, origin="north")
    assert sums(synced(lakehouse, "stock", folder, origin="south")) == (2, 2, 0, 0, 0)
    assert synced(lakehouse, "stock", folder, origin="north").as_json()["loaded"] == 0
    with lakehouse.lake.connect(read_only=True) as connection:
        assert "incremental" in last_position(connection, "stock_stock", "south")["state"]
        assert last_position(connection, "stock_stock") == {}


def test_a_record_that_leaves_out_what_the_contract_names_is_told(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    put(file, (1, 1))
    folder = drafted("rates", tmp_path / "c")
    synced(lakehouse, "rates", folder)
    file.write_text('{"id": 1, "att": 1}\n', encoding="utf-8")
    [note] = synced(lakehouse, "rates", folder).as_json()["notes"]
    assert "at looks renamed to att" in note["note"]


def test_from_and_to_are_refused(lakehouse: Lakehouse, file: Path, tmp_path: Path) -> None:
    put(file, (1, 1))
    folder = drafted("stock", tmp_path / "c")
    [failure] = synced(lakehouse, "stock", folder, since="2026-01-01").as_json()["failures"]
    assert "initial_value" in failure["reason"]
