"""Loads are taken back, retried, discarded and reloaded after upkeep as before it, or it is told why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError
from catalog.quarantine import discard
from catalog.runs import Run
from catalog.verify import verify
from data_contracts.retention import Retention
from orchestration.reload import reload
from orchestration.retry import retry
from tests.catalog.upkeep_help import AGED, NOW, keep_up
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there, contents, take_back
from tests.lake_help import ID, PRICE, QUANTITY, contract, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse, Prepared

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

WIDE = contract()
NARROW = contract(ID, replace(QUANTITY, options={"maximum": 5}), PRICE)
FIRST = ("a,1,1", "b,9,1", "c,x,1")  # of which the narrow one keeps one
MANY = tuple(f"m{number:02},1,1" for number in range(40))  # more than the catalog holds itself
# What each leaves besides the many: ids in bronze, and of the rows in quarantine.
OPERATIONS = {
    "undo": (["a", "o"], ["1-2", "1-3", "4-2"]),
    "reload": (["n", "o", "p", "x"], ["3-3"]),
    "retry": (["n", "o", "p", "x"], ["3-3"]),
    "discard": (["n", "o"], []),
}
REFUSED = "load 3 had taken the place of load 1, and the lake's history does not go back so far"


def load(lakehouse: Lakehouse, *, often: bool = False) -> None:
    """Four loads by a contract that is too narrow; the third took the place of the first.

    Args:
        lakehouse: to load.
        often: with upkeep after each, so that what is taken out is in files by then.
    """
    loads = (
        ("a.csv", FIRST),
        ("many.csv", MANY),
        ("a.csv", ("n,1,1", "x,8,1", "d,y,1")),
        ("other.csv", ("o,1,1", "p,7,1")),
    )
    for name, lines in loads:
        lakehouse.load(NARROW, write_csv(lakehouse.folder / name, *lines))
        if often:
            keep_up(lakehouse, NARROW)
    lakehouse.close()


def load_often(lakehouse: Lakehouse) -> None:
    load(lakehouse, often=True)


def mend(lakehouse: Lakehouse, operation: str) -> None:
    lakehouse.close()
    if operation == "undo":
        take_back(lakehouse, 3, NARROW)
    elif operation == "reload":
        reload(lakehouse.settings, WIDE)
    elif operation == "retry":
        retry(lakehouse.settings, [], lambda _: WIDE)
    else:
        discard(lakehouse.lake, ["3", "4-2"], Run("discard", lakehouse.settings))


def holds(lakehouse: Lakehouse, ids: list[str], broken: list[str]) -> None:
    """The rows are there, once, and upkeep changes nothing of them; files and ledger agree."""
    for _ in range(2):
        assert [one for one in lakehouse.ids() if one[0] != "m"] == ids
        assert [one for one in lakehouse.ids() if one[0] == "m"] == [m[:3] for m in MANY]
        found = lakehouse.sql("select id from ops.quarantine order by 1")
        assert [id_ for (id_,) in found] == broken
        assert_the_ledger_counts_what_is_there(lakehouse)
        assert verify(lakehouse.lake, lambda _: True) == []
        keep_up(lakehouse, WIDE)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_mends_a_load_does_so_after_its_files_were_flushed_rewritten_and_merged(
    lakehouse: Lakehouse, prepared: Prepared, request: pytest.FixtureRequest, operation: str
) -> None:
    prepared.copy_to(lakehouse, request, load_often)
    mend(lakehouse, operation)
    holds(lakehouse, *OPERATIONS[operation])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_mends_a_load_does_so_after_its_history_expired_or_is_refused_and_changes_nothing(
    lakehouse: Lakehouse, prepared: Prepared, request: pytest.FixtureRequest, operation: str
) -> None:
    prepared.copy_to(lakehouse, request, load_often)
    keep_up(lakehouse, NARROW, history=NOW)
    before = contents(lakehouse)
    if operation == "undo":
        with pytest.raises(LakeError, match=REFUSED):
            mend(lakehouse, operation)
        assert contents(lakehouse) == before
        # As the refusal says: the file that is meant to be there is loaded again.
        file = Path(lakehouse.one("select source from ops.ledger where batch = 3"))
        lakehouse.close()
        again = lakehouse.load(NARROW, write_csv(file, *FIRST))
        assert [outcome.status for outcome in again.outcomes] == ["loaded"]
        ids, broken = OPERATIONS[operation]
        holds(lakehouse, ids, ["4-2", *(one.replace("1-", "5-") for one in broken if one < "2")])
        take_back(lakehouse, 2, NARROW)  # which had taken nobody's place
        assert [one for one in lakehouse.ids() if one[0] == "m"] == []
        return
    mend(lakehouse, operation)
    holds(lakehouse, *OPERATIONS[operation])


def test_a_load_is_taken_back_beyond_a_reload_and_upkeep(lakehouse: Lakehouse) -> None:
    load(lakehouse)
    mend(lakehouse, "reload")
    keep_up(lakehouse, WIDE)
    take_back(lakehouse, 3, WIDE)
    holds(lakehouse, ["a", "o", "p"], ["1-2", "1-3"])


def test_rows_past_their_retention_do_not_come_back_when_a_load_is_taken_back(
    lakehouse: Lakehouse,
) -> None:
    long = replace(AGED, retention=Retention(90, "year", "day"))
    for name, lines in (
        ("a.csv", ("a,2001-01-02,1", "b,2025-01-02,2")),
        ("a.csv", ("c,2025-01-02,3",)),
    ):
        file = write_csv(lakehouse.folder / name, *lines, header="id,day,price")
        lakehouse.load(long, file)
    keep_up(lakehouse, AGED)
    undone = take_back(lakehouse, 2, AGED)
    assert undone.restored == {1: 1}
    assert lakehouse.ids() == ["b"]
    assert_the_ledger_counts_what_is_there(lakehouse)
    assert lakehouse.sql("select read, loaded, discarded from ops.ledger where of_load = 1") == [
        (2, 2, 0),
        (0, -1, 1),
    ]
