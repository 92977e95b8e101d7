"""dlt's sql_database on SQLite, as records and as Arrow tables: equal rows, increments, drift."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.lake_help import on_sqlite
from tests.orchestration.dlt.dlt_help import drafted, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.orchestration.dlt.dlt_help")
pytestmark = [
    on_sqlite, pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning"),
]  # fmt: skip
BOTH = ("by_rows", "by_arrow")
MADE = """
create table orders (
    id integer primary key, what varchar(20) not null, amount numeric(12,2),
    changed timestamp not null, made date, content blob, is_paid boolean
)
"""
ROW = "insert into orders values (?, ?, ?, ?, '2026-01-31', x'00ff', ?)"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with 35 rows, of which five share the last moment."""
    found = tmp_path / "shop.db"
    monkeypatch.setenv("SOURCES__SYSTEMS__URL", f"sqlite:///{found}")
    rows = [
        (n, f"tea {n}", f"{n}.10", f"2026-01-{min(n, 30):02} 10:00:00.000000", n % 2)
        for n in range(1, 36)
    ]
    with closing(sqlite3.connect(found)) as session, session:
        session.execute(MADE)
        session.executemany(ROW, rows)
    return found


def execute(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as session, session:
        for statement in statements:
            session.execute(statement)


def same(lakehouse: Lakehouse, file: Path, name: str) -> bool:
    """Whether silver is what the database holds."""
    ours = lakehouse.sql(
        "select id, what, amount::varchar, strftime(changed, '%Y-%m-%d %H:%M:%S'), made::varchar, "
        f"content, is_paid from silver.{name}_orders order by id"
    )
    with closing(sqlite3.connect(file)) as session:
        its = session.execute(
            "select id, what, printf('%.2f', amount), substr(changed, 1, 19), made, "
            "lower(hex(content)), is_paid from orders order by id"
        ).fetchall()
    return ours == its


@pytest.mark.parametrize("name", BOTH)
def test_rows_equal_the_tables_and_a_second_sync_reads_only_what_was_changed(
    lakehouse: Lakehouse, file: Path, tmp_path: Path, name: str
) -> None:
    folder = drafted(name, tmp_path / "c")
    assert sums(synced(lakehouse, name, folder)) == (35, 35, 0, 0, 0)
    assert same(lakehouse, file, name)
    assert synced(lakehouse, name, folder).as_json()["loaded"] == 0
    execute(
        file,
        "insert into orders select 36, what, amount, changed, made, content, 1 from orders where id = 35",
        "update orders set what = 'mate', changed = '2026-02-01 10:00:00.000000' where id = 2",
    )
    read, loaded, *_ = sums(synced(lakehouse, name, folder))
    assert loaded == 2, read
    assert same(lakehouse, file, name)


def test_a_column_of_arrow_that_is_gone_is_told_with_what_looks_like_a_rename(
    lakehouse: Lakehouse, file: Path, tmp_path: Path
) -> None:
    execute(file, "update orders set made = null where id < 3")  # so that it may be
    folder = drafted("by_arrow", tmp_path / "c")
    synced(lakehouse, "by_arrow", folder)
    execute(
        file,
        "alter table orders rename column made to made_on",
        "update orders set changed = '2026-02-01 10:00:00.000000' where id = 2",
    )
    [failure] = synced(lakehouse, "by_arrow", folder).as_json()["failures"]
    assert "made looks renamed to made_on" in failure["reason"]
    assert "--accept" in failure["reason"]
    report = synced(lakehouse, "by_arrow", folder, accept=True)
    assert sums(report)[0] == 1
    assert "made looks renamed" in report.as_json()["notes"][0]["note"]
    execute(file, "update orders set changed = '2026-03-01 10:00:00.000000' where id = 3")
    report = synced(lakehouse, "by_arrow", folder)
    assert (sums(report)[0], report.as_json()["notes"]) == (1, [])
