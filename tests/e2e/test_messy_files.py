"""A messy file, after nothing but `contracts init` and `ingest`: read as a careful person would."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from catalog.lake import Lake
from catalog.settings import Settings
from data_contracts.contract import Column
from data_contracts.odcs import read
from orchestration.ingest import ingest
from orchestration.init import InitError, init
from tests.lake_help import THREADS, Lakehouse, contract, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.delivery import Outcome

Rows = list[tuple[str, ...]]
HEADED: Rows = [("1", "é"), ("2", "b")]
NUMBERS: Rows = [("1", "2.50"), ("2", "3.50")]
EACH = 1 if os.environ.get("LAKEHOUSE_FUZZ_N") else 10  # of the files that are much alike


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    """One lake; each file has a table of its own."""
    folder = tmp_path_factory.mktemp("messy")
    house = Lakehouse(Settings(home=folder / "home", threads=THREADS), folder)
    Lake(house.settings).create()
    yield house
    house.close()


def loaded(house: Lakehouse, path: Path, *, dry_run: bool = False) -> Iterator[tuple[str, Outcome]]:
    """The tables of a file, loaded by its first contracts."""
    for draft in init(path, house.folder / "out" / path.name):
        (drafted,) = read(draft.path)
        report = ingest(house.settings, drafted, [str(p) for p in draft.load], dry_run=dry_run)
        for outcome in report.outcomes:
            assert outcome.read == outcome.loaded + outcome.quarantined
            yield drafted.table, outcome


def texts(house: Lakehouse, table: str, batch: int | None) -> Rows:
    """Its rows in their order, every column as text, null as nothing."""
    rows = house.sql(
        f"""select coalesce(columns(* exclude (_source, _position, _batch, _op, _origin, _rescued))::varchar, '')
        from bronze."{table}" where _batch = {batch} order by _position"""
    )
    return [tuple(row) for row in rows]


def read_file(house: Lakehouse, name: str, content: bytes) -> tuple[Rows, list[int]]:
    """The rows of a file of one table, and the positions of those that are quarantined."""
    path = house.folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    ((table, outcome),) = loaded(house, path)
    assert outcome.status == "loaded", outcome.reason
    broken = house.sql(f"select position from ops.quarantine where batch = {outcome.batch}")
    return texts(house, table, outcome.batch), sorted(position for (position,) in broken)


CASES: dict[str, tuple[bytes, Rows, list[int]]] = {
    "utf_8_marked": ("\ufeffid,v\n1,é\n2,b\n".encode(), HEADED, []),
    "utf_16_marked": ("id,v\n1,é\n2,b\n".encode("utf-16"), HEADED, []),
    "utf_16_le": ("id,v\n1,é\n2,b\n".encode("utf-16-le"), HEADED, []),
    "utf_16_be": ("id,v\n1,é\n2,b\n".encode("utf-16-be"), HEADED, []),
    "utf_32": ("id,v\n1,é\n2,b\n".encode("utf-32"), HEADED, []),
    "latin": (b"id,v\n1,\xe9\n2,b\n", HEADED, []),
    "two encodings": (b"id,v\n1,\xc3\xa9\n2,b\n3,caf\xe9\n", HEADED, [3]),
    "semicolons and decimal commas": (b"id;v\n1;2,50\n2;3,50\n", NUMBERS, []),
    "thousands": (b"id;v\n1;1.234,50\n2;3,50\n", [("1", "1234.50"), ("2", "3.50")], []),
    "tabs": (b"id\tv\n1\ta,b\n2\tc\n", [("1", "a,b"), ("2", "c")], []),
    "pipes": (b"id|v\n1|a,b\n2|c\n", [("1", "a,b"), ("2", "c")], []),
    "doubled quotes": (b'id,v\n1,"say ""a, b"""\n', [("1", 'say "a, b"')], []),
    "escaped quotes": (
        b'id,v,w\n1,"say \\"hi\\"",x\n2,"a, \\"b, c\\"",\\\\\n',
        [("1", 'say "hi"', "x"), ("2", 'a, "b, c"', "\\")],
        [],
    ),
    "a backslash at the end of a quoted field": (
        b'id,v,w\n1,"C:\\dir\\",x\n2,"D:\\",y\n',
        [("1", "C:\\dir\\", "x"), ("2", "D:\\", "y")],
        [],
    ),
    "quoted line breaks": (b'id,v\r\n1,"a\r\nb"\r\n2,c\r\n', [("1", "a\r\nb"), ("2", "c")], []),
    "ragged": (b"id,v\n1,a\n2\n3,b,c\n4,d\n", [("1", "a"), ("4", "d")], [2, 3]),
    "line ends of all kinds": (b"id,v\n1,a\r\n2,b\r3,c\n", [(f"{n}", v) for n, v in zip((1, 2, 3), "abc", strict=True)], []),
    "blank lines": (b"\n\nid,v\n\n1,a\n\n\n2,b\n\n", [("1", "a"), ("2", "b")], []),
    "no header": (b"1,a,2024-01-01\n2,b,2024-01-02\n", [("1", "a", "2024-01-01"), ("2", "b", "2024-01-02")], []),
    "a header of units below": (
        b"id,amount,day\nnumber,EUR,UTC\n1,2.5,2024-01-01\n2,3.5,2024-01-02\n",
        [("1", "2.50", "2024-01-01"), ("2", "3.50", "2024-01-02")],
        [1],
    ),
    "a header of groups above": (
        b",2023,,2024,\nregion,units,value,units,value\nnorth,1,2,3,4\nsouth,5,6,7,8\n",
        [("north", "1", "2", "3", "4"), ("south", "5", "6", "7", "8")],
        [],
    ),
    "repeated names": (b"id,v,v\n1,2,3\n", [("1", "2", "3")], []),
    "names that differ in case": (b"ID,Id,id\n1,2,3\n", [("1", "2", "3")], []),
    "missing names": (b"id,,v\n1,2,3\n", [("1", "2", "3")], []),
    "padded names": (b" id , amount \n1,2.5\n2,3.5\n", NUMBERS, []),
    "comments": (b"# made on Monday\n# by me, and you\nid,amount\n1,2.5\n2,3.5\n", NUMBERS, []),
    "a word for the delimiter": (b"sep=;\nid;amount\n1;2,5\n2;3,5\n", NUMBERS, []),
    "a comment within": (b"id,amount\n1,2.5\n# by me\n2,3.5\n", NUMBERS, [2]),
    "a header that begins as a comment does": (b"#id,amount\n1,2.5\n2,3.5\n", NUMBERS, []),
    "a total": (
        b"region,units,amount\nnorth,1,2.50\nsouth,2,3.50\nTotal,3,6.00\n",
        [("north", "1", "2.50"), ("south", "2", "3.50")],
        [3],
    ),
    "a total behind a blank line": (b"id;units;amount\n1;1;2,50\n2;2;3,50\n\nSumme;;6,00\n", [("1", "1", "2.50"), ("2", "2", "3.50")], [3]),
    "a total without a word": (
        b"id;units;amount\na;1;2,50\nb;2;3,50\n;3;6,00\n",
        [("a", "1", "2.50"), ("b", "2", "3.50")],
        [3],
    ),
    "a header of groups above texts": (
        b"person,,job,\nfirst,last,role,team\nAnna,A,dev,x\nBert,B,ops,y\n",
        [("Anna", "A", "dev", "x"), ("Bert", "B", "ops", "y")],
        [],
    ),
    "words for nothing": (
        b"id,a,b,c,d,e\n1,NULL,N/A,-,\\N,nan\n2,1,2,3,4,5\n3,,#N/A,NA,None,n/a\n",
        [("1", "", "", "", "", ""), ("2", "1", "2", "3", "4", "5"), ("3", "", "", "", "", "")],
        [],
    ),
    "signs in numbers": (  # are kept as they are written, but for a minus behind
        b"id,a,b,c,d\n1,$5.00,12%,5.00-,(5.00)\n2,$6.50,13%,6.00,6.00\n",
        [("1", "$5.00", "12%", "-5.00", "(5.00)"), ("2", "$6.50", "13%", "6.00", "6.00")],
        [],
    ),
    "days in mixed order": (b"id,day\n1,01/02/2024\n2,02/13/2024\n3,13/02/2024\n", [("1", "01/02/2024"), ("2", "02/13/2024"), ("3", "13/02/2024")], []),
    "days as numbers": (b"id,order_date\n1,45292\n2,45293\n", [("1", "45292"), ("2", "45293")], []),
    "booleans": (
        b"id,a,b,c\n1,yes,TRUE,Y\n2,no,False,N\n",
        [("1", "true", "true", "Y"), ("2", "false", "false", "N")],
        [],
    ),
    "a name\nwith é and a line\u2028break": (b"id,v\n1,a\n2,b\n", [("1", "a"), ("2", "b")], []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES, ids=lambda name: ascii(name)[1:-1].replace("\\", "_"))
