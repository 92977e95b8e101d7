"""The promise of a first contract: the gate keeps every record that was sampled."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.init import init

Broken = Callable[[Any], list[str]]

KINDS = [
    st.sampled_from(["", "N/A", "-", " ", "yes", "no", "true", "x", "007", "1.5", "1,5", "1.234"]),
    st.integers(-(10**20), 10**20).map(str),
    st.integers(0, 99).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-1000, 1000, places=2).map(str),
    st.decimals(-1000, 1000, places=2).map(lambda number: f"{number:,}"),
    st.decimals(-1000, 1000, places=1).map(lambda number: str(number).replace(".", ",")),
    st.dates().map(str),
    st.datetimes().map(str),
    st.dates().map(lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}"),
    st.dates().map(lambda day: day.strftime("%Y%m%d")),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
]


def column(count: int) -> st.SearchStrategy[list[str]]:
    """Texts of one kind, of two, or of all."""
    kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=2)
    return kinds.flatmap(lambda few: st.lists(st.one_of(few), min_size=count, max_size=count))


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(columns=st.integers(1, 25).flatmap(lambda n: st.lists(column(n), min_size=2, max_size=4)))
def test_every_record_of_any_table_keeps_its_first_contract(
    columns: list[list[str]], broken: Broken, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("any")
    quoted = [['"{}"'.format(cell.replace('"', '""')) for cell in column] for column in columns]
    header = ",".join(f"amount_{at}" if at % 2 else f"value_{at}" for at in range(len(columns)))
    rows = "".join(",".join(row) + "\n" for row in zip(*quoted, strict=True))
    (folder / "a.csv").write_text(f"{header}\n{rows}", encoding="utf-8", newline="")
    (draft,) = init(folder, folder / "out")
    assert broken(draft) == [], draft.path.read_text()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", "id,v\n1,2\n2,N/A\n"),
        ("semicolon.csv", "Nr;Betrag;Tag\n1;1.234,50;31.01.2024\n2;;01.02.2024\n"),
        ("newline.csv", 'a,b\n1,"x\ny"\n2,"say ""hi"""\n'),
        ("crlf.csv", 'a,b\r\n1,"x\r\ny"\r\n'),
        ("repeated.csv", "id,x,x\n1,2,3\n"),
        ("title.csv", "Report\n\nid,x\n1,2\n3,4\n"),
        ("day_20240131.csv", "1,2.5,x\n3,4.5,y\n"),
        ("nested.ndjson", '{"a": {"b": [1, 2]}, "c": "x"}\n{"a": {"b": []}, "c": 5}\n'),
        ("array.json", '[{"Id": 1, "at": "2024-01-01T00:00:00+02:00"}, {"Id": 2, "at": null}]'),
    ],
)
def test_every_record_of_a_file_keeps_its_first_contract(
    tmp_path: Path, broken: Broken, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    (draft,) = init(tmp_path / name, tmp_path / "out")
    assert broken(draft) == []


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_junk_ends_in_a_contract_or_in_one_plain_line(
    tmp_path_factory: pytest.TempPathFactory, tried: Callable[..., Any], content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    for name in ("a.csv", "a.json", "a.txt", "a.csv.gz", "a.xlsx", "a.parquet", "a.zip"):
        (folder / name).write_bytes(content)
        drafts, refusal = tried(folder / name, folder / f"out_{name}")
        assert drafts or (name in refusal and "\n" not in refusal)
