from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data_contracts import find as finder
from data_contracts.errors import ContractError
from data_contracts.find import chosen, files_in, find, locate
from data_contracts.odcs import read
from tests.data_contracts.writing import ORDER_ID, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this project's contracts nor those of the working folder are found."""
    (tmp_path / "nothing").mkdir()
    monkeypatch.setattr(finder, "HOME", tmp_path / "nothing")
    monkeypatch.chdir(tmp_path / "nothing")


def test_a_contract_is_found_by_its_folder_and_file_name(tmp_path: Path) -> None:
    written(tmp_path, name="a/shop/orders.odcs.yaml")
    assert find("shop.orders", [tmp_path / "a"]).table == "shop_orders"


def test_a_contract_is_found_by_its_id_where_its_file_has_another_name(tmp_path: Path) -> None:
    written(tmp_path, name="a/retail.odcs.yaml", id="shop.invoice_line")
    assert find("shop.invoice_line", [tmp_path / "a"]).id == "shop.invoice_line"


def test_a_contract_is_found_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, name="data_contracts/shop/orders.odcs.yml")
    monkeypatch.chdir(tmp_path)
    assert find("shop.orders").name == "orders"


def test_the_first_folder_wins(tmp_path: Path) -> None:
    written(tmp_path, name="a/shop/orders.odcs.yaml", version="1.0.0")
    written(tmp_path, name="b/shop/orders.odcs.yaml", version="2.0.0")
    assert find("shop.orders", [tmp_path / "b", tmp_path / "a"]).version == "2.0.0"


def test_a_file_that_is_seen_twice_is_listed_once(tmp_path: Path) -> None:
    file = written(tmp_path, name="a/shop/orders.odcs.yaml")
    assert list(files_in([tmp_path / "a", tmp_path])) == [file]


def test_a_folder_that_is_not_there_is_as_empty(tmp_path: Path) -> None:
    assert list(files_in([tmp_path / "none"])) == []


def test_a_contract_is_given_by_its_path(tmp_path: Path) -> None:
    file = written(tmp_path, name="x.yaml")
    assert find(str(file)).file == file


def test_a_name_that_is_not_known_is_told_with_what_is(tmp_path: Path) -> None:
    written(tmp_path, name="a/shop/orders.odcs.yaml")
    with pytest.raises(ContractError) as error:
        find("shop.order", [tmp_path / "a"])
    told = str(error.value)
    assert told.startswith("there is no contract shop.order; shop.orders is meant? known are shop.")
    assert "LAKEHOUSE_CONTRACTS" in told


def test_of_several_schema_objects_one_is_named(tmp_path: Path) -> None:
    schema = [{"name": "orders", "properties": [ORDER_ID]}, {"name": "lines", "properties": []}]
    file = written(tmp_path, schema=schema)
    assert find(f"{file}#orders").name == "orders"
    with pytest.raises(ContractError, match=r"name one as .*yaml#NAME: orders, lines"):
        find(str(file))
    with pytest.raises(ContractError, match="has no schema object order; it has orders, lines"):
        find(f"{file}#order")
    with pytest.raises(ContractError, match="lines has no properties; a load needs columns"):
        find(f"{file}#lines")


def test_a_contract_without_schema_objects_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="has no schema object; add one under schema"):
        find(str(written(tmp_path, schema=[])))


def test_a_place_is_told_apart_from_its_schema_object(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert locate(f"{file}#orders") == (file, "orders")
    assert [c.name for c in chosen(file, read(file), "")] == ["orders"]
