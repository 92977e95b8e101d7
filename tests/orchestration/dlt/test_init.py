"""First contracts of a dlt source: what its hints and a sample say, and what they load."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from data_contracts.odcs import read
from orchestration.errors import InputError
from orchestration.init.dlt.write import init
from tests.lake_help import on_sqlite
from tests.orchestration.dlt.dlt_help import MODULE, Api, drafted, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.orchestration.dlt.dlt_help")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def contracts(folder: Path) -> dict[str, Contract]:
    return {one.name: one for file in sorted(folder.rglob("*.yaml")) for one in read(file)}


@pytest.mark.slow
def test_disposition_and_key_say_what_a_delivery_means(api: Api, tmp_path: Path) -> None:
    found = contracts(drafted("rest", tmp_path / "c"))
    assert {name: one.loading.mode for name, one in found.items()} == {
        "orders": "upsert", "notes": "append", "countries": "snapshot",
    }  # fmt: skip
    assert [column.name for column in found["orders"].key] == ["id"]
    assert found["notes"].redelivery == "replace"
    types = {column.name: column.type for column in found["orders"].columns}
    assert types["changed"] == "DATE"
    assert types["price"] == "DECIMAL(18,2)"
    assert types["lines"] == 'STRUCT("sku" VARCHAR, "quantity" BIGINT)[]'


def test_what_is_appended_holds_no_key_and_keeps_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "f.jsonl"
    file.write_text(json.dumps({"id": 1, "at": 1}) + "\n", encoding="utf-8")
    monkeypatch.setenv("SOURCES__SYSTEMS__FILE", str(file))
    for name in ("stock", "events"):
        [one] = contracts(drafted(name, tmp_path / name)).values()
        assert (one.loading.mode, one.redelivery, one.key) == ("append", "keep", ())


@on_sqlite
def test_hints_say_what_deletes_a_row_and_which_is_newer(
    lakehouse: Lakehouse, tmp_path: Path
) -> None:
    folder = drafted("hinted", tmp_path / "c")
    [one] = contracts(folder).values()
    assert (one.loading.delete_when, one.loading.order_by) == ("gone", ("at",))
    assert {column.name: column.type for column in one.columns}["never"] == "DECIMAL(12,3)"
    synced(lakehouse, "hinted", folder)
    assert lakehouse.sql("select id from silver.hinted_hinted") == [(1,)]


def test_nothing_is_written_over_and_nothing_of_what_is_not_there(tmp_path: Path) -> None:
    given = f"dlt:{MODULE}:hinted"
    init(given, tmp_path)
    with pytest.raises(InputError, match="is there already"):
        init(given, tmp_path)
    with pytest.raises(InputError, match="there is no resource x; there are hinted"):
        init(given, tmp_path, tables=["x"])
    with pytest.raises(InputError, match="none of its resources gives rows"):
        init(f"dlt:{MODULE}:nothing", tmp_path)
    with pytest.raises(InputError, match="nothing gives no rows and names no columns"):
        init(f"dlt:{MODULE}:nothing", tmp_path, tables=["nothing"])


@on_sqlite
def test_every_row_of_the_sample_keeps_the_contract(lakehouse: Lakehouse, tmp_path: Path) -> None:
    folder = drafted("hinted", tmp_path / "c")
    read_, *_, quarantined, _unchanged, _deleted = sums(synced(lakehouse, "hinted", folder))
    assert (read_, quarantined) == (4, 0)
