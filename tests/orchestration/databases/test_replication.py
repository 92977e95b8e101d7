"""Changes of a real PostgreSQL by logical replication: in the lake what the database holds."""

from __future__ import annotations

import json
import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from typer.testing import CliRunner

from data_contracts.find import find
from orchestration.cli.app import app
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases import replication
from orchestration.connectors.databases.replication_session import number
from orchestration.errors import InputError
from orchestration.init.database.write import init
from orchestration.slot import make
from orchestration.turns import meant, synced
from tests.orchestration.databases.replication_help import ORDERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Server
    from tests.orchestration.databases.replication_help import LogicalServer, Shop

pytest_plugins = ("tests.lake_help", "tests.orchestration.databases.replication_help")
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)]


def test_every_kind_of_change_ends_in_what_the_database_holds(shop: Shop) -> None:
    shop.make()
    first = shop.sync()
    assert first.ok, first.as_json()
    assert first.as_json()["loaded"] == 20
    shop.assert_same()
    assert shop.sync().as_json()["tables"] == {"loaded": 0, "already_loaded": 1, "failed": 0}
    shop.execute(
        "insert into orders (id, customer, amount, tags, is_paid, raw, placed_at) values "
        "(21, 'ü \"x\"', 123456789.10, array['q\"', null], true, '\\xdeadbeef', '2026-07-01 12:00+02')",
        "update orders set amount = amount + 0.01 where id <= 3",
        "update orders set id = 100 where id = 4",
        "delete from orders where id in (5, 6)",
        "begin; update orders set amount = 0; rollback",
        "begin; insert into orders (id, customer) values (200, 'x'); delete from orders where id = 200; commit",
    )
    report = shop.sync().as_json()
    assert (report["quarantined"], report["failures"]) == (0, [])
    assert report["read"] == 1 + 3 + 2 + 2 + 2
    shop.assert_same()


def test_a_truncated_table_is_empty_and_what_comes_after_stays(shop: Shop) -> None:
    shop.make()
    shop.sync()
    shop.execute(
        "update orders set note = 'gone' where id = 1",
        "truncate orders",
        "insert into orders (id, customer) values (1, 'new'), (2, 'new')",
    )
    assert shop.sync().ok
    shop.assert_same()
    shop.execute(
        "begin; insert into orders (id, customer) values (3, 'x'); truncate orders; commit"
    )
    assert shop.sync().ok
    assert shop.silver() == []


def test_transactions_around_the_first_copy_are_neither_lost_nor_applied_twice(shop: Shop) -> None:
    shop.make()
    with psycopg.connect(shop.url) as running, psycopg.connect(shop.url) as other:
        running.execute("update orders set amount = amount + 1 where id = 1")
        running.execute("insert into orders (id, customer) values (50, 'late')")
        other.execute("savepoint s")
        other.execute("delete from orders where id = 2")
        other.execute("release s")
        shop.execute("update orders set amount = amount + 1 where id = 3")  # the copy has it
        assert shop.sync().as_json()["loaded"] == 20
        running.commit()
        other.commit()
    shop.execute("update orders set amount = amount + 1 where id = 4")
    report = shop.sync().as_json()
    assert (report["read"], report["loaded"]) == (4, 4)
    shop.assert_same()


def test_a_long_value_that_an_update_left_unchanged_is_kept(shop: Shop) -> None:
    long = "(select string_agg(md5(n::text || {}), '') from generate_series(1, 400) as n)"
    shop.execute(f"update orders set note = {long.format(1)} where id = 1")
    shop.make()
    shop.sync()
    shop.execute("update orders set amount = 7 where id = 1")  # kept from the lake
    shop.execute(f"update orders set note = {long.format(2)} where id = 1")
    shop.execute("update orders set amount = 8 where id = 1")  # and from the change before
    report = shop.sync().as_json()
    assert (report["loaded"], report["quarantined"]) == (3, 0)
    shop.assert_same()
    history = "select amount, length(note), md5(note) from bronze.{}_orders where id = 1 order by _batch, _position"
    notes = [md5 for _, _, md5 in shop.lakehouse.sql(history.format(shop.domain))]
    assert notes[0] == notes[1] != notes[2] == notes[3]
    shop.execute("alter table orders replica identity full")
    shop.execute("update orders set id = 300 where id = 1")
    assert shop.sync().as_json()["quarantined"] == 0
    shop.assert_same()


