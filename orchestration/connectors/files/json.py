"""JSON: a record a line, or the elements of one array, every digit of every number kept."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.delivery import Broken, Chunk, DeliveryError
from data_contracts.types import literal, quoted
from orchestration.connectors.files.columns import int64, mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.files.content import Content

BLOCK = 8 << 20
LONGEST = 256 << 20  # bytes of one record
FLOAT_DIGITS = 17  # that a binary float tells apart; a longer number goes on as text
LONG_NUMBER = r"[0-9.]{18,}"


def read_lines(content: Content, contract: Contract) -> Iterator[Chunk]:
    """The records of a file with one JSON object a line; blank lines are none."""
    position = 0
    with content.stream() as stream:
        rest = b""
        while block := stream.read(BLOCK):
            head, newline, tail = (rest + block).rpartition(b"\n")
            rest = tail
            if len(rest) > LONGEST:
                raise DeliveryError(f"the record after {position} is longer than {LONGEST >> 20} MB")
            if newline:
                lines = [line for line in head.split(b"\n") if line.strip()]
                yield _chunk(lines, position, contract)
                position += len(lines)
        if rest.strip():
            yield _chunk([rest], position, contract)


def read_array(content: Content, contract: Contract) -> Iterator[Chunk]:
    """The elements of a file that is one JSON array, or the one object of another.

    Raises:
        DeliveryError: the file is no JSON.
    """
    position = 0
    with content.file() as file, duckdb.connect() as connection:
        query = f"select json::varchar from read_json_objects({literal(str(file))}, maximum_object_size={LONGEST})"
        try:
            rows = connection.execute(query).to_arrow_reader(100_000)
            for batch in rows:
                lines = [line.encode() for line in batch.column(0).to_pylist()]
                yield _chunk(lines, position, contract)
                position += len(lines)
        except duckdb.Error as error:
            raise DeliveryError(f"is no JSON after record {position}: {str(error).splitlines()[0]}") from error


def _chunk(lines: list[bytes], before: int, contract: Contract) -> Chunk:
    positions = np.arange(before + 1, before + 1 + len(lines), dtype=np.int64)
    raw = pa.array(lines, pa.binary())
    broken: tuple[Broken, ...] = ()
    try:
        text = raw.cast(pa.string())
    except pa.ArrowInvalid:
        good = np.array([_is_text(line) for line in lines])
        broken = tuple(
            Broken(int(positions[at]), "the record's bytes are not UTF-8", lines[at])
            for at in np.flatnonzero(~good)
        )
        text, positions = raw.filter(mask(good)).cast(pa.string()), positions[good]
    table = pa.table({"_raw": text, "json": _exact(text), "_position": int64(positions)})
    return Chunk(len(table), table, columns=_columns(contract), broken=broken)


def _columns(contract: Contract) -> str:
    """SQL of the contract's fields of a record, of what else it has, and of why it cannot be read."""
    names = list(dict.fromkeys(c.source for c in contract.columns if c.group is None))
    shape = literal(json.dumps(dict.fromkeys(names, "JSON")))
    known = literal(json.dumps(dict.fromkeys(names)))
    valid = "json_valid(json) and json_type(json) = 'OBJECT'"
    record = f"(case when json_valid(json) then case when json_type(json) = 'OBJECT' then json end end)"
    fields = f"from_json({record}, {shape})"
    each = ", ".join(f"{fields}[{literal(name)}] as {quoted(name)}" for name in names)
    rest = f"nullif(json_merge_patch({record}, {known})::varchar, '{{}}')::json"
    fault = f"case when coalesce({valid}, false) then null else 'the record is no JSON object' end"
    return f"{fault} as _fault, _raw, {rest} as _rest" + (f", {each}" if each else "")


def _exact(text: pa.Array) -> pa.Array:
    """Records in which a number with more digits than a binary float tells apart is its text."""
    long = pc.match_substring_regex(text, LONG_NUMBER)
    if not pc.any(long).as_py():
        return text
    changed = [_with_long_numbers_as_text(line) for line in text.filter(long).to_pylist()]
    return pc.replace_with_mask(text, long, pa.array(changed, pa.string()))


def _with_long_numbers_as_text(line: str) -> str:
    def number(digits: str) -> float | str:
        significant = re.sub(r"[eE].*|[.+-]", "", digits).strip("0")
        return float(digits) if len(significant) <= FLOAT_DIGITS else digits

    try:
        return json.dumps(json.loads(line, parse_float=number), ensure_ascii=False)
    except (ValueError, RecursionError):
        return line


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
