"""First contracts of databases: what a schema says is in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from data_contracts.find import find
from orchestration.connectors.databases.address import address_of
from orchestration.errors import InputError
from orchestration.init.database.checks import held
from orchestration.init.database.write import init

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract
    from tests.orchestration.databases.source_help import Source

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.orchestration.databases.source_help",
)  # fmt: skip
SCHEMA = """
create table line_items (
    order_id integer not null, position integer not null, what varchar(20) not null,
    amount decimal(12,3) check (amount >= 0.5 and amount < 100), kind varchar(5),
    note varchar(50), day date, write_date timestamp null, create_date timestamp null,
    primary key (order_id, position), check (kind in ('a', 'b')), check (length(note) > 2)
)
"""


def contract_of(source: Source, folder: Path) -> Contract:
    [written] = init(source.url, folder)
    return find(str(written.path))


def test_keys_types_checks_and_not_nulls_are_the_schemas(source: Source, tmp_path: Path) -> None:
    source.execute(SCHEMA)
    contract = contract_of(source, tmp_path)
    columns = {column.name: column for column in contract.columns}
    assert [column.name for column in contract.key] == ["order_id", "position"]
    assert {n for n, c in columns.items() if c.required} == {"order_id", "position", "what"}
    assert columns["amount"].type == "DECIMAL(12,3)"
    assert columns["amount"].options == {"minimum": 0.5, "exclusiveMaximum": 100}
    assert columns["kind"].enum == ("a", "b")
    assert columns["day"].type == "DATE"
    assert columns["write_date"].logical_type == "timestamp"
    assert contract.source == "line_items"
    assert contract.reading.format == "table"
    text = contract.file.read_text(encoding="utf-8")
    assert "Not held here: CHECK" in text


def test_a_column_that_says_when_a_row_was_written_is_the_watermark(
    source: Source, tmp_path: Path
) -> None:
    source.execute(SCHEMA)
    contract = contract_of(source, tmp_path)
    assert contract.loading.mode == "upsert"
    assert contract.syncing.watermark == ("write_date", "create_date")
    assert contract.syncing.compare_keys
    assert contract.syncing.overlap == 600


@pytest.mark.parametrize("source", ["postgres", "mariadb"], indirect=True)
def test_comments_are_descriptions(source: Source, tmp_path: Path) -> None:
    if source.kind == "postgres":
        source.execute(
            "create table t (id integer primary key)",
            "comment on table t is 'All of it'; comment on column t.id is 'Its number: \"1\"'",
        )
    else:
        source.execute(
            "create table t (id integer primary key comment 'Its number: \"1\"') "
            "comment = 'All of it'"
        )
    contract = contract_of(source, tmp_path)
    assert contract.description == "All of it"
    assert contract.columns[0].description == 'Its number: "1"'


def test_a_table_without_a_key_says_what_becomes_of_it(source: Source, tmp_path: Path) -> None:
    source.execute("create table t (a integer)")
    contract = contract_of(source, tmp_path)
    assert contract.loading.mode == "append"
    assert contract.redelivery == "replace"
    assert "no key by which its rows could be known" in contract.file.read_text(encoding="utf-8")


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_a_table_without_columns_is_left_out(source: Source, tmp_path: Path) -> None:
    source.execute("create table t (a integer)", "create table nothing ()")
    assert contract_of(source, tmp_path).source == "t"


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_the_address_of_a_socket_is_shown_as_it_may_be_given_again(source: Source) -> None:
    shown = address_of(source.url).shown
    assert "host=%2F" in shown
    assert address_of(shown) == replace(address_of(source.url), url=shown)


def test_a_name_with_a_space_or_of_a_keyword_is_read(source: Source, tmp_path: Path) -> None:
    quote = "`" if source.kind == "mariadb" else '"'
    source.execute(
        f"create table {quote}Order Details{quote} "
        f"({quote}Order{quote} integer primary key, {quote}Unit Price{quote} integer)"
    )
    contract = contract_of(source, tmp_path)
    assert contract.source == "Order Details"
    assert [(c.name, c.source) for c in contract.columns] == [
        ("order_", "Order"), ("unit_price", "Unit Price"),
    ]  # fmt: skip


def test_a_contract_that_is_there_is_not_written_over(source: Source, tmp_path: Path) -> None:
    source.execute("create table t (a integer)")
    init(source.url, tmp_path)
    with pytest.raises(InputError, match="is there already"):
        init(source.url, tmp_path)


@pytest.mark.parametrize(
    ("check", "dialect", "options", "enums"),
    [
        ("[x]>=(0) AND [x]<=(1)", "sqlite", {"minimum": 0, "maximum": 1}, {}),
        ("(x between 1 and 9.5)", "sqlite", {"minimum": 1, "maximum": 9.5}, {}),
        ("((0)::numeric < x)", "postgres", {"exclusiveMinimum": 0}, {}),
        ("x > -5", "mysql", {"exclusiveMinimum": -5}, {}),
        (
            "((t)::text = ANY ((ARRAY['a'::character varying])::text[]))",
            "postgres",
            {},
            {"t": ("a",)},
        ),
    ],
)
def test_a_check_is_what_the_contract_holds(
    check: str, dialect: str, options: dict[str, float], enums: dict[str, tuple[str, ...]]
) -> None:
    found = held([check], dialect, {"x": "number", "t": "string"})
    assert found.others == []
    assert found.options.get("x", {}) == options
    assert found.enums == enums


@pytest.mark.parametrize("check", ["x > y", "x > 1 or x < 0", "length(t) > 2", "t > 'a'", "x ==="])
def test_a_check_that_a_contract_has_no_words_for_is_told(check: str) -> None:
    found = held([check], "sqlite", {"x": "number", "y": "number", "t": "string"})
    assert len(found.others) == 1
    assert not found.options
