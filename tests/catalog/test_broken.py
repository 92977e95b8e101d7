"""Every broken row reaches quarantine, however many there are, and no row is lost on the way."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import broken
from tests.lake_help import HEADER, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"


@pytest.mark.slow
@pytest.mark.parametrize("memory", [1, 40_000], ids=["all spill", "some spill"])
def test_broken_rows_beyond_memory_all_reach_quarantine(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, memory: int
) -> None:
    monkeypatch.setattr(broken, "IN_MEMORY", memory)
    chance = random.Random(1)
    bad = [n for n in range(1, 6001) if chance.random() < 0.4]
    file = orders(lakehouse.folder / "a.csv", 6000, broken=bad)
    report = lakehouse.load(contract(), file)
    assert (report.outcomes[0].loaded, report.outcomes[0].quarantined) == (
        6000 - len(bad),
        len(bad),
    )
    rows = lakehouse.sql(
        "select id, position, reasons, payload from ops.quarantine order by position"
    )
    assert [position for _, position, _, _ in rows] == bad
    assert {id_ for id_, _, _, _ in rows} == {f"1-{n}" for n in bad}
    assert {tuple(reasons) for _, _, reasons, _ in rows} == {
        ("quantity: 'many' is not an integer",)
    }
    payloads = [json.loads(payload) for _, _, _, payload in rows]
    assert payloads == [{"id": f"o{n}", "quantity": "many", "price": f"{n}.25"} for n in bad]


@on_sqlite
def test_a_file_of_nothing_but_broken_rows_is_loaded_as_such(lakehouse: Lakehouse) -> None:
    report = lakehouse.load(
        contract(), orders(lakehouse.folder / "a.csv", 5000, broken=range(1, 5001))
    )
    assert [(o.status, o.read, o.loaded, o.quarantined) for o in report.outcomes] == [
        ("loaded", 5000, 0, 5000)
    ]
    assert lakehouse.count("ops.quarantine") == 5000
    assert lakehouse.ids() == []


@on_sqlite
def test_what_a_refused_load_noted_is_forgotten(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broken, "IN_MEMORY", 1)
    bad = write_csv(lakehouse.folder / "b.csv", "1,x", header="quantity,price")
    files = [
        orders(
            lakehouse.folder / f"{name}.csv", 50, first=ord(name) * 100, broken=[ord(name) * 100]
        )
        for name in "ac"
    ]
    report = lakehouse.load(contract(), files[0], bad, files[1])
    assert [o.quarantined for o in report.outcomes] == [1, 0, 1]
    assert lakehouse.count("ops.quarantine") == 2


CELL = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"), max_size=6),
    st.sampled_from(["", "1", "-7", "12.5", "1_000", " 3", "nan", "9" * 20, "0x1", "é", '"', ","]),
)


@pytest.mark.slow
@on_sqlite
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=12))
def test_kept_and_quarantined_is_read_always(
    lakehouse: Lakehouse, rows: list[tuple[str, ...]]
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    number = len(list(lakehouse.folder.iterdir())) if lakehouse.folder.exists() else 0
    file = write_csv(lakehouse.folder / f"{number}.csv")
    file.write_text(f"{HEADER}\n{text.getvalue()}", encoding="utf-8", newline="")
    [outcome] = lakehouse.load(contract(redelivery="keep", keep_raw=False), file).outcomes
    if outcome.status == "already_loaded":
        return
    assert outcome.status == "loaded"
    assert outcome.read == outcome.loaded + outcome.quarantined == len(rows)
    kept = lakehouse.sql(
        f"select _position, id from bronze.shop_order where _batch = {outcome.batch}"
    )
    bad = lakehouse.sql(
        f"select position, reasons from ops.quarantine where batch = {outcome.batch}"
    )
    assert sorted(position for position, _ in [*kept, *bad]) == list(range(1, len(rows) + 1))
    assert all(reasons for _, reasons in bad)
    assert all(rows[position - 1][0] == id_ for position, id_ in kept)
