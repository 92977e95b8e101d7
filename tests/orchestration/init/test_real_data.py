import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from data_contracts.odcs import read
from orchestration.init import Draft, init
from orchestration.init.files import SourceFile
from orchestration.init.sample import sample_of
from orchestration.init.shape import shapes_of

pytestmark = pytest.mark.real_data


def types_of(draft: Draft) -> dict[str, str]:
    properties = yaml.safe_load(draft.path.read_text(encoding="utf-8"))["schema"][0]["properties"]
    return {p["name"]: p.get("physicalType") or p["logicalType"] for p in properties}


def test_every_small_messy_file_ends_in_a_contract_or_a_plain_line(
    real_data: Path, tmp_path: Path, tried: Callable[..., tuple[list[Draft], str]]
) -> None:
    found: list[Draft] = []
    for path in sorted((real_data / "csv" / "frictionless").iterdir()):
        drafts, refusal = tried(path, tmp_path / path.name)
        assert drafts or path.name in refusal.partition(":")[0], path
        found += drafts
    assert len(found) > 100
    for draft in found[::10]:
        read(draft.path)  # every tenth: 50 ms each


def test_corner_cases_of_csv_are_read_cell_for_cell(
    real_data: Path, tmp_path: Path, broken: Callable[[Any], list[str]]
) -> None:
    paths = sorted((real_data / "csv" / "spectrum_csv").iterdir())
    assert paths
    for path in paths:
        expected = json.loads(
            (real_data / "csv" / "spectrum_json" / f"{path.stem}.json").read_text(encoding="utf-8")
        )
        (shape,) = shapes_of(SourceFile(path))
        sample = sample_of([(SourceFile(path), shape)], shape.columns)
        rows = zip(*sample.columns.values(), strict=True)
        found = [dict(zip(sample.columns, row, strict=True)) for row in rows]
        objects = expected if isinstance(expected, list) else [expected]
        for record in (*found, *objects):
            record.pop("Contact Phone Number", None)  # made up in the expected reading alone
        assert found == objects, path
        (draft,) = init(path, tmp_path)
        assert broken(draft) == [], path


def test_retail_has_the_types_that_a_person_would_choose(real_data: Path, tmp_path: Path) -> None:
    (draft,) = init(real_data / "erp" / "online_retail", tmp_path)
    assert len(draft.files) == 100
    assert types_of(draft) == {
        "invoice_no": "string",
        "stock_code": "string",
        "description": "string",
        "quantity": "integer",
        "invoice_date": "timestamp",
        "unit_price": "decimal(18,4)",
        "customer_id": "string",
        "country": "string",
    }


def test_rates_read_their_word_for_nothing(
    real_data: Path, tmp_path: Path, broken: Callable[[Any], list[str]]
) -> None:
    (draft,) = init(real_data / "market" / "eurofxref-hist.csv", tmp_path)
    types = types_of(draft)
    assert types.pop("date") == "date"
    assert len(types) == 41
    assert "string" not in types.values()
    assert "'N/A' means null, in every column" in draft.notes


def test_blank_charges_are_null(
    real_data: Path, tmp_path: Path, broken: Callable[[Any], list[str]]
) -> None:
    (draft,) = init(real_data / "churn" / "telco.csv", tmp_path)
    assert types_of(draft)["total_charges"] == "decimal(18,2)"
    assert broken(draft) == []


def test_the_file_without_header_has_26_columns(real_data: Path, tmp_path: Path) -> None:
    (draft,) = init(real_data / "iot" / "cmapss" / "train_FD001.txt", tmp_path)
    assert list(types_of(draft)) == [f"column_{at}" for at in range(1, 27)]


@pytest.mark.parametrize("folder", ["banking", "csv", "events", "iot"])
def test_a_folder_of_everything_gets_contracts_of_different_names(
    real_data: Path, tmp_path: Path, folder: str
) -> None:
    drafts = init(real_data / folder, tmp_path)
    assert len({draft.id for draft in drafts}) == len(drafts) > 2
