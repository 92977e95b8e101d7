"""Files become loads: in groups that share commits, each with its bytes kept, whatever it is called."""

from __future__ import annotations

import gzip
import json
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import orchestration.ingest
from catalog.delivery import Outcome
from data_contracts.contract import Column, Reading
from orchestration.errors import InputError
from orchestration.ingest import Report, Watcher
from tests.lake_help import HEADER, ID, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Duplicates
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

STRANGE = (
    "with space.csv",
    "it's.csv",
    'say "hi".csv',
    "größe-数据-🦆.csv",
    "line\nbreak.csv",
    "tab\there.csv",
    "100%;drop table x--.csv",
    "{brace}[0]*?.csv",
    "-rf.csv",
    "back\\slash.csv",
)


def kept_bytes(lakehouse: Lakehouse, content_hash: str) -> bytes:
    """What is kept of a delivery, unpacked."""
    file = lakehouse.data / "raw" / content_hash[:2] / f"{content_hash}.zst"
    with pa.CompressedInputStream(str(file), "zstd") as stream:
        data: bytes = stream.read()
    return data


def kept_files(lakehouse: Lakehouse) -> list[Path]:
    return [path for path in (lakehouse.data / "raw").rglob("*") if path.is_file()]


def test_files_of_any_name_load_and_are_named_in_their_rows(lakehouse: Lakehouse) -> None:
    files = [
        orders(lakehouse.folder / name, 2, first=at * 10, broken=[at * 10 + 1])
        for at, name in enumerate(STRANGE)
    ]
    assert lakehouse.load(contract(), *files).ok
    sources = [
        source
        for (source,) in lakehouse.sql("select _source from bronze.shop_order order by _batch")
    ]
    assert sources == [str(file) for file in files]
    assert lakehouse.sql("select distinct source from ops.quarantine order by all") == sorted(
        (str(file),) for file in files
    )
    before = lakehouse.state()
    assert not lakehouse.load(contract(), lakehouse.folder).of("loaded")
    assert lakehouse.state() == before


NAMES_OF_THE_GATE = (
    *("value_0", "is_kept", "gate_value_0", "gate_value_1", "gate_is_kept", "gate_shared_0"),
    *("_gate_value_0", "chunk", "staged", "firsts", "first", "known", "reasons", "payload"),
)


@on_sqlite
@pytest.mark.parametrize("duplicates", ["keep", "first"])
def test_a_column_of_any_name_is_only_a_column(
    lakehouse: Lakehouse, duplicates: Duplicates
) -> None:
    header = ",".join((HEADER, *NAMES_OF_THE_GATE))
    others = ",".join("other" for _ in NAMES_OF_THE_GATE)
    lines = (f"a,1,2.50,{others}", f"b,none,1.00,{others}")
    file = write_csv(lakehouse.folder / "a.csv", *lines, header=header)
    report = lakehouse.load(contract(duplicates=duplicates), file)
    assert [(o.loaded, o.quarantined) for o in report.outcomes] == [(1, 1)]
    assert lakehouse.rows() == [("a", 1, Decimal("2.50"))]
    rescued = json.loads(lakehouse.one("select _rescued from bronze.shop_order"))
    assert rescued == dict.fromkeys(NAMES_OF_THE_GATE, "other")


@pytest.mark.parametrize("times", [0, 5], ids=["few rows", "a file of rows"])
def test_odd_characters_stay_as_they_are(lakehouse: Lakehouse, times: int) -> None:
    """Few rows are stored in the catalog itself, and Postgres knows no NUL in a text."""
    odd = (
        "a\0b",
        "\0",
        "é\u0301",
        "\u200b",
        "🦆",
        "'; --",
        "back\\slash",
        "\x1b[31m",
        " padded ",
        "\ufeffx",
    )
    ids = [f"{text}{at}" for at in range(times) for text in odd] or list(odd[:6])
    [outcome] = lakehouse.load(
        contract(), write_csv(lakehouse.folder / "a.csv", *(f"{i},1,1" for i in ids))
    ).outcomes
    assert (outcome.loaded, outcome.quarantined) == (len(ids), 0)
    assert [row[0] for row in lakehouse.rows("id")] == ids


