"""Time zone, locale, current folder and the system's clock change nothing in what is loaded or answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog.snapshots import newest
from tests.lake_help import REPOSITORY, contract, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop.order
version: 1.0.0
status: active
domain: shop
schema:
  - name: order
    logicalType: object
    properties:
      - {name: id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: price, logicalType: number, physicalType: "decimal(18,2)"}
      - {name: day, logicalType: date}
      - name: moment
        logicalType: timestamp
"""
LINES = (
    "İı-ß,1234.50,2026-03-29,2026-03-29 02:30:00",
    "z,0.05,2026-01-01,2026-01-01 00:00:00",
    "ä,.5,2026-12-31,2026-12-31 23:59:59.999999",
    "A,1e3,31.12.2026,2026-10-25 02:30:00",
)
PROGRAM = """
import os, sys
from orchestration.cli import main
query = "select id, price, day, moment, _source, _position, day + interval 1 day as next, upper(id) as big, moment::varchar as said from bronze.shop_order order by id"
for arguments in (
    ["ingest", "order.odcs.yaml", "in", "--json"],
    ["sql", query, "--format", "csv"],
    ["sql", "select source, position, reasons, payload from ops.quarantine order by all", "--format", "csv"],
):
    sys.argv = ["lakehouse", *(os.path.join(sys.argv[-1], a) if a in ("order.odcs.yaml", "in") else a for a in arguments), sys.argv[-1]]
    folder = sys.argv.pop()
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
    sys.argv.append(folder)
"""
PLAIN = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
ODD = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "tr_TR.ISO-8859-9"}


@pytest.mark.slow
def test_time_zone_locale_and_current_folder_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "Größe"
    write_csv(folder / "in" / "ä.csv", *LINES, header="id,price,day,moment")
    (folder / "order.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    said = []
    for surroundings, at, given in ((PLAIN, tmp_path, folder.name), (ODD, Path("/"), str(folder))):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, given],
            cwd=at, capture_output=True, check=False,
            env={**os.environ, **surroundings, "LAKEHOUSE_HOME": str(tmp_path / surroundings["LC_ALL"]), "LAKEHOUSE_THREADS": "1", "PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        said.append(done.stdout)
    assert said[1] == said[0]
    loaded, *answer = said[0].decode().splitlines()
    assert json.loads(loaded)["loaded"] == 3
    assert f"z,0.05,2026-01-01,2026-01-01 00:00:00+00,{folder}/in/ä.csv,2," in "\n".join(answer)


# What was written before, as it looks where the clock has gone back a hundred years since then.
LATER = {
    "ledger": "loaded_at",
    "receipt": "received_at",
    "quarantine": "quarantined_at",
    "run_start": "started_at",
    "run_end": "ended_at",
}


def test_a_clock_that_goes_back_between_loads_changes_nothing(lakehouse: Lakehouse) -> None:
    a, b = (
        orders(lakehouse.folder / "a.csv", 20, broken=[3]),
        orders(lakehouse.folder / "b.csv", 20, 100),
    )
    assert lakehouse.load(contract(), a, b).ok
    with lakehouse.lake.connect() as connection:
        for table, column in LATER.items():
            connection.execute(f"update ops.{table} set {column} = {column} + interval 100 years")
    again = lakehouse.load(contract(), a, b)
    assert [(outcome.status, outcome.batch) for outcome in again.outcomes] == [
        ("already_loaded", 1),
        ("already_loaded", 2),
    ]
    orders(a, 25, 500, broken=[503])
    changed = lakehouse.load(contract(), a)
    assert [(outcome.status, outcome.replaced) for outcome in changed.outcomes] == [
        ("loaded", (1,))
    ]
    assert [outcome.status for outcome in lakehouse.load(contract(), a).outcomes] == [
        "already_loaded"
    ]
    with lakehouse.lake.connect(read_only=True) as connection:
        ids = [snapshot.id for snapshot in newest(connection, 100)]
    assert ids == sorted(ids, reverse=True)
    kept = [f"o{n}" for n in (*range(100, 120), *range(500, 525)) if n != 503]
    assert lakehouse.ids() == kept
    assert lakehouse.sql("select source, position from ops.quarantine") == [(str(a), 4)]