def test_a_messy_file_is_read_as_a_careful_person_would(house: Lakehouse, name: str) -> None:
    content, rows, broken = CASES[name]
    assert read_file(house, f"{name}.csv", content) == (rows, broken)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty; give a file with rows"),
        ("a.csv", b"\xef\xbb\xbf\n \n", "is empty; give a file with rows"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "is binary, no text"),
        ("a.csv", b"PK\x03\x04" + bytes(99), "is a zip; name it a.csv.zip"),
        ("a.csv", b"\x1f\x8b" + bytes(99), "is gzip; name it a.csv.gz"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls is not read; save it as .xlsx"),
        ("a.xlsb", b"PK\x03\x04", ".xlsb is not read; save it as .xlsx"),
        ("a.parquet", b"PAR1 cut off", "Parquet"),
        ("a.json", b'{"a": 1', "holds no JSON objects"),
        ("a.json", b'{\n"a": 1}\n{"a"', "is no JSON after record 1; is it cut off?"),
        ("a.json", b'{\n"a": 1},\n{"a": 2}', "is no JSON after record 1; is it cut off?"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InitError) as refused:
        init(tmp_path / name, tmp_path / "out")
    assert name in str(refused.value)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_json_that_evolves_keeps_every_key(house: Lakehouse) -> None:
    lines = [
        '{"id": 1, "a": {"b": 1}}',
        '{"id": 2, "a": {"b": "x", "c": 2}}',
        '{"id": 3, "d": [1]}',
    ]
    rows, broken = read_file(house, "evolving.ndjson", "\n".join(lines).encode())
    assert broken == []
    assert rows == [("1", '{"b":1}', ""), ("2", '{"b":"x","c":2}', ""), ("3", "", "[1]")]


def test_objects_over_many_lines_one_after_the_other_are_read(house: Lakehouse) -> None:
    objects = "\n".join(json.dumps({"id": at, "v": {"a": [at]}}, indent=2) for at in (1, 2))
    assert read_file(house, "pretty.json", objects.encode()) == (
        [("1", "{'a': [1]}"), ("2", "{'a': [2]}")],
        [],
    )


@pytest.mark.slow
@pytest.mark.real_data
def test_corner_cases_of_csv_are_loaded_cell_for_cell(house: Lakehouse, real_data: Path) -> None:
    paths = sorted((real_data / "csv" / "spectrum_csv").iterdir())
    assert len(paths) == 12
    for path in paths:
        ((table, outcome),) = loaded(house, path)
        assert (outcome.status, outcome.quarantined) == ("loaded", 0), path
        told = real_data / "csv" / "spectrum_json" / f"{path.stem}.json"
        records = json.loads(told.read_text(encoding="utf-8"))
        expected = [
            tuple("" if cell is None else str(cell) for cell in record.values())
            for record in (records if isinstance(records, list) else [records])
        ]
        if path.stem != "location_coordinates":  # its JSON is of another row
            assert texts(house, table, outcome.batch) == expected, path


@pytest.mark.slow
@pytest.mark.real_data
def test_small_messy_files_are_loaded_or_refused_with_a_reason(
    house: Lakehouse, real_data: Path
) -> None:
    paths = sorted((real_data / "csv" / "frictionless").iterdir())
    for path in paths[::EACH]:
        refusal, outcomes = "", []
        try:
            outcomes = [outcome for _, outcome in loaded(house, path, dry_run=True)]
        except InitError as error:
            refusal = str(error)
        assert outcomes or path.name in refusal, path
        assert {outcome.status for outcome in outcomes} <= {"loaded"}, path


def test_numbers_days_and_booleans_of_other_habits_are_quarantined(house: Lakehouse) -> None:
    columns = (
        Column("price", "price", "number", "DECIMAL(18,2)"),
        Column("day", "day", "date", "DATE"),
        Column("flag", "flag", "boolean", "BOOLEAN"),
    )
    good = [("1.50", "2024-02-29", flag) for flag in ("true", "T", "yes", "Y", "1", "FALSE", "n")]
    bad = [
        *((price, "2024-02-29", "1") for price in ("$1.50", "12%", "1.50-", "(1.50)", "1.5 EUR")),
        *(("1.50", day, "1") for day in ("45292", "29/02/2024", "2024-02-30")),
        *(("1.50", "2024-02-29", flag) for flag in ("on", "ja", "X", "2")),
    ]
    lines = [",".join(row) for row in (*good, *bad)]
    path = write_csv(house.folder / "habits.csv", *lines, header="price,day,flag")
    report = house.load(contract(*columns, name="habit"), path)
    assert len(house.rows("price", "shop_habit")) == len(good)
    batch = report.outcomes[0].batch
    found = house.sql(
        f"select position, len(reasons) from ops.quarantine where batch = {batch} order by 1"
    )
    assert found == [(at, 1) for at in range(len(good) + 1, len(lines) + 1)]