def test_a_broken_rows_bytes_stay_as_they_are(lakehouse: Lakehouse) -> None:
    file = write_csv(lakehouse.folder / "a.csv", "a\0b,x\0,🦆", "too,many,fields,here\0")
    lakehouse.load(contract(), file)
    rows = lakehouse.sql("select payload, reasons from ops.quarantine order by position")
    assert json.loads(rows[0][0]) == {"id": "a\0b", "quantity": "x\0", "price": "🦆"}
    assert rows[0][1][0] == "quantity: 'x␀' is not an integer"
    assert rows[1][0] == b"too,many,fields,here\0"


NESTED = (
    ID,
    Column("amount", "amount", "number", "DECIMAL(38,10)"),
    Column("ratio", "ratio", "number", "DOUBLE"),
    Column("at", "at", "timestamp", "TIMESTAMP WITH TIME ZONE"),
    Column("on", "on", "date", "DATE"),
    Column("yes", "yes", "boolean", "BOOLEAN"),
    Column("any", "any", "object", "JSON"),
    Column("list", "list", "array", "BIGINT[]", items=Column("item", "item", "integer", "BIGINT")),
    Column("place", "place", "object", 'STRUCT("x" BIGINT, "y" VARCHAR)', fields=(
        Column("x", "x", "integer", "BIGINT"), Column("y", "y", "string", "VARCHAR"))),
)  # fmt: skip


@pytest.mark.parametrize("rows", [1, 30], ids=["one row", "a file of rows"])
def test_values_of_every_type_are_stored_as_they_are(lakehouse: Lakehouse, rows: int) -> None:
    """Few rows are stored in the catalog itself, many in a file."""
    record: dict[str, Any] = {
        "amount": "1234567890123456789012345678.0123456789",
        "ratio": 1e-300,
        "at": "2026-03-29T01:59:59.123456+01:00",
        "on": "0001-01-01",
        "yes": False,
        "any": {"a": [1, {"b": None}], "é": "'\"\\"},
        "list": [1, None, -9223372036854775808],
        "place": {"x": 9007199254740993, "y": "it's, {y} \\ \""},
    }
    file = lakehouse.folder / "a.ndjson"
    file.parent.mkdir()
    file.write_text("".join(json.dumps(record | {"id": f"o{at}"}) + "\n" for at in range(rows)))
    [outcome] = lakehouse.load(contract(*NESTED, reading=Reading(format="ndjson")), file).outcomes
    assert (outcome.loaded, outcome.quarantined) == (rows, 0)
    found = lakehouse.sql(
        'select distinct amount::varchar, ratio, strftime("at", \'%c %f\'), "on"::varchar, yes, "any"::varchar, '
        "list, place.x, place.y from bronze.shop_order"
    )
    assert found == [(
        record["amount"], 1e-300, "2026-03-29 00:59:59 123456", "0001-01-01", False,
        json.dumps(record["any"], separators=(",", ":"), ensure_ascii=False), record["list"],
        9007199254740993, "it's, {y} \\ \"",
    )]  # fmt: skip


