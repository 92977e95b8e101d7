"""A contract's columns are called what its source calls them, whatever our own SQL says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.runs import Run
from catalog.undo import undo
from data_contracts.loading import Loading
from orchestration.retry import retry
from tests.catalog.changes_help import BROKEN, Row, Sent, contract_of
from tests.lake_help import on_sqlite, write_csv

if TYPE_CHECKING:
    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

PLAIN = ("id", "amount", "day", "op", "at")
# Names that the comparison's SQL, the mending's, the views' and the tables of `ops` have themselves.
NAMES = (
    ("rank", "nth", "place", "before", "followed"),
    ("batch", "what", "covers_from", "key", "delivered_at"),
    ("log", "v", "versions", "p", "valid_from"),
    ("_key", "covers_to", "_day", "spans", "Recorded_At"),
    ("t", "valid_to", "table_name", "emptied", "places"),
    ("c", "_nth", "Rank", "later", "s"),
)
MODES = {
    "snapshot": Loading(mode="snapshot", delivery_order="{place}", shrink=100),
    "arriving": Loading(mode="snapshot", shrink=100),
    "period": Loading(mode="period", period_by="day", period=("first", "last"), shrink=100),
    "upsert": Loading(mode="upsert", delivery_order="{place}"),
    "ordered": Loading(mode="upsert", order_by=("at",), delete_when="{op} = 'd'"),
    "cdc": Loading(mode="cdc", delivery_order="{place}", operation="op"),
    "timed": Loading(mode="cdc", order_by=("at",), operation="op"),
}
ARRIVING = (
    Sent(2, (Row("a", "2", at=2), Row("b", "5", at=2), Row("c", BROKEN, at=2))),
    Sent(1, (Row("a", "1", at=1), Row("c", "1", at=1), Row("d", "3", at=1))),
    Sent(4, (Row("b", "5", op="d", at=4), Row("a", "2", at=4), Row("d", "1", at=4))),
    Sent(3, (Row("a", "3", at=3), Row("b", "4", at=3), Row("c", "2", at=3))),
)


def called(held_to: Contract, names: tuple[str, ...]) -> Contract:
    """The contract with other names for its columns."""
    to = dict(zip(PLAIN, names, strict=True))
    loading = held_to.loading
    loading = replace(
        loading,
        order_by=tuple(to[name] for name in loading.order_by),
        period_by=to.get(loading.period_by or ""),
        operation=to.get(loading.operation or ""),
        delete_when=loading.delete_when and loading.delete_when.format(op=f'"{to["op"]}"'),
    )
    columns = [
        replace(column, name=to[column.name], source=to[column.source])
        for column in held_to.columns
    ]
    return replace(held_to, columns=tuple(columns), loading=loading)


def told(lakehouse: Lakehouse, held_to: Contract) -> list[list[tuple[object, ...]]]:
    """What the log, what is current and what was say, by place of the column."""
    said = []
    for table in ("bronze.{}", "silver.{}", "silver.{}_history"):
        columns = [f'"{column.name}"' for column in held_to.columns]
        columns += ["_op", "_position"] if table.startswith("bronze") else []
        if table.endswith("_history"):
            taken = {column.name.lower() for column in held_to.columns}
            for time in ("valid_from", "valid_to"):
                is_moment = f"_{time}" if time in taken else time
                by_arrival = not (held_to.loading.by_rows or held_to.loading.delivery_order)
                columns.append(f"{is_moment} is null" if by_arrival else is_moment)
        table = table.format(held_to.table)
        said.append(lakehouse.sql(f"select {', '.join(columns)} from {table} order by all"))
    return said


@on_sqlite
@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_columns_of_changes_may_be_called_what_our_sql_calls_its_own(
    lakehouse: Lakehouse, mode: str
) -> None:
    plain: list[list[list[tuple[object, ...]]]] = []
    at = [*MODES].index(mode)
    for number, names in enumerate((PLAIN, NAMES[at % len(NAMES)])):  # all of them: half a minute
        name = f"{mode}{number}"
        strict, loose = (called(contract_of(name, MODES[mode], most), names) for most in (4, None))
        files = [
            write_csv(
                lakehouse.folder / name / f"2026-01-01_2026-01-01_{sent.place:04}.csv",
                *(row.line for row in sent.rows),
                header=",".join(names),
            )
            for sent in ARRIVING
        ]
        outcomes = lakehouse.load(strict, *files).outcomes
        assert [outcome.reason for outcome in outcomes] == [None] * len(files)
        said = [told(lakehouse, strict)]
        retry(lakehouse.settings, [strict.id], lambda _, loose=loose: loose)  # type: ignore[misc]
        said.append(told(lakehouse, loose))
        if not loose.loading.by_rows:
            batch = outcomes[0].batch
            assert batch is not None
            run = Run("undo", lakehouse.settings)
            undo(lakehouse.lake, batch, run, lambda _, loose=loose: loose)  # type: ignore[misc]
            said.append(told(lakehouse, loose))
        assert all(any(tables) for tables in said)
        plain = plain or said
        assert said == plain, names


@on_sqlite
def test_a_history_s_own_times_make_room_for_columns_of_their_names(lakehouse: Lakehouse) -> None:
    names = ("id", "amount", "valid_from", "op", "VALID_TO")
    held_to = called(contract_of("price", MODES["upsert"]), names)
    file = write_csv(
        lakehouse.folder / "0001.csv", Row("a", "1", at=7).line, header=",".join(names)
    )
    lakehouse.load(held_to, file)
    history = "select valid_from::varchar, valid_to, _valid_from, _valid_to, recorded_at is null"
    assert lakehouse.sql(f"{history} from silver.shop_price_history") == [
        ("2026-01-01", 7, "0001", None, False)
    ]
