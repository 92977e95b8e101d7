"""Files written for a test, the contracts drafted of them, and the gate held against both."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from data_contracts.gate import compile_gate
from data_contracts.odcs import read
from data_contracts.types import literal, quoted
from orchestration.init import InitError, init

if TYPE_CHECKING:
    from collections.abc import Callable

    from data_contracts.contract import Contract
    from orchestration.init import Draft

Written = dict[str, str | bytes]


class Drafted:
    """The contract of one dataset, with ways to ask what it says."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.text = draft.path.read_text(encoding="utf-8")
        self.data: dict[str, Any] = yaml.safe_load(self.text)
        self.schema: dict[str, Any] = self.data["schema"][0]
        self.properties: dict[str, dict[str, Any]] = {
            p["name"]: p for p in self.schema["properties"]
        }
        self.reading: dict[str, Any] = {
            c["property"]: c["value"] for c in self.schema["customProperties"]
        }

    def type_of(self, name: str) -> str:
        """The type of a property: `decimal(18,2)`, `date as dd/MM/yyyy`, `string`."""
        said = self.properties[name]
        form = said.get("logicalTypeOptions", {}).get("format")
        return str(said.get("physicalType") or said["logicalType"]) + (
            f" as {form}" if form else ""
        )

    @property
    def types(self) -> dict[str, str]:
        """The type of every property."""
        return {name: self.type_of(name) for name in self.properties}

    @property
    def key(self) -> list[str]:
        """The names of the primary key, in its order."""
        keyed = [p for p in self.properties.values() if p.get("primaryKey")]
        return [p["name"] for p in sorted(keyed, key=lambda p: int(p["primaryKeyPosition"]))]


@pytest.fixture
def drafts_of(tmp_path: Path) -> Callable[[Written], list[Drafted]]:
    """Write files into the folder `shop/sales`, and draft the contracts of the folder."""

    def drafts(files: Written) -> list[Drafted]:
        folder = tmp_path / "shop" / "sales"
        write(folder, files)
        return [Drafted(draft) for draft in init(folder, tmp_path / "out")]

    return drafts


@pytest.fixture
def draft_of(drafts_of: Callable[[Written], list[Drafted]]) -> Callable[..., Drafted]:
    """Draft the one contract of a file."""

    def draft(content: str | bytes, name: str = "data.csv") -> Drafted:
        (found,) = drafts_of({name: content})
        return found

    return draft


@pytest.fixture
def broken() -> Callable[[Draft | Drafted], list[str]]:
    """The reasons that the gate has against the records of the files of a draft."""

    def reasons(drafted: Draft | Drafted) -> list[str]:
        draft = drafted.draft if isinstance(drafted, Drafted) else drafted
        (contract,) = read(draft.path)
        return [reason for name in draft.files for reason in _reasons(contract, name)]

    return reasons


@pytest.fixture(scope="session")
def tried() -> Callable[[Path, Path], tuple[list[Draft], str]]:
    """The drafts of a source, or the words with which it is refused."""

    def outcome(source: Path, out: Path) -> tuple[list[Draft], str]:
        try:
            return init(source, out), ""
        except InitError as error:
            return [], str(error)

    return outcome


def write(folder: Path, files: Written) -> None:
    """Write files, folders with them."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def _reasons(contract: Contract, name: str) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        source = _source(connection, contract, name)
        described = connection.sql(f"describe {source}").fetchall()
        gate = compile_gate(contract, {row[0]: row[1] for row in described})
        broken = f"select {gate.reasons} from {gate.over(f'({source})')} where not ({gate.ok})"
        return [reason for (row,) in connection.sql(broken).fetchall() for reason in row]


def _source(connection: duckdb.DuckDBPyConnection, contract: Contract, name: str) -> str:
    """SQL of a file's records, read in another way than the loader and the drafts do."""
    groups = _groups(contract, name)
    if contract.reading.format == "parquet":
        return f"select *{groups} from read_parquet({literal(name)}, hive_partitioning = false)"
    columns = [c.source for c in contract.columns if c.group is None]
    if contract.reading.format == "csv":
        rows, type_ = _csv(contract, name, columns), "VARCHAR"
    else:
        rows, type_ = _records(name), "JSON"
    table = {c: pa.array([row.get(c) for row in rows], pa.string()) for c in columns}
    connection.register("texts", pa.table(table))
    each = ", ".join(f"{quoted(c)}::{type_} as {quoted(c)}" for c in columns)
    return f"select {each}{groups} from texts"


def _csv(contract: Contract, name: str, columns: list[str]) -> list[dict[str, str]]:
    reading = contract.reading
    data = Path(name).read_bytes()
    data = gzip.decompress(data) if name.endswith(".gz") else data
    text = data.decode(reading.encoding).removeprefix("\ufeff")
    lines = io.StringIO(text, newline="").readlines()[reading.skip_lines :]
    rows = list(csv.reader(lines, delimiter=reading.delimiter, quotechar=reading.quote))
    rows = [row for row in rows if row]
    header = rows.pop(0) if reading.header else [*columns, *[""] * 1000]
    width = len(header) if reading.header else len(rows[0])
    return [dict(zip(header, row, strict=False)) for row in rows if len(row) == width]


def _records(name: str) -> list[dict[str, str]]:
    """The objects of a file, each value as the text of its JSON."""
    text = Path(name).read_text(encoding="utf-8")
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    objects = found if isinstance(found, list) else [found]
    return [{key: json.dumps(value) for key, value in item.items()} for item in objects]


def _groups(contract: Contract, name: str) -> str:
    if contract.reading.path is None:
        return ""
    found = re.search(contract.reading.path, name)
    assert found is not None
    return "".join(f", {literal(v)} as {quoted(f'{{{g}}}')}" for g, v in found.groupdict().items())