@pytest.mark.slow
def test_groups_make_no_difference_to_what_is_loaded(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [
        orders(lakehouse.folder / f"{n:02}.csv", n % 4, first=n * 10, broken=[n * 10])
        for n in range(12)
    ]
    bad = lakehouse.folder / "05b.csv.gz"
    bad.write_bytes(b"no gzip")
    content = []
    for at, (files_of_a_group, bytes_of_a_group) in enumerate(
        ((1000, 64 << 20), (3, 64 << 20), (1000, 100))
    ):
        monkeypatch.setattr(orchestration.ingest, "GROUP_FILES", files_of_a_group)
        monkeypatch.setattr(orchestration.ingest, "GROUP_BYTES", bytes_of_a_group)
        before = lakehouse.snapshots()
        report = lakehouse.load(contract(name=f"table{at}"), lakehouse.folder)
        content.append(
            (
                sorted(
                    (o.source, o.status, o.read, o.loaded, o.quarantined) for o in report.outcomes
                ),
                lakehouse.rows("id, quantity, price, _source, _position", f"shop_table{at}"),
                lakehouse.sql(
                    "select source, position, reasons, payload from ops.quarantine "
                    f"where table_name = 'shop_table{at}' order by all"
                ),
            )
        )
        assert (lakehouse.snapshots() - before > 1) is (at > 0)
    assert content[0] == content[1] == content[2]
    assert len(files) == 12
    assert len(report.of("failed")) == 1


def test_many_small_files_share_commits_and_make_no_heap_of_tiny_files(
    lakehouse: Lakehouse,
) -> None:
    for number in range(100):
        orders(lakehouse.folder / f"{number:03}.csv", 3, first=number * 10)
    before = lakehouse.snapshots()
    report = lakehouse.load(contract(keep_raw=False), lakehouse.folder)
    assert len(report.of("loaded")) == 100
    assert lakehouse.snapshots() == before + 1
    assert len(lakehouse.ids()) == 300
    # One for the rows; the ledger and the receipts may have one each.
    assert len(list(lakehouse.data.rglob("*.parquet"))) <= 3


def test_a_small_load_makes_no_data_file_at_all(lakehouse: Lakehouse) -> None:
    for number in range(4):
        lakehouse.load(
            contract(keep_raw=False),
            orders(lakehouse.folder / f"{number}.csv", 2, first=number * 9),
        )
    assert len(lakehouse.ids()) == 8
    assert list(lakehouse.data.rglob("*.parquet")) == []


def test_a_deliverys_bytes_are_kept_by_their_hash(lakehouse: Lakehouse) -> None:
    plain = orders(lakehouse.folder / "a.csv", 50, broken=[3])
    packed = lakehouse.folder / "b.csv.gz"
    packed.write_bytes(gzip.compress(b"id,quantity,price\r\nx,1,2\r\n"))
    with zipfile.ZipFile(lakehouse.folder / "c.zip", "w") as archive:
        archive.writestr("in/one.csv", "id,quantity,price\ny,1,2\n")
    assert len(lakehouse.load(contract(), lakehouse.folder).of("loaded")) == 3
    hashes = dict(lakehouse.sql("select source, content_hash from ops.ledger"))
    unpacked = {
        source.rpartition("/")[2]: kept_bytes(lakehouse, hash_) for source, hash_ in hashes.items()
    }
    assert unpacked == {
        "a.csv": plain.read_bytes(),
        "b.csv.gz": b"id,quantity,price\r\nx,1,2\r\n",
        "one.csv": b"id,quantity,price\ny,1,2\n",
    }
    assert len(kept_files(lakehouse)) == 3
    lakehouse.load(contract(name="other"), plain)  # the same bytes once
    assert len(kept_files(lakehouse)) == 3


@on_sqlite
def test_no_bytes_are_kept_where_the_contract_does_not_want_them_or_nothing_is_loaded(
    lakehouse: Lakehouse,
) -> None:
    file = orders(lakehouse.folder / "a.csv", 5, broken=[1])
    lakehouse.load(contract(keep_raw=False), file)
    lakehouse.load(contract(name="other"), file, dry_run=True)
    assert kept_files(lakehouse) == []


@on_sqlite
def test_a_wrong_path_is_refused_before_anything_is_made(lakehouse: Lakehouse) -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        lakehouse.load(contract(), lakehouse.folder / "none.csv")
    assert lakehouse.count("ops.receipt") == 0


class Noted(Watcher):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.count, self.read = 0, 0
        self.finished: list[Outcome] = []

    def files(self, count: int) -> None:
        self.count = count

    def rows(self, source: str, count: int) -> None:
        self.read += count

    def done(self, outcome: Outcome) -> None:
        self.finished.append(outcome)


@on_sqlite
def test_a_watcher_is_told_of_files_rows_and_outcomes(lakehouse: Lakehouse) -> None:
    orders(lakehouse.folder / "a.csv", 5, broken=[1])
    (lakehouse.folder / "b.csv.gz").write_bytes(b"no gzip")
    (lakehouse.folder / "notes.md").write_text("left out")
    watcher = Noted()
    report = lakehouse.load(contract(), lakehouse.folder, watcher=watcher)
    assert (watcher.count, watcher.read, watcher.finished) == (2, 5, report.outcomes)
    assert [path.rpartition("/")[2] for path in report.ignored] == ["notes.md"]


def test_the_report_counts_what_was_loaded_alone() -> None:
    report = Report("shop_order", 7, [
        Outcome("a", "loaded", 1, 5, 4, 1),
        Outcome("b", "already_loaded", 1),
        Outcome("c", "failed", reason="why"),
    ])  # fmt: skip
    assert not report.ok
    assert report.as_json() == {
        "table": "bronze.shop_order",
        "snapshot": 7,
        "read": 5,
        "loaded": 4,
        "quarantined": 1,
        "files": {"loaded": 1, "already_loaded": 1, "failed": 1},
        "failures": [{"file": "c", "reason": "why"}],
        "loads": [{"id": 1, "source": "a", "read": 5, "loaded": 4, "quarantined": 1}],
    }
