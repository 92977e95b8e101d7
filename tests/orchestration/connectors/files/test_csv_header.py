"""The names of a CSV file's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from tests.orchestration.connectors.files.reading_help import holding, read_bytes, texts

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path, header: str) -> list[str]:
    """The names under which the fields of a record are handed on."""
    record = ",".join(str(at) for at in range(header.count(",") + 1))
    found = read_bytes(folder, f"{header}\n{record}\n".encode(), holding())
    ((_, row),) = found.rows
    assert list(row.values()) == record.split(",")
    return list(row)


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    assert names(tmp_path, "x,b,a") == ["x", "b", "a"]


def test_a_name_that_the_contract_does_not_know_may_repeat(tmp_path: Path) -> None:
    assert names(tmp_path, "a,x,x,b,x") == ["a", "x", "x#2", "b", "x#3"]


def test_names_that_differ_in_case_are_told_apart(tmp_path: Path) -> None:
    assert names(tmp_path, "a,A,b,X,x") == ["a", "A#2", "b", "X#4", "x#5"]


def test_a_column_without_a_name_has_that_of_its_place(tmp_path: Path) -> None:
    assert names(tmp_path, "a,,b, ") == ["a", "column_2", "b", "column_4"]


def test_no_two_names_are_the_same(tmp_path: Path) -> None:
    found = names(tmp_path, "a,,column_2,x,x#2,x,X,b")
    assert len({name.lower() for name in found}) == 8


def test_a_column_of_the_contract_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"^the header names a, b more than once$"):
        names(tmp_path, "a,b,x,a,b")


@pytest.mark.parametrize("name", ["_source", "_position", "_Batch", "_rescued", "_raw", "{day}"])
def test_a_name_of_the_lakes_own_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryError, match=r"a name of the lake's own; rename it"):
        names(tmp_path, f"a,b,{name}")


def test_a_quoted_name_may_hold_anything(tmp_path: Path) -> None:
    content = b'"a","b","net, ""amount""\nEUR"\n1,2,3\n'
    ((_, row),) = read_bytes(tmp_path, content, holding()).rows
    assert list(row) == ["a", "b", 'net, "amount"\nEUR']


def test_a_column_by_its_place_can_be_the_contracts(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"a,\n1,\n", holding(*texts("a", "column_2")))
    assert found.rows == [(1, {"a": "1", "column_2": ""})]
