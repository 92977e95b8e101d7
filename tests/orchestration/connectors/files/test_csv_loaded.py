"""CSV in the lake: what is kept and what is quarantined add up, each with its place in the file."""

from __future__ import annotations

import gzip
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from data_contracts.contract import Reading
from orchestration.connectors.files import csv
from tests.lake_help import contract, on_sqlite, orders

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = on_sqlite

CONTENT = b"""\
id,quantity,price,

o1,1,0.10,
o2,many,0.20,
o3,3

o4,4,"0.40",caf\xe9
o5,5,0.50,"two
lines"
o6,6,0.605,
,7,0.70,
"""


@pytest.mark.parametrize("block", [16, 1 << 20])
def test_every_record_is_kept_or_quarantined_with_its_number(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(csv, "BLOCK", block)
    lakehouse.folder.mkdir()
    path = lakehouse.folder / "orders.csv"
    path.write_bytes(CONTENT)
    told = lakehouse.load(contract(), path).as_json()
    assert (told["read"], told["loaded"], told["quarantined"]) == (7, 2, 5)
    kept = lakehouse.rows("_position, id, quantity, price, _rescued::varchar")
    assert [row[:-1] for row in kept] == [
        (1, "o1", 1, Decimal("0.10")),
        (5, "o5", 5, Decimal("0.50")),
    ]
    assert kept[1][-1] == '{"column_4":"two\\nlines"}'
    found = lakehouse.sql("select position, reasons, source from ops.quarantine order by 1")
    assert [
        (position, reasons[0].partition(":")[0], source) for position, reasons, source in found
    ] == [
        (2, "quantity", str(path)),
        (3, "the record has 2 fields, 4 are expected", str(path)),
        (4, "the record's bytes are not UTF-8", str(path)),
        (6, "price", str(path)),
        (7, "id", str(path)),
    ]
    payloads = dict(lakehouse.sql("select position, payload from ops.quarantine"))
    assert payloads[3] == b"o3,3"
    assert payloads[4] == b'"o4","4","0.40","caf\xe9"'


def test_packed_and_plain_files_are_one_content(lakehouse: Lakehouse) -> None:
    plain = orders(lakehouse.folder / "a.csv", 3)
    packed, zipped = lakehouse.folder / "b.csv.gz", lakehouse.folder / "c.zip"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(plain, "deep/d.csv")
    told = lakehouse.load(contract(), plain, packed, zipped).as_json()
    assert told["files"] == {"loaded": 1, "already_loaded": 2, "failed": 0}
    sources = lakehouse.sql("select source from ops.receipt order by id")
    assert sources == [(str(plain),), (str(packed),), (f"{zipped}!deep/d.csv",)]


def test_a_file_that_cannot_be_read_fails_and_the_others_are_loaded(lakehouse: Lakehouse) -> None:
    good = orders(lakehouse.folder / "good.csv", 3)
    bad = lakehouse.folder / "bad.csv"
    bad.write_bytes(b'id,quantity,price\no9,9,"9.00\n')
    report = lakehouse.load(contract(), lakehouse.folder)
    (failed,) = report.of("failed")
    assert failed.source == str(bad)
    assert failed.reason == "a quote opened in record 1 is never closed"
    assert lakehouse.ids() == ["o1", "o2", "o3"]
    assert lakehouse.sql("select source from ops.ledger") == [(str(good),)]


def test_a_file_in_another_encoding_with_other_marks(lakehouse: Lakehouse) -> None:
    reading = Reading(
        delimiter=";", encoding="cp1252", decimal_mark=",", thousands_mark=".", skip_lines=1
    )
    lakehouse.folder.mkdir()
    path = lakehouse.folder / "export.txt"
    path.write_bytes(
        "Stand: 31.12.2024\r\nid;quantity;price\r\nZoë €;1.000;1.234,50\r\n".encode("cp1252")
    )
    lakehouse.load(contract(reading=reading), path)
    assert lakehouse.rows() == [("Zoë €", 1000, Decimal("1234.50"))]
