import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.init import init, rest, sample

Draft = Callable[..., Any]


def table(header: str, count: int, row: Callable[[int], str]) -> str:
    return header + "\n" + "".join(row(at) + "\n" for at in range(count))


def test_values_that_are_few_and_many_times_there_are_an_enum(draft_of: Draft) -> None:
    found = draft_of(table("n,kind", 1200, lambda at: f"{at},{['new', 'used', 'old'][at % 3]}"))
    assert found.properties["kind"]["enum"] == [
        {"value": "new"},
        {"value": "old"},
        {"value": "used"},
    ]


@pytest.mark.parametrize(
    ("count", "kind"),
    [
        pytest.param(300, lambda at: "ab"[at % 2], id="few rows"),
        pytest.param(1200, lambda at: "rare" if at == 7 else "ab"[at % 2], id="a rare value"),
        pytest.param(1200, lambda at: chr(97 + at % 20), id="many values"),
        pytest.param(1200, lambda at: str(at % 2), id="numbers"),
    ],
)
def test_other_values_are_an_enum_in_a_remark_alone(
    draft_of: Draft, count: int, kind: Callable[[int], str]
) -> None:
    found = draft_of(table("n,kind", count, lambda at: f"{at},{kind(at)}"))
    assert "enum" not in found.properties["kind"]
    assert "# an enum? seen were " in found.text


def test_an_enum_that_changes_along_a_long_file_is_a_remark(
    draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "RECORDS", 2000)
    found = draft_of(table("n,kind", 3000, lambda at: f"{at},{'ab'[at // 1000 % 2]}"))
    assert "enum" not in found.properties["kind"]


def test_rows_that_were_not_seen_are_no_reason_for_required(
    draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = table("n,t", 500, lambda at: f"{at},x")
    monkeypatch.setattr(sample, "RECORDS", 400)
    assert "required" not in draft_of(text).properties["t"]


def test_minimum_and_maximum_are_remarks(draft_of: Draft) -> None:
    found = draft_of(table("n,v", 30, lambda at: f"{at},{at * 1.5}"))
    assert "# from 0.0 to 43.5" in found.text
    assert "logicalTypeOptions" not in found.properties["v"]


@pytest.mark.parametrize(
    ("header", "row", "key"),
    [
        pytest.param("v,order_id", lambda at: f"{at * 2},{at}", ["order_id"], id="an identifier"),
        pytest.param("day,v", lambda at: f"2020-01-{at + 1:02},1", ["day"], id="a day"),
        pytest.param("name,v", lambda at: f"x{at},1", ["name"], id="the first column"),
        pytest.param(
            "v,order_id,line",
            lambda at: f"1,{at // 2},{at % 2}",
            ["order_id", "line"],
            id="order and line",
        ),
        pytest.param(
            "day,stock_code,v",
            lambda at: f"2020-01-{at // 2 + 1:02},{at % 2},1",
            ["stock_code", "day"],
            id="code and day",
        ),
        pytest.param("k,v", lambda at: f"1,{at}", [], id="a measure that is unique by chance"),
        pytest.param("order_id,v", lambda at: f"{at // 2},1", [], id="twice"),
        pytest.param("order_id,v", lambda at: f"{at or ''},1", [], id="missing once"),
    ],
)
def test_primary_key_is_what_no_two_rows_share(
    draft_of: Draft, header: str, row: Callable[[int], str], key: list[str]
) -> None:
    found = draft_of(table(header, 30, row))
    assert found.key == key
    assert all(found.properties[name]["required"] for name in key)


def test_columns_without_names_are_no_key(draft_of: Draft) -> None:
    assert draft_of(table("1,a", 30, lambda at: f"{at + 2},b")).key == []


def test_what_changes_beyond_the_sample_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drafted(name: str, content: str) -> tuple[str, list[str]]:
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        (draft,) = init(tmp_path / f"{name}.csv", tmp_path / name)
        text = draft.path.read_text(encoding="utf-8")
        return text, [note for note in draft.notes if note.startswith("beyond")]

    steady = table("n,price,day", 12_000, lambda at: f"{at},{at}.5,2024-01-01")
    head, _ = drafted("head", steady[: steady.index("10000,")])
    text, notes = drafted("steady", steady)
    assert notes == []
    assert "the rest was tried on it" in " ".join(text.replace("#", "").split())
    kinds = re.findall("(?:logical|physical)Type: ([^,}]*)", text)
    assert kinds == re.findall("(?:logical|physical)Type: ([^,}]*)", head.replace("18,2", "18,4"))
    _, notes = drafted("changing", f"{steady}x,N/A,soon\n12001,0.5,never\n")
    assert notes == [
        "beyond the sample n: 'x' is not an integer (1 such records)",
        "beyond the sample price: 'N/A' is not a decimal(18,4) without losing digits (1 such records)",
        "beyond the sample day: 'soon' is not a date (2 such records)",
    ]
    lines = "".join(f'{{"n": {at}}}\n' for at in range(12_000))
    (tmp_path / "n.ndjson").write_text(lines + '{"n": "x"}\n{"n": 1, "n": 2}\n', encoding="utf-8")
    (draft,) = init(tmp_path / "n.ndjson", tmp_path / "lines")
    assert [note for note in draft.notes if note.startswith("beyond")] == [
        "beyond the sample n: 'x' is not an integer (1 such records)",
        "beyond the sample the record has the key n twice (1 such records)",
    ]
    monkeypatch.setattr(rest, "LARGEST", 1000)
    text, _ = drafted("large", steady)
    assert "the rest was not looked at" in " ".join(text.replace("#", "").split())
