"""Tables of real databases, synced again and again: what is in silver is what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.runs import Run
from catalog.undo import undo
from orchestration.connectors.databases.address import address_of
from orchestration.contracts_of import contracts_of
from tests.lake_help import on_sqlite
from tests.orchestration.databases.source_help import Source, drafted, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.orchestration.databases.source_help",
)  # fmt: skip
once = pytest.mark.parametrize("source", ["sqlite"], indirect=True)  # of no kind in particular
pytestmark = [on_sqlite, pytest.mark.slow]

ORDERS = """
create table orders (
    id integer primary key, what varchar(20) not null, amount decimal(12,2),
    updated_at timestamp null
)
"""
PLAIN = "create table colours (id integer primary key, name varchar(20))"
KEYLESS = "create table log_lines (at varchar(20), line varchar(50))"


def row(number: int, moment: str | None, what: str = "tea") -> str:
    at = f"'{moment}'" if moment else "null"
    return f"insert into orders values ({number}, '{what}', {number}.25, {at})"


def current(lakehouse: Lakehouse, source: Source, table: str = "orders") -> list[str]:
    """The current rows as text."""
    domain = lakehouse.one("select table_schema || '.' || table_name from information_schema.tables "
                           f"where table_schema = 'silver' and table_name like '%\\_{table}' escape '\\'")  # fmt: skip
    columns = "id || ' ' || what" if table == "orders" else "id || ' ' || name"
    return [text for (text,) in lakehouse.sql(f"select {columns} from {domain} order by id")]


def test_a_second_sync_loads_nothing_whatever_the_key_of_the_table(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, PLAIN, KEYLESS, row(1, "2026-01-01 10:00:00"), row(2, None))
    source.execute("insert into colours values (1, 'red'), (2, 'blue')")
    source.execute("insert into log_lines values ('now', 'a'), ('now', 'a'), ('then', null)")
    folder = drafted(source, tmp_path / "c")
    assert sums(synced(lakehouse, source, folder)) == (7, 7, 0, 0, 0)
    assert synced(lakehouse, source, folder).as_json()["loaded"] == 0
    assert synced(lakehouse, source, folder).as_json()["tables"]["already_loaded"] == 3
    source.execute("update log_lines set line = 'b' where at = 'then'")
    assert synced(lakehouse, source, folder).as_json()["loaded"] == 3
    name = lakehouse.one("select table_name from ops.ledger where source like '%log_lines' limit 1")
    # A table without a key has no change log: the whole takes the place of what it was.
    lines = lakehouse.sql(f"select line from bronze.{name} order by line")
    assert lines == [("a",), ("a",), ("b",)]


def test_a_snapshot_has_what_was_changed_added_and_deleted(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(PLAIN, "insert into colours values (1, 'red'), (2, 'blue'), (3, 'green')")
    folder = drafted(source, tmp_path / "c")
    synced(lakehouse, source, folder)
    source.execute(
        "update colours set name = 'navy' where id = 2", "delete from colours where id = 3",
        "insert into colours values (4, 'pink')",
    )  # fmt: skip
    assert sums(synced(lakehouse, source, folder)) == (3, 2, 0, 1, 1)
    assert current(lakehouse, source, "colours") == ["1 red", "2 navy", "4 pink"]


def test_rows_that_share_the_last_watermark_are_neither_lost_nor_doubled(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    moment = "2026-01-01 10:00:00"
    source.execute(ORDERS, row(1, moment), row(2, moment), row(3, "2025-12-31 10:00:00"))
    folder = drafted(source, tmp_path / "c", overlap=None, compareKeys=None)
    synced(lakehouse, source, folder)
    source.execute(row(4, moment), row(5, "2026-01-02 10:00:00"))
    # Those of the last moment are read again; the older one is not.
    assert sums(synced(lakehouse, source, folder)) == (4, 2, 0, 2, 0)
    assert current(lakehouse, source) == ["1 tea", "2 tea", "3 tea", "4 tea", "5 tea"]
    assert lakehouse.one("select count(*) from ops.delivery where unchanged = 2") == 1


def test_what_commits_late_within_the_overlap_is_read_and_beyond_it_by_a_full_sync(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"))
    folder = drafted(source, tmp_path / "c", overlap="10 minutes", compareKeys=None)
    synced(lakehouse, source, folder)
    source.execute(row(2, "2026-01-01 09:50:00"), row(3, "2026-01-01 09:49:59"))
    assert sums(synced(lakehouse, source, folder)) == (2, 1, 0, 1, 0)
    assert current(lakehouse, source) == ["1 tea", "2 tea"]
    assert sums(synced(lakehouse, source, folder, full=True)) == (3, 1, 0, 2, 0)
    assert current(lakehouse, source) == ["1 tea", "2 tea", "3 tea"]


def test_rows_that_are_deleted_for_good_are_known_by_their_keys(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, *(row(number, "2026-01-01 10:00:00") for number in range(1, 6)))
    folder = drafted(source, tmp_path / "c")
    synced(lakehouse, source, folder)
    source.execute("delete from orders where id in (1, 2)", row(6, "2026-01-01 11:00:00"))
    assert sums(synced(lakehouse, source, folder))[-1] == 2
    assert current(lakehouse, source) == ["3 tea", "4 tea", "5 tea", "6 tea"]


@once
def test_where_over_a_fifth_of_the_keys_are_gone_nothing_is_deleted_until_somebody_accepts_it(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, *(row(number, "2026-01-01 10:00:00") for number in range(1, 6)))
    folder = drafted(source, tmp_path / "c")
    synced(lakehouse, source, folder)
    source.execute("delete from orders where id in (1, 2)", row(6, "2026-01-01 11:00:00"))
    source.execute("delete from orders where id = 3")
    held = synced(lakehouse, source, folder).as_json()["failures"][0]["reason"]
    assert held.startswith("is held: it has 3 rows, and the table has 5; --accept loads it")
    assert current(lakehouse, source) == [f"{number} tea" for number in range(1, 6)]
    assert sums(synced(lakehouse, source, folder, accept=True))[-1] == 3
    assert current(lakehouse, source) == ["4 tea", "5 tea", "6 tea"]


@once
def test_rows_that_say_that_they_are_deleted_are(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"), row(2, "2026-01-01 10:00:00"))
    folder = drafted(source, tmp_path / "c", deleteWhen="what = 'gone'")
    synced(lakehouse, source, folder)
    source.execute(
        "update orders set what = 'gone', updated_at = '2026-01-01 10:01:00' where id = 1"
    )
    synced(lakehouse, source, folder)
    assert current(lakehouse, source) == ["2 tea"]


@once
def test_a_row_without_a_watermark_is_always_read(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"), row(2, None))
    folder = drafted(source, tmp_path / "c", overlap=None, compareKeys=None)
    synced(lakehouse, source, folder)
    source.execute("update orders set what = 'mate' where id = 2", row(3, None))
    assert sums(synced(lakehouse, source, folder)) == (3, 2, 0, 1, 0)
    assert current(lakehouse, source) == ["1 tea", "2 mate", "3 tea"]


def test_one_watermark_in_a_far_future_hides_no_later_rows(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    # MariaDB's timestamps end in 2038.
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"), row(2, "2037-12-31 10:00:00"))
    folder = drafted(source, tmp_path / "c", overlap=None, compareKeys=None)
    synced(lakehouse, source, folder)
    now = {"sqlite": "datetime('now')"}.get(source.kind, "now()")
    source.execute(f"insert into orders values (3, 'now', 1, {now})")
    synced(lakehouse, source, folder)
    assert current(lakehouse, source) == ["1 tea", "2 tea", "3 now"]


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_a_watermark_without_end_stops_no_later_sync(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"), row(2, "infinity"))
    folder = drafted(source, tmp_path / "c", compareKeys=None)
    assert sums(synced(lakehouse, source, folder)) == (2, 1, 1, 0, 0)
    source.execute("insert into orders values (3, 'now', 1, now())", row(4, "12026-01-01 10:00:00"))
    # What has no time that the lake knows is read each time, and is in quarantine.
    assert sums(synced(lakehouse, source, folder)) == (3, 1, 2, 0, 0)
    assert current(lakehouse, source) == ["1 tea", "3 now"]
    source.execute("delete from orders where id in (1, 3)", "delete from orders where id = 4")
    source.execute("update orders set updated_at = '-infinity'")
    assert sums(synced(lakehouse, source, folder, full=True, accept=True))[-1] == 2
    synced(lakehouse, source, folder)


def test_a_window_of_time_is_read_again_and_the_position_stays(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, *(row(n, f"2026-01-0{n} 00:00:00") for n in (1, 2, 3, 4)))
    folder = drafted(source, tmp_path / "c", overlap=None, compareKeys=None)
    synced(lakehouse, source, folder)
    source.execute("update orders set what = 'mate'")  # without a word of it in updated_at
    window = {"since": "2026-01-02", "until": "2026-01-04"}
    assert sums(synced(lakehouse, source, folder, **window)) == (2, 2, 0, 0, 0)
    assert current(lakehouse, source) == ["1 tea", "2 mate", "3 mate", "4 tea"]
    assert sums(synced(lakehouse, source, folder)) == (1, 1, 0, 0, 0)


@once
def test_two_instances_feed_one_contract_each_under_its_own_name(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(PLAIN, "insert into colours values (1, 'red')")
    folder = drafted(source, tmp_path / "c")
    synced(lakehouse, source, folder, origin="north")
    assert sums(synced(lakehouse, source, folder, origin="south")) == (1, 1, 0, 0, 0)
    assert current(lakehouse, source, "colours") == ["1 red", "1 red"]
    source.execute("update colours set name = 'blue'")
    synced(lakehouse, source, folder, origin="south")
    assert sorted(current(lakehouse, source, "colours")) == ["1 blue", "1 red"]


@once
def test_an_empty_table_is_loaded_and_one_that_is_suddenly_empty_is_held(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(PLAIN)
    folder = drafted(source, tmp_path / "c")
    assert sums(synced(lakehouse, source, folder)) == (0, 0, 0, 0, 0)
    source.execute("insert into colours values (1, 'red'), (2, 'blue')")
    synced(lakehouse, source, folder)
    source.execute("delete from colours")
    held = synced(lakehouse, source, folder)
    assert "is held: it has 0 rows" in held.as_json()["failures"][0]["reason"]
    assert current(lakehouse, source, "colours") == ["1 red", "2 blue"]
    assert sums(synced(lakehouse, source, folder, accept=True)) == (0, 0, 0, 0, 2)
    assert current(lakehouse, source, "colours") == []


@once
def test_a_changed_table_is_told_with_what_looks_like_a_rename(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(PLAIN, "insert into colours values (1, 'red')")
    folder = drafted(source, tmp_path / "c")
    synced(lakehouse, source, folder)
    source.execute("alter table colours rename column name to full_name")
    told = synced(lakehouse, source, folder).as_json()["failures"][0]["reason"]
    assert "name looks renamed to full_name" in told
    assert "--accept" in told
    source.execute("alter table colours rename column full_name to name")
    source.execute("alter table colours add column shade integer")
    source.execute("insert into colours values (2, 'blue', 7)")
    report = synced(lakehouse, source, folder)
    assert "+ shade" in report.as_json()["notes"][0]["note"]
    [(rescued,)] = lakehouse.sql(
        "select _rescued ->> 'shade' from bronze." + report.outcomes[0][0] + " where id = 2"
    )
    assert rescued == "7"


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_a_table_whose_key_changed_is_told_before_rows_take_one_anothers_place(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(PLAIN, "insert into colours values (1, 'red')")
    folder = drafted(source, tmp_path / "c")
    synced(lakehouse, source, folder)
    source.execute("alter table colours drop constraint colours_pkey, add primary key (id, name)")
    source.execute("insert into colours values (1, 'blue')")
    told = synced(lakehouse, source, folder).as_json()["failures"][0]["reason"]
    assert told.startswith("its key changed: id -> id, name; rows may share id, by which ")
    assert current(lakehouse, source, "colours") == ["1 red"]
    notes = [
        one["note"] for one in synced(lakehouse, source, folder, accept=True).as_json()["notes"]
    ]
    assert notes == [
        "its key changed: id -> id, name",
        "1 key is there more than once in what is a whole: of its rows the last counts",
    ]
    assert current(lakehouse, source, "colours") == ["1 blue"]


@once
def test_a_full_sync_that_reads_what_the_last_one_read_still_finds_what_is_gone(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"), row(2, "2026-01-02 10:00:00"))
    folder = drafted(source, tmp_path / "c", overlap=None, compareKeys=None)
    synced(lakehouse, source, folder)
    assert sums(synced(lakehouse, source, folder)) == (1, 0, 0, 1, 0)  # row 2 alone
    source.execute("delete from orders where id = 1")
    assert sums(synced(lakehouse, source, folder, full=True, accept=True)) == (1, 0, 0, 1, 1)
    assert current(lakehouse, source) == ["2 tea"]


@once
def test_a_table_that_has_not_changed_is_held_to_a_contract_that_has(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(PLAIN, "insert into colours values (1, 'red'), (2, 'blue')")
    folder = drafted(source, tmp_path / "c")
    [file] = folder.rglob("*.yaml")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("name: name, ", "name: name, enum: [{value: red}], "), "utf-8")
    assert sums(synced(lakehouse, source, folder)) == (2, 1, 1, 0, 0)
    file.write_text(text, encoding="utf-8")
    assert sums(synced(lakehouse, source, folder)) == (2, 1, 0, 1, 0)
    assert current(lakehouse, source, "colours") == ["1 red", "2 blue"]


@once
def test_what_was_undone_is_read_again(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"))
    folder = drafted(source, tmp_path / "c", overlap=None, compareKeys=None)
    synced(lakehouse, source, folder)
    source.execute(row(2, "2026-01-02 10:00:00"), row(3, "2026-01-03 10:00:00"))
    [(_, outcome)] = synced(lakehouse, source, folder).outcomes
    [contract] = contracts_of(folder, address_of(source.url).domain)
    assert outcome.batch is not None
    run = Run("undo", lakehouse.settings)
    undo(lakehouse.lake, outcome.batch, run, lambda _id: contract)
    assert current(lakehouse, source) == ["1 tea"]
    assert sums(synced(lakehouse, source, folder)) == (3, 2, 0, 1, 0)
    assert current(lakehouse, source) == ["1 tea", "2 tea", "3 tea"]


@once
def test_bytes_in_a_column_of_text_are_read_as_hex(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(PLAIN, "insert into colours values (1, 'red'), (2, x'ff00')")
    folder = drafted(source, tmp_path / "c")
    assert sums(synced(lakehouse, source, folder)) == (2, 2, 0, 0, 0)
    assert current(lakehouse, source, "colours") == ["1 red", "2 FF00"]


@once
def test_a_change_of_a_table_without_a_key_is_told_with_the_models_that_read_it(
    lakehouse: Lakehouse, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.execute(KEYLESS, "insert into log_lines values ('now', 'a')")
    folder = drafted(source, tmp_path / "c")
    [(table, _)] = synced(lakehouse, source, folder).outcomes
    model = tmp_path / "dbt_project" / "models" / "lines_of_today.sql"
    model.parent.mkdir(parents=True)
    model.write_text(f"select line from {{{{ source('bronze', '{table}') }}}}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    source.execute("alter table log_lines add column code integer")
    [note] = synced(lakehouse, source, folder).as_json()["notes"]
    assert note["note"] == "its table changed: + code INTEGER"
    source.execute("alter table log_lines rename column line to line_text")
    told = synced(lakehouse, source, folder).as_json()["failures"][0]["reason"]
    assert f"(line looks renamed to line_text); read by silver.{table}, lines_of_today; " in told
    [note] = synced(lakehouse, source, folder, accept=True).as_json()["notes"]
    assert note["note"].endswith("lines_of_today")
    assert lakehouse.sql(f'select "at", line from bronze.{table}') == [("now", None)]


@once
def test_a_text_that_is_no_utf_8_fails_no_other_row_and_loses_no_byte(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(ORDERS, row(1, "2026-01-01 10:00:00"), row(2, "2026-01-01 10:00:00", "mate"))
    folder = drafted(source, tmp_path / "c")
    synced(lakehouse, source, folder)
    source.execute("update orders set what = cast(x'c32861' as text) where id = 2")
    assert sums(synced(lakehouse, source, folder)) == (2, 1, 0, 1, 0)
    assert current(lakehouse, source) == ["1 tea", "2 C32861"]
