"""Whatever bytes a file holds: its rows are kept or quarantined, or it fails in one line.

`LAKEHOUSE_FUZZ_N=2000 pytest tests/e2e/test_fuzz.py` tries more of them.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.delivery import Outcome
from catalog.lake import Lake
from catalog.loader import Loader
from catalog.runs import Run
from catalog.settings import Settings
from data_contracts.contract import Column, Reading
from orchestration import ingest
from orchestration.connectors.files.discover import Input, discover
from tests.lake_help import THREADS, contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data_contracts.contract import Contract

N = int(os.environ.get("LAKEHOUSE_FUZZ_N", "6"))
LONGEST = timedelta(seconds=20)  # of one file: slower is taken for a hang
COLUMNS = (
    Column("id", "id", "string", "VARCHAR", required=True),
    Column("count", "count", "integer", "BIGINT"),
    Column("price", "price", "number", "DECIMAL(18,2)"),
    Column("rate", "rate", "number", "DOUBLE"),
    Column("day", "day", "date", "DATE"),
    Column("at", "at", "timestamp", "TIMESTAMP WITH TIME ZONE"),
    Column("clock", "clock", "time", "VARCHAR"),
    Column("flag", "flag", "boolean", "BOOLEAN"),
)
NESTED = (
    Column(
        "thing", "thing", "object", 'STRUCT("a" VARCHAR, "b" BIGINT)',
        fields=(Column("a", "a", "string", "VARCHAR"), Column("b", "b", "integer", "BIGINT")),
    ),
    Column("many", "many", "array", "BIGINT[]", items=Column("i", "i", "integer", "BIGINT")),
)  # fmt: skip
NAMES = [column.name for column in COLUMNS]
ROW: tuple[Any, ...] = (
    "x", 5, Decimal("2.50"), 0.1, date(2024, 2, 29),
    datetime(2024, 2, 29, 12, 30, tzinfo=UTC), time(9, 30), True,
)  # fmt: skip
fuzzed = settings(
    max_examples=N,
    deadline=LONGEST,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class House:
    """One lake, in which nothing is written, with a loader for each contract."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run = Run("fuzz", Settings(home=folder / "home", threads=THREADS))
        self._lake = Lake(self._run.settings)
        self._lake.create()
        self._loaders: dict[str, Loader] = {}

    def loaded(self, content: bytes, name: str, held_to: Contract) -> list[Outcome]:
        """What `ingest --dry-run` makes of a file of these bytes."""
        path = self.folder / name
        path.write_bytes(content)
        key = repr(held_to)
        if key not in self._loaders:
            self._loaders[key] = Loader(self._lake, held_to, self._run, dry_run=True)
        found = discover([str(path)], held_to.reading.format)
        unread = [Outcome(str(place), "failed", reason=why) for place, why in found.failed]
        inputs: list[Input | Outcome] = [*unread, *found.inputs]
        return [
            outcome
            for group, failed, last in ingest._groups(inputs, held_to, self._lake, atomic=False)
            for outcome in self._loaders[key].load(group, failed, last=last)
        ]

    def check(self, content: bytes, name: str, held_to: Contract) -> list[Outcome]:
        """The same; no row is lost, and what fails says so in one line."""
        outcomes = self.loaded(content, name, held_to)
        assert outcomes
        for outcome in outcomes:
            assert outcome.status in ("loaded", "failed")
            assert outcome.read == outcome.loaded + outcome.quarantined
            if outcome.status == "failed":
                assert outcome.reason
                assert "\n" not in outcome.reason
                assert not outcome.reason.startswith("read ")  # rows that are nowhere
        return outcomes

    def close(self) -> None:
        for loader in self._loaders.values():
            loader.connection.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("fuzz"))
    yield house
    house.close()


def held(form: Any, *more: Column, **says: Any) -> Contract:
    nulls: dict[str, Any] = {} if form in ("csv", "excel") else {"null_values": ()}
    return contract(*COLUMNS, *more, reading=Reading(format=form, **nulls, **says))


def text_of(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


LINE = ",".join(map(text_of, ROW))
CELLS = st.one_of(
    st.sampled_from([*map(text_of, ROW), "", "NaN", "inf", "1e400", "-0", "99999-01-01", "24:00"]),
    st.text("ab0159.,;:-+eE_'\"\\\t \n\r€\x00\ufeff\u2028", max_size=12),
    st.integers(-(10**40), 10**40).map(str),
)
MARKS = st.text("a,;|\t\"'\\\n\r \x00\ufeffé€0", max_size=60)
LINES = st.lists(st.lists(CELLS, max_size=9).map(",".join), max_size=6).map("\n".join)
HEADERS = st.sampled_from([",".join(NAMES) + "\n", ",".join(NAMES) + "\r\n", "id;count\n", ""])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
READINGS = (
    held("csv"),
    held("csv", quote="", delimiter=";"),
    held("csv", escape="\\"),
    held("csv", header=False, encoding="UTF-16", quote="'"),
    held("csv", skip_lines=2, encoding="windows-1252", decimal_mark=",", thousands_mark="."),
)


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """The bytes, some of them changed, cut out, doubled or cut off."""
    chance = draw(st.randoms(use_true_random=False))
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 12))):
        at = chance.randrange(len(changed) + 1)
        to = min(len(changed), at + chance.choice((1, 1, 1, 2, 4, 8, 64)))
        kind = chance.randrange(6)
        new = {
            0: bytes(chance.randrange(256) for _ in range(to - at)),
            1: b"",
            2: changed[at:to] * 2,
            3: chance.choice((b"\0", b"\xff" * 4, b"\x7f\xff\xff\xff", b'"', b"\n", b"{", b"]")),
            4: bytes(byte ^ (1 << chance.randrange(8)) for byte in changed[at:to]),
            5: bytes(changed[:to][-8:]),
        }[kind]
        changed[at:to] = new
        if chance.random() < 0.02:
            del changed[at:]
    return bytes(changed)


def encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "replace")


@fuzzed
@given(
    st.one_of(
        st.builds(encoded, st.builds("{}{}".format, HEADERS, st.one_of(LINES, MARKS)), ENCODINGS),
        mutations(
            f'{",".join(NAMES)}\n{LINE}\n"{LINE.replace(",", chr(34) + "," + chr(34))}"\n'.encode()
        ),
        st.binary(max_size=200),
    ),
    st.sampled_from(READINGS),
)
def test_any_bytes_of_csv(house: House, content: bytes, held_to: Contract) -> None:
    house.check(content, "x.csv", held_to)


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
        st.sampled_from([text_of(value) for value in ROW]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = st.one_of(st.sampled_from([*NAMES, "thing", "many", "ID", "_raw"]), st.text(max_size=3))
RECORDS = st.lists(st.one_of(st.dictionaries(KEYS, VALUES, max_size=8), VALUES), max_size=5)
PAIRS = st.lists(st.tuples(KEYS, VALUES), max_size=8)  # of objects with a key twice


def object_of(pairs: list[tuple[str, Any]]) -> str:
    return f"{{{', '.join(f'{json.dumps(key)}: {json.dumps(value)}' for key, value in pairs)}}}"


TYPED = {
    "id": "x", "count": 5, "price": 2.5, "rate": 1e308, "day": "2024-02-29",
    "at": "2024-02-29T12:30:00Z", "clock": "09:30", "flag": True,
    "thing": {"a": "é", "b": 1}, "many": [1, 2.0, None],
}  # fmt: skip


@fuzzed
@given(
    st.one_of(
        RECORDS.map(json.dumps).map(str.encode),
        RECORDS.map(lambda records: json.dumps(records, ensure_ascii=False, indent=1))
        .map(lambda text: text.encode("utf-8", "surrogatepass")),
        mutations(json.dumps([TYPED] * 2).encode()),
        st.text('[]{}",:\\ud8001e9-.\n tfn', max_size=60).map(str.encode),
    )
)  # fmt: skip
def test_any_bytes_of_json(house: House, content: bytes) -> None:
    house.check(content, "x.json", held("json", *NESTED))


@fuzzed
@given(
    st.one_of(
        RECORDS.map(lambda records: "\n".join(map(json.dumps, records)).encode()),
        st.lists(PAIRS.map(object_of)).map("\n".join).map(str.encode),
        mutations(b"\n".join([json.dumps(TYPED).encode()] * 3)),
        st.binary(max_size=200),
    )
)
def test_any_bytes_of_ndjson(house: House, content: bytes) -> None:
    (outcome,) = house.check(content, "x.ndjson", held("ndjson", *NESTED))
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    assert outcome.status == "failed" or outcome.read == len(lines)


@cache
def parquet() -> bytes:
    columns: dict[str, Any] = {name: [value] * 50 for name, value in zip(NAMES, ROW, strict=True)}
    columns |= {
        "thing": [{"a": "x", "b": 1}] * 50,
        "many": [[1, None]] * 50,
        "more": [b"\xff"] * 50,
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=20, compression="snappy")
    return out.getvalue()


@fuzzed
@given(st.data())
def test_any_bytes_of_parquet(house: House, data: st.DataObject) -> None:
    house.check(data.draw(mutations(parquet())), "x.parquet", held("parquet", *NESTED))


@cache
def workbook() -> dict[str, bytes]:
    """The parts of a workbook, by their names."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"remove_timezone": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for at, row in enumerate((NAMES, ROW, [text_of(value) for value in ROW])):
            for place, value in enumerate(row):
                sheet.write(at, place, value, day if hasattr(value, "isoformat") else None)
        sheet.write_formula(3, 0, "=1/0", None, "#DIV/0!")
        sheet.merge_range(4, 0, 5, 2, "merged")
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


@fuzzed
@given(st.data())
def test_any_bytes_of_excel(house: House, data: st.DataObject) -> None:
    parts = workbook()
    name = data.draw(st.sampled_from(sorted(name for name in parts if "docProps" not in name)))
    whole = data.draw(st.booleans())
    content = zipped(parts | {} if whole else parts | {name: data.draw(mutations(parts[name]))})
    if whole:
        content = data.draw(mutations(content))
    house.check(content, "x.xlsx", held("excel"))


@fuzzed
@given(st.data())
def test_any_bytes_of_a_zip(house: House, data: st.DataObject) -> None:
    text = f"{','.join(NAMES)}\n{LINE}\n".encode()
    content = zipped({"a.csv": text, "deep/b.csv": text * 2, "c.zip": zipped({"d.csv": text})})
    house.check(data.draw(mutations(content)), "x.zip", held("csv"))


def test_the_files_that_are_spoiled_are_whole_before(house: House) -> None:
    found = [
        house.check(parquet(), "x.parquet", held("parquet", *NESTED)),
        house.check(zipped(workbook()), "x.xlsx", held("excel")),
    ]
    assert [outcome.loaded for (outcome,) in found] == [50, 4]
