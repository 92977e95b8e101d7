"""The standard's own examples: each is accepted, or refused where the standard's schema refuses it."""

from __future__ import annotations

import importlib.resources
import json
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from data_contracts.check import check_all, files_meant
from data_contracts.odcs import read

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real_data


class _DatesAsText(yaml.SafeLoader):
    """YAML as JSON could say it: the standard's schema has no dates."""


_DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def is_of_the_standard(file: Path) -> bool:
    """Whether the standard's schema has nothing against a file."""
    place = importlib.resources.files("open_data_contract_standard") / "schema.json"
    schema: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    said = yaml.load(file.read_text(encoding="utf-8"), _DatesAsText)
    checker = jsonschema.validators.validator_for(schema)(schema)
    return bool(checker.is_valid(said))


def test_every_example_is_accepted_or_refused_where_the_standard_refuses_it(
    real_data: Path,
) -> None:
    files = files_meant([str(real_data / "contracts" / "odcs_examples")])
    assert len(files) == 18
    checked = list(check_all(files))
    assert {one.file: one.accepted for one in checked} == {f: is_of_the_standard(f) for f in files}
    assert sum(len(read(one.file)) for one in checked if one.accepted) == 84