def test_a_long_value_that_nothing_knows_is_told_and_read_again_in_full(shop: Shop) -> None:
    shop.execute(
        "update orders set note = "
        "(select string_agg(md5(n::text), '') from generate_series(1, 400) as n) where id = 1"
    )
    shop.make()
    shop.sync()
    shop.execute("update orders set id = 300 where id = 1")  # under a key that nobody has seen
    report = shop.sync().as_json()
    assert (report["loaded"], report["quarantined"]) == (1, 1), report["failures"]
    [(reason,)] = shop.lakehouse.sql("select reasons[1] from ops.quarantine")
    assert reason.startswith("note: PostgreSQL did not send this long value")
    assert "replica identity full" in reason
    assert shop.sync(full=True).ok
    shop.assert_same()


def test_tables_are_cut_between_the_same_transactions(shop: Shop) -> None:
    shop.execute("create table lines (id integer primary key, n integer)")
    shop.execute("insert into lines values (1, 0)", "update orders set amount = 0 where id = 1")
    for file in shop.folder.rglob("*.yaml"):
        file.unlink()
    shop.draft()
    shop.make()
    shop.sync()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            shop.execute(
                "begin; update orders set amount = amount + 1 where id = 1; "
                "update lines set n = n + 1; commit"
            )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = []
        for _ in range(4):
            assert shop.sync().ok
            seen.append((shop.silver("amount::int")[0][0], shop.silver("n", "lines")[0][0]))
            shop.lakehouse.close()
    finally:
        stop.set()
        writer.join()
    amounts = [int(row[0]) for row in shop.lakehouse.sql(
        f"select amount from silver.{shop.domain}_orders where id = 1")]  # fmt: skip
    assert amounts == [seen[-1][1]]
    assert seen[0][1] < seen[-1][1]


def test_a_renamed_column_is_told_in_one_line_and_no_value_is_lost(shop: Shop) -> None:
    shop.make()
    shop.sync()
    shop.execute("update orders set note = 'before' where id = 1")
    shop.execute("alter table orders rename column note to remark")
    shop.execute("update orders set remark = 'after' where id = 2")
    [failure] = shop.sync().as_json()["failures"]
    assert "note looks renamed to remark" in failure["reason"]
    assert "\n" not in failure["reason"]
    [file] = shop.folder.rglob("*.yaml")
    file.write_text(
        file.read_text("utf-8").replace("{name: note,", "{name: note, physicalName: remark,"),
        "utf-8",
    )
    report = shop.sync().as_json()
    assert (report["failures"], report["loaded"]) == ([], 2)
    assert shop.silver("note") == [("after",), ("before",), *[(None,)] * 18]


def test_a_slot_follows_only_to_where_every_table_is_in_the_lake(shop: Shop) -> None:
    shop.make()
    start = shop.confirmed()
    shop.sync()
    assert shop.confirmed() == start  # until changes are in the lake
    shop.execute("update orders set amount = 1")
    shop.sync()
    [(lsn,)] = shop.lakehouse.sql(
        "select position->>'$.lsn' from ops.delivery order by batch desc limit 1"
    )
    assert shop.confirmed() == lsn != start


def test_what_a_slot_has_no_more_is_told_and_a_full_sync_mends_it(shop: Shop) -> None:
    shop.make()
    shop.sync()
    shop.execute("delete from orders where id <= 3")
    shop.execute("select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) "
                 "from pg_replication_slots where database = current_database()")  # fmt: skip
    [failure] = shop.sync().as_json()["failures"]
    assert (
        "are gone from it; read the whole table again: lakehouse sync --full" in failure["reason"]
    )
    report = shop.sync(full=True).as_json()
    assert (report["failures"], report["deleted"]) == ([], 3)
    shop.assert_same()
    shop.execute("update orders set amount = 9")
    assert shop.sync().as_json()["loaded"] == 17
    shop.assert_same()


def test_two_syncs_at_once_wait_for_one_another(shop: Shop) -> None:
    shop.make()
    shop.sync()
    shop.execute("update orders set amount = amount + 1")
    loaded, threads = [], []
    for _ in range(2):
        threads.append(
            threading.Thread(target=lambda: loaded.append(shop.sync().as_json()["loaded"]))
        )
        threads[-1].start()
    for thread in threads:
        thread.join(60)
    assert sorted(loaded) == [0, 20]
    shop.assert_same()


