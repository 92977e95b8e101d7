"""Every meaning of a delivery on real files."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from catalog.lake import Lake
from catalog.settings import Settings
from data_contracts.find import find
from orchestration.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

pytestmark = pytest.mark.real_data

DAYS = 6  # that are delivered, one after the other
BARS = """
apiVersion: v3.1.0
kind: DataContract
id: market.stock_bar
version: 1.0.0
status: active
domain: market
schema:
  - name: stock_bar
    customProperties:
      - {property: format, value: ndjson}
      - {property: load, value: upsert}
      - {property: orderBy, value: [ts]}
    properties:
      - {name: key, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: symbol, logicalType: string, required: true}
      - {name: ts, logicalType: timestamp, required: true}
      - {name: close, logicalType: number, physicalType: "decimal(18,6)"}
      - {name: volume, logicalType: integer}
"""
RATES = """
apiVersion: v3.1.0
kind: DataContract
id: market.rate_{mode}
version: 1.0.0
status: active
domain: market
schema:
  - name: rate_{mode}
    customProperties:
      - {{property: load, value: {mode}}}
      - {{property: path, value: '(?P<day>[0-9-]+)\\.csv'}}
      - {{property: deliveryOrder, value: "{{day}}"}}
      - {{property: nullValues, value: ["", N/A]}}
      {more}
    properties:
      - {{name: rate_date, physicalName: Date, logicalType: date, primaryKey: true,
         primaryKeyPosition: 1}}
      - {{name: usd, physicalName: USD, logicalType: number, physicalType: "decimal(18,8)"}}
      - {{name: bgn, physicalName: BGN, logicalType: number, physicalType: "decimal(18,8)"}}
"""
PERIOD = """- {property: periodBy, value: rate_date}
      - {property: period, value: [day]}"""


def load(home: Path, contract: str, *files: Path) -> list[Any]:
    """Load files one after the other, by a contract's text; what became of each."""
    home.mkdir()
    written = home.parent / f"{home.name}.odcs.yaml"
    written.write_text(contract, encoding="utf-8")
    held_to = find(str(written))
    return [ingest(Settings(home=home / "lake"), held_to, [str(file)]) for file in files]


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with Lake(Settings(home=home / "lake")).connect(read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_upserted_bars_are_the_newest_of_each_key_whichever_batch_comes_first(
    real_data: Path, tmp_path: Path
) -> None:
    files = sorted((real_data / "events/stock_upserts").glob("batch_*.json"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    newest: dict[str, dict[str, Any]] = {}
    for bar in lines:
        if bar["key"] not in newest or bar["ts"] >= newest[bar["key"]]["ts"]:
            newest[bar["key"]] = bar
    expected = sorted((k, b["symbol"], b["ts"], str(b["volume"])) for k, b in newest.items())
    found = []
    for number, order in enumerate(permutations(files)):
        home = tmp_path / str(number)
        reports = load(home, BARS, *order)
        assert sum(report.as_json()["read"] for report in reports) == len(lines)
        now = ask(home, "select key, symbol, ts::varchar, volume from silver.market_stock_bar")
        found.append(sorted((k, s, ts[:19], str(v)) for k, s, ts, v in now))
    assert len(found[0]) == 197
    assert found[0] == found[1] == expected


def test_daily_snapshots_and_periods_of_rates_give_the_same_in_any_order(
    real_data: Path, tmp_path: Path
) -> None:
    with (real_data / "market/eurofxref-hist.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    newest = list(reversed(rows[:DAYS]))
    expected = sorted(
        (row[0], Decimal(row[1]), None if row[3] == "N/A" else Decimal(row[3])) for row in newest
    )
    for mode, more in (("snapshot", ""), ("period", PERIOD)):
        files = deliveries(tmp_path / f"{mode}_files", header, newest, whole=mode == "snapshot")
        shuffled = [*files[1::2], *reversed(files[::2])]
        for name, order in (("sent", files), ("shuffled", shuffled)):
            home = tmp_path / f"{mode}_{name}"
            text = RATES.format(mode=mode, more=more)
            for report in load(home, text, *order):
                assert report.ok, report.as_json()["failures"]
            view = f"silver.market_rate_{mode}"
            now = ask(home, f"select rate_date::varchar, usd, bgn from {view} order by all")
            assert now == expected
            spans = ask(home, f"select count(*), count(valid_to) from {view}_history")
            assert spans == [(DAYS, 0)]


def deliveries(
    folder: Path, header: Sequence[str], rows: Sequence[Sequence[str]], *, whole: bool
) -> list[Path]:
    """A file a day, of all days until then or of that day alone."""
    folder.mkdir()
    files = []
    for number, row in enumerate(rows, 1):
        files.append(folder / f"{row[0]}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *(rows[:number] if whole else [row])])
    return files
