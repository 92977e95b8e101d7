from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.document import Document
from data_contracts.errors import ContractError
from tests.data_contracts.writing import written

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.orders
version: 1.0.0
status: active
"""


def document(folder: Path, text: str) -> Document:
    file = folder / "x.odcs.yaml"
    file.write_text(text, encoding="utf-8")
    return Document(file)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ContractError) as error:
        document(folder, text)
    return str(error.value).replace(f"{folder}/", "")


def test_a_fault_names_the_line_and_the_key_by_names(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        f"{HEAD}schema:\n- name: orders\n  properties:\n  - name: id\n    unique: true\n",
    )
    where = ("schema", 0, "properties", 0, "unique")
    assert found.line(where) == 10
    fault = str(found.fault(where, "is wrong"))
    assert fault == f"{tmp_path}/x.odcs.yaml:10: schema.orders.properties.id.unique: is wrong"


def test_the_line_of_what_is_not_there_is_that_of_what_holds_it(tmp_path: Path) -> None:
    found = document(tmp_path, f"{HEAD}schema:\n  - name: orders\n")
    assert found.line(("schema", 0, "properties", 7)) == 7
    assert found.line(("nothing",)) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "x.odcs.yaml:1: is no data contract: a mapping is expected", id="empty"),
        pytest.param("- a\n", "x.odcs.yaml:1: is no data contract", id="list"),
        pytest.param(
            f"{HEAD}schema: [a\n",
            "x.odcs.yaml:7: is no YAML: did not find expected",
            id="open-list",
        ),
        pytest.param("a: \x00", "is no YAML: control characters are not allowed", id="nul"),
        pytest.param("? [a]\n: b\n", "is no YAML: found unhashable key", id="list-as-key"),
        pytest.param("a: !!python/object:os.system x", "is no YAML", id="python-object"),
        pytest.param("a: !!timestamp x", "is no YAML", id="no-timestamp"),
    ],
)
def test_what_is_no_contract_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(tmp_path, text)


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"none\.yaml: cannot be read: No such file"):
        Document(tmp_path / "none.yaml")


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.odcs.yaml"
    file.write_bytes(HEAD.encode() + b"name: M\xfcller\n")
    with pytest.raises(ContractError, match="it is not UTF-8 text"):
        Document(file)


def test_a_byte_order_mark_is_taken_off(tmp_path: Path) -> None:
    file = tmp_path / "x.odcs.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert Document(file).data["id"] == "shop.orders"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("version: 2.0.0\n", "x.odcs.yaml:6: version: is given twice", id="top"),
        pytest.param(
            "schema:\n  - name: a\n    description: x\n    description: y\n",
            "x.odcs.yaml:9: schema.a.description: is given twice; keep one",
            id="nested",
        ),
    ],
)
def test_a_key_that_is_given_twice_is_refused(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(tmp_path, HEAD + text)


def test_an_anchor_that_holds_itself_ends(tmp_path: Path) -> None:
    assert "has no apiVersion" in refusal(
        tmp_path, "id: &x [*x]\nversion: '1'\nkind: DataContract\n"
    )


def test_a_date_stays_text_and_norway_is_no_boolean(tmp_path: Path) -> None:
    text = "tags: [NO, yes, on, 2026-01-01]\ncontractCreatedTs: 2026-01-01T00:00:00Z\n"
    found = document(tmp_path, HEAD + text).data
    assert found["tags"] == ["NO", "yes", "on", "2026-01-01"]
    assert found["contractCreatedTs"] == "2026-01-01T00:00:00Z"


def test_text_is_what_is_written_not_what_yaml_makes_of_it(tmp_path: Path) -> None:
    found = document(tmp_path, f"{HEAD}price: {{priceAmount: 1.10}}\ntags: ['007']\n")
    assert found.text(("price", "priceAmount")) == "1.10"
    assert found.text(("tags", 0)) == "007"
    assert found.text(("tags",)) is None
    assert found.text(("price", "nothing")) is None


def test_the_digest_is_of_the_text_whatever_its_place(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    first, second = document(tmp_path, HEAD), document(tmp_path / "b", HEAD)
    assert first.digest == second.digest
    assert first.digest != document(tmp_path, HEAD + "tenant: x\n").digest


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"nmae": "x"}, ["nmae: the standard has no such key here; name"], id="slip"),
        pytest.param({"version": 1}, ["version: the standard refuses it: 1 is not"], id="type"),
        pytest.param({"schema": [{"properties": []}]}, ["schema.0: has no name"], id="no-name"),
        pytest.param(
            {
                "schema": [
                    {"name": "a", "logicalType": "objekt", "properties": [{"name": "b", "x": 1}]}
                ]
            },
            ["schema.a.logicalType: the standard", "schema.a.properties.b.x: the standard has no"],
            id="several-at-once",
        ),
        pytest.param(
            {"schema": [{"name": "a", "quality": [{"metric": "rowCount"}]}]},
            ["schema.a.quality.0: the standard refuses it: it needs one of mustBe, mustBeBetween"],
            id="no-figure",
        ),
        pytest.param(
            {
                "schema": [
                    {
                        "name": "a",
                        "properties": [{"name": "b", "logicalTypeOptions": {"minimum": 1}}],
                    }
                ]
            },
            ["schema.a.properties.b: has logicalTypeOptions, and no logicalType"],
            id="options-of-no-type",
        ),
        pytest.param(
            {"schema": [{"name": "a", "required": True}]},
            ["schema.a.required: the standard has this key, but not here; take it out"],
            id="key-of-elsewhere",
        ),
    ],
)
def test_the_standards_refusals_are_told_in_plain_words(
    tmp_path: Path, change: dict[str, Any], told: list[str]
) -> None:
    with pytest.raises(ContractError) as error:
        Document(written(tmp_path, **change))
    lines = str(error.value).splitlines()
    assert len(lines) == len(told)
    for line, words in zip(lines, told, strict=True):
        assert words in line


def test_keys_that_are_missing_are_told_in_one_line(tmp_path: Path) -> None:
    told = refusal(tmp_path, "kind: DataContract\n")
    assert told == "x.odcs.yaml:1: has no version, apiVersion, id"
