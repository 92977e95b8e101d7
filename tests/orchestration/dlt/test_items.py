"""What a source may yield, and the digits of its numbers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from dlt.common.json import json as dlt_json
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.connectors.dlt.exact import Exact, exact_numbers, parsed
from orchestration.connectors.dlt.items import as_json
from orchestration.connectors.dlt.spool import Spool
from orchestration.connectors.dlt.state import dumped, loaded
from tests.lake_help import on_sqlite
from tests.orchestration.dlt.dlt_help import drafted, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help",)

LONG = "1234567890123456.78"
AT = datetime(2026, 1, 31, 10, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=10,
)


def by_ints(value: Any) -> Any:
    """With whole numbers of more than 64 bits as texts."""
    if isinstance(value, dict):
        return {key: by_ints(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [by_ints(inner) for inner in value]
    is_long = isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**63 - 1
    return str(value) if is_long else value


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text("ab"), JSON))
def test_a_record_is_the_json_that_it_was(record: dict[str, Any]) -> None:
    read = json.loads(as_json(record))
    # Some libraries write 64 bits without a sign; the gate reads either form.
    assert by_ints(read) == by_ints(record)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.10"), '"1.10"'), (Decimal("1E+3"), '"1000"'), (Decimal("NaN"), "null"),
        (float("nan"), "null"), (AT, '"2026-01-31T10:00:00+00:00"'), (date(2026, 1, 31), '"2026-01-31"'),
        (b"\x00\xff", '"00ff"'), (timedelta(hours=1), '"1:00:00"'), ({1: 2}, '{"1":2}'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'), ({"a"}, '["a"]'), ((1, 2), "[1,2]"),
        (2**70, f'"{2**70}"'), (-(2**70), f'"-{2**70}"'), (True, "true"),
    ],
)  # fmt: skip
def test_a_value_keeps_what_it_says(value: Any, text: str) -> None:
    assert as_json({"v": value}).decode() == f'{{"v":{text}}}'
    if not isinstance(value, dict):
        assert as_json(value).decode() == f'{{"value":{text}}}'


@pytest.mark.parametrize("value", [object(), "\ud800", {"a": [object()]}])
def test_a_value_without_a_form_in_json_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"form in JSON|UTF-8"):
        as_json({"v": value})


def test_a_number_that_no_float_holds_is_written_as_it_was_and_computed_with_as_one() -> None:
    number = parsed(LONG)
    assert type(parsed("19.99")) is float
    assert isinstance(number, Exact)
    assert number / 2 == float(LONG) / 2
    assert as_json({"v": [number]}).decode() == f'{{"v":["{LONG}"]}}'
    assert as_json({"v": [number, 2**70]}).decode() == f'{{"v":["{LONG}","{2**70}"]}}'


def test_dlts_own_parser_keeps_digits_meanwhile_and_is_itself_afterwards() -> None:
    with exact_numbers():
        [number] = dlt_json.loads(f"[{LONG}]")
        assert number.text == LONG
        assert dlt_json.dumps([number], sort_keys=True) == f'["{LONG}"]'  # as it hashes rows
        assert loaded({"state": dumped({"a": {"last_value": number}})}) == {
            "a": {"last_value": float(LONG)}
        }
    assert type(dlt_json.loads(f"[{LONG}]")[0]) is float


def test_a_state_is_the_same_text_whatever_order_and_types_it_has() -> None:
    one = {"a": {"unique_hashes": ["x", "y"], "at": AT, "price": Decimal("1.10"), "none": {}}}
    other = {"a": {"price": Decimal("1.10"), "at": AT, "unique_hashes": ["y", "x"]}}
    assert dumped(one) == dumped(other)
    assert loaded({"state": dumped(one)}) == other | {
        "a": other["a"] | {"unique_hashes": ["x", "y"]}
    }


def test_rows_are_the_same_content_in_whatever_order_they_come() -> None:
    import pyarrow as pa

    hashes = []
    for values in ([1, 2, 2], [2, 1, 2], [1, 2]):
        spool = Spool()
        places = list(range(len(values)))
        spool.add(pa.table({"v": values, "_position": places}))
        hashes.append(spool.content_hash())
        spool.close()
    assert hashes[0] == hashes[1] != hashes[2]


@on_sqlite
def test_tables_frames_and_records_of_one_resource_are_each_read_by_their_own_types(
    lakehouse: Lakehouse, tmp_path: Path
) -> None:
    folder = drafted("shapes", tmp_path / "c")
    [file] = folder.rglob("*.yaml")
    text = file.read_text(encoding="utf-8")
    start = text.index("    properties:")
    file.write_text(
        text[:start] + "    properties:\n"
        "      - {name: id, logicalType: integer}\n"
        '      - {name: n, logicalType: number, physicalType: "decimal(18,2)"}\n',
        encoding="utf-8",
    )
    report = synced(lakehouse, "shapes", folder).as_json()
    assert (report["loaded"], report["quarantined"]) == (7, 1)
    # Nothing was rounded into the type of what came first.
    assert lakehouse.sql("select id, n::varchar, _position from bronze.shapes_shapes order by id") == [
        (1, "1.00", 1), (2, "2.50", 2), (3, None, 3), (4, "4.50", 4), (5, "5.50", 5), (6, "6.00", 6),
        (8, "8.00", 8),
    ]  # fmt: skip
    [(reasons, position)] = lakehouse.sql("select reasons::varchar, position from ops.quarantine")
    assert "a value is a object, which has no form in JSON" in reasons
    assert position == 7
