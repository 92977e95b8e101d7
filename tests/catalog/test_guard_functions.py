"""Functions are allowed by name; what DuckDB has besides them is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from catalog import allowed, extensions
from catalog.errors import QueryRefusedError
from catalog.guard import check

if TYPE_CHECKING:
    from catalog.lake import Lake

pytest_plugins = "tests.catalog.query_help"

DANGEROUS = re.compile(
    r"^(read|sniff|scan|attach|duckdb|ducklake|pragma|sqlite|postgres|parquet|iceberg|pg_|inet_"
    r"|current_(setting|quer|schema|database|catalog|user|role|connection|transaction)|icu_collate"
    r"|json_serialize|json_deserialize|json_execute|disable|enable|__|st_)"
    r"|(_scan|_query|_attach|_execute|_privilege|_info|_metadata)$"
    r"|^(getenv|getvariable|nextval|currval|setseed|write_log|sleep_ms|query|query_table|glob"
    r"|which_secret|checkpoint|force_checkpoint|error|finalize|combine|txid_current|in_search_path"
    r"|get_block_size|format_type|stats|seq_scan|index_scan|repeat_row|test_all_types|summary)$"
)
DRAWN = {"random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7"}
SPECIAL = {"unnest"}  # of the binder's own


@pytest.fixture(scope="module")
def functions(lake: Lake) -> list[tuple[str, str, str, bool]]:
    """What a connection has: name, schema, kind and whether it has side effects."""
    with lake.connect() as connection:
        connection.execute(f"load '{extensions.file_of('postgres_scanner')}'")
        found = connection.execute(
            "select distinct function_name, schema_name, function_type, "
            "coalesce(has_side_effects, false) from duckdb_functions()"
        ).fetchall()
    assert len(found) > 900
    return found


@pytest.mark.slow
def test_every_function_that_is_not_listed_is_refused(
    functions: list[tuple[str, str, str, bool]],
) -> None:
    for name, schema, _, _ in functions:
        called = '"{}"(1)'.format(name.replace('"', '""'))
        if schema != "main":
            called = f"{schema}.{called}"
        if name not in allowed.functions():
            with pytest.raises(QueryRefusedError, match="is not allowed"):
                check(f"select {called}")
        if name not in allowed.TABLE_FUNCTIONS:
            with pytest.raises(QueryRefusedError, match="is not allowed"):
                check(f"from {called}")


def test_no_dangerous_function_is_listed() -> None:
    listed = allowed.functions() | allowed.TABLE_FUNCTIONS
    assert not {name for name in listed if DANGEROUS.search(name)}


def test_the_listed_functions_with_side_effects_only_draw_numbers(
    functions: list[tuple[str, str, str, bool]],
) -> None:
    acting = {name for name, _, _, acts in functions if acts}
    assert acting & allowed.functions() == acting & DRAWN
    assert {"nextval", "write_log"} <= acting


def test_every_listed_name_is_a_function_of_this_duckdb(
    functions: list[tuple[str, str, str, bool]],
) -> None:
    values = {name for name, _, kind, _ in functions if kind in ("scalar", "aggregate", "macro")}
    tables = {name for name, _, kind, _ in functions if kind in ("table", "table_macro")}
    assert allowed.functions() - SPECIAL <= values
    assert tables >= allowed.TABLE_FUNCTIONS


def test_no_listed_name_is_a_macro_that_reads_more_than_its_arguments(lake: Lake) -> None:
    with lake.connect() as connection:
        macros = connection.execute(
            "select function_name, macro_definition from duckdb_functions() "
            "where function_type = 'macro'"
        ).fetchall()
    found = {name: text for name, text in macros if name in allowed.functions()}
    assert found
    assert not {name for name, text in found.items() if re.search(r"\b(from|select)\b", text, re.I)}


def test_the_lists_are_sorted_and_hold_each_name_once() -> None:
    for name in ("functions.txt", "nodes.txt"):
        lines = (allowed.FOLDER / name).read_text(encoding="utf-8").splitlines()
        assert lines == sorted(set(lines))