def test_a_slot_is_made_and_dropped_by_command(
    shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> dict[str, Any]:
        said = CliRunner().invoke(app, ["sources", *arguments, "--json"], catch_exceptions=False)
        assert said.exit_code == 0, said.output
        result: dict[str, Any] = json.loads(said.stdout)
        return result

    [failure] = shop.sync().as_json()["failures"]
    assert (
        f"no replication slot lakehouse_{shop.domain}; make it: lakehouse sources slot make"
        in failure["reason"]
    )
    CliRunner().invoke(app, ["sources", "add", "shop", shop.url, "--contracts", str(shop.folder)])
    made = {"slot": f"lakehouse_{shop.domain}", "tables": ["public.orders"]}
    assert run("slot", "make", "shop") == {**made, "new": True, "added": []}
    assert run("slot", "make", "shop") == {**made, "new": False, "added": []}
    assert shop.sync().ok
    assert run("state", "shop")["tables"][0]["watermark"] == shop.confirmed()
    shop.execute(f"alter publication lakehouse_{shop.domain} drop table orders")
    [failure] = shop.sync().as_json()["failures"]
    assert "public.orders is not in publication" in failure["reason"]
    assert run("slot", "make", "shop")["added"] == ["public.orders"]
    assert run("slot", "drop", "shop") == {"slot": made["slot"], "dropped": True}
    assert shop.confirmed() is None
    assert shop.ask("select * from pg_publication") == []
    assert run("slot", "drop", "shop")["dropped"] is False


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["alter table orders replica identity nothing"], "has no replica identity; make one, or"),
        (
            ["create unique index u on orders (customer, id)", "alter table orders alter customer set not null",
             "alter table orders drop constraint orders_pkey"],
            "has no primary key; make one, or: alter table public.orders replica identity full",
        ),
        (["alter table orders drop column note",
          "alter table orders add note text generated always as (customer) stored"],
         "orders: note is generated, which PostgreSQL does not send"),
        (["drop table orders"], "there is no table orders"),
    ],
)  # fmt: skip
def test_a_table_whose_changes_cannot_be_read_is_told_with_what_to_do(
    shop: Shop, statements: list[str], told: str
) -> None:
    shop.execute(*statements)
    with pytest.raises(InputError, match=re.escape(told)) as raised:
        shop.make()
    assert "\n" not in str(raised.value)
    assert shop.confirmed() is None


def test_a_server_or_a_user_that_is_not_set_up_is_told_with_what_to_do(
    shop: Shop, server: Server, logical: LogicalServer
) -> None:
    name = server.database()
    other = server.url(name)
    with psycopg.connect(other, autocommit=True) as session:
        session.execute(ORDERS)
    folder = shop.folder.parent / "other"
    init(other, folder, changes=True)
    settings = shop.lakehouse.settings
    with pytest.raises(InputError, match="wal_level is replica, and logical is needed"):
        make(settings, other, folder, None)
    logical.execute("create role reader login", f"grant create on database {shop.domain} to reader")
    theirs = shop.url.replace("lakehouse@", "reader@")
    try:
        with pytest.raises(InputError, match="may not replicate; alter role reader replication"):
            make(settings, theirs, shop.folder, None)
        logical.execute("alter role reader replication")
        with pytest.raises(
            InputError, match="must be owner of table orders; a publication is made"
        ):
            make(settings, theirs, shop.folder, None)
    finally:
        shop.execute("drop owned by reader")
        logical.execute(f"revoke create on database {shop.domain} from reader", "drop role reader")


def test_a_column_that_is_added_is_told_and_rescued_and_a_full_sync_reads_all_of_it(
    shop: Shop,
) -> None:
    shop.make()
    shop.sync()
    shop.execute(
        "alter table orders add extra integer default 5",
        "update orders set amount = 1 where id = 1",
    )
    said = [note["note"] for note in shop.sync().as_json()["notes"]]
    assert said[0] == "its table changed: + extra integer"
    assert said[1].startswith("what extra has in rows that nobody writes again")
    extra = "count(*) filter ((_rescued->>'extra')::int = 5)"
    assert shop.silver(extra) == [(1,)]
    shop.lakehouse.close()
    assert shop.sync(full=True).ok
    assert shop.silver(extra) == [(20,)]


def test_a_partitioned_table_is_one_table(shop: Shop) -> None:
    shop.execute(
        "create table parts (id integer, day date, n integer, primary key (id, day)) "
        "partition by range (day)",
        "create table p1 partition of parts for values from ('2026-01-01') to ('2026-02-01')",
        "create table p2 partition of parts for values from ('2026-02-01') to ('2026-03-01')",
        "insert into parts values (1, '2026-01-05', 1), (2, '2026-02-05', 1)",
    )
    init(shop.url, shop.folder, tables=["parts"], changes=True)
    shop.make()
    assert shop.sync().ok
    shop.execute("update parts set day = '2026-02-06' where id = 1", "delete from p2 where id = 2")
    assert shop.sync().ok
    assert shop.silver("id, day::varchar", "parts") == [(1, "2026-02-06")]


def test_a_quiet_table_does_not_keep_the_log_of_a_busy_server(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.make()
    shop.sync()
    start = shop.confirmed()
    shop.execute("create table other as select n from generate_series(1, 1000) as n")
    assert shop.sync().as_json()["tables"]["already_loaded"] == 1
    assert shop.confirmed() == start  # a little is kept, so that nothing has to be written
    monkeypatch.setattr(replication, "QUIET", 1000)
    assert shop.sync().as_json()["read"] == 0
    assert shop.confirmed() != start
    shop.execute("update orders set amount = 3")
    assert shop.sync().as_json()["loaded"] == 20
    shop.assert_same()


def test_a_reset_reads_everything_again(shop: Shop) -> None:
    shop.make()
    shop.sync()
    shop.execute("delete from orders where id = 1", "update orders set amount = 3 where id = 2")
    shop.sync()
    [source] = meant(shop.lakehouse.settings, shop.url, shop.folder, [], None)
    report = synced(shop.lakehouse.lake, source, Asked(), anew=True).as_json()
    assert (report["failures"], report["loaded"]) == ([], 19)
    shop.assert_same()


def test_a_contract_may_name_where_and_when_a_change_was_committed(shop: Shop) -> None:
    [file] = shop.folder.rglob("*.yaml")
    file.write_text(
        file.read_text("utf-8")
        + "      - {name: lsn, physicalName: _lsn, logicalType: string}\n"
        + "      - {name: committed_at, physicalName: _committed_at, logicalType: timestamp}\n",
        "utf-8",
    )
    shop.make()
    shop.sync()
    [(before,)] = shop.ask("select pg_current_wal_lsn()")
    [(moment,)] = shop.ask("select clock_timestamp()")
    shop.execute("update orders set amount = 1 where id = 1")
    [(after,)] = shop.ask("select pg_current_wal_lsn()")
    report = shop.sync().as_json()
    assert (report["loaded"], report["quarantined"]) == (1, 0)
    [(lsn, at)] = shop.lakehouse.sql(
        f"select lsn, committed_at from silver.{shop.domain}_orders where op = 'u'"
    )
    assert number(before) <= number(lsn) < number(after)
    assert timedelta(0) <= at - moment < timedelta(minutes=1)
    [(copied,)] = shop.lakehouse.sql(
        f"select count(*) from silver.{shop.domain}_orders where op = 'r' and committed_at < '{moment}'"
    )
    assert copied == 19


def test_contracts_of_changes_are_drafted_by_command_and_nothing_is_found_in_them(
    shop: Shop, home: Path, tmp_path: Path
) -> None:
    shop.execute(
        "create table log (line text, op text)", "create table ops (op integer primary key)"
    )
    arguments = [
        "contracts",
        "init",
        shop.url,
        "--load",
        "cdc",
        "--out",
        str(tmp_path / "d"),
        "--json",
    ]
    said = CliRunner().invoke(app, arguments, catch_exceptions=False)
    drafted = {one["source_table"]: one["load"] for one in json.loads(said.stdout)["contracts"]}
    assert drafted == {"orders": "cdc", "ops": "cdc", "log": "append"}  # without a key, as ever
    checked = CliRunner().invoke(app, ["contracts", "check", str(tmp_path / "d"), "--json"])
    assert checked.exit_code == 0
    assert "arrives last" not in checked.stdout
    contract = find(str(tmp_path / "d" / shop.domain / "ops.odcs.yaml"))
    assert contract.loading.operation == "op_"
    wrong = CliRunner().invoke(app, [*arguments[:4], "upsert", *arguments[5:]])
    assert wrong.exit_code == 2
