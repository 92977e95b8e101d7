"""A primary key that comes again is kept, quarantined or refused; a unique column never repeats."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import orchestration.ingest
from data_contracts.contract import Rule
from tests.lake_help import ID, PRICE, QUANTITY, contract, on_sqlite, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

KEEP, FIRST, REFUSE = (contract(duplicates=kind) for kind in ("keep", "first", "refuse"))
PAIR = (replace(ID, key_position=2), replace(QUANTITY, required=True, key_position=1), PRICE)
UNIQUE = contract(ID, replace(QUANTITY, unique=True), PRICE)
groups_of = pytest.mark.parametrize(
    "files_of_a_group", [1, 2, 1000], ids=lambda n: f"groups of {n}"
)


@pytest.fixture(autouse=True)
def _group(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "files_of_a_group" in request.fixturenames:
        size = request.getfixturevalue("files_of_a_group")
        monkeypatch.setattr(orchestration.ingest, "GROUP_FILES", size)


def load(lakehouse: Lakehouse, held_to: object, **files: tuple[str, ...]) -> list[str]:
    """Load files; what became of each."""
    paths = [write_csv(lakehouse.folder / f"{name}.csv", *lines) for name, lines in files.items()]
    return [outcome.status for outcome in lakehouse.load(held_to, *paths).outcomes]  # type: ignore[arg-type]


def quarantined(lakehouse: Lakehouse) -> list[tuple[str, int, str]]:
    return [
        (source.rpartition("/")[2], position, reason)
        for source, position, (reason,) in lakehouse.sql(
            "select source, position, reasons from ops.quarantine order by source, position"
        )
    ]


AGAIN = "primary key (id): is there already, and duplicates is first"


@on_sqlite
def test_keep_keeps_every_row(lakehouse: Lakehouse) -> None:
    load(lakehouse, KEEP, a=("x,1,1", "x,2,2"))
    load(lakehouse, KEEP, b=("x,3,3",))
    assert lakehouse.ids() == ["x", "x", "x"]


@groups_of
def test_first_quarantines_the_later_ones(lakehouse: Lakehouse, files_of_a_group: int) -> None:
    files = {"a": ("x,1,1", "y,2,2", "x,3,3"), "b": ("y,4,4", "z,5,5"), "c": ("z,6,6",)}
    assert load(lakehouse, FIRST, **files) == ["loaded"] * 3
    assert lakehouse.rows("id, quantity") == [("x", 1), ("y", 2), ("z", 5)]
    assert quarantined(lakehouse) == [("a.csv", 3, AGAIN), ("b.csv", 1, AGAIN), ("c.csv", 1, AGAIN)]
    load(lakehouse, FIRST, d=("x,9,9", "w,9,9"))  # against the table
    assert lakehouse.ids() == ["w", "x", "y", "z"]


@on_sqlite
def test_a_broken_row_is_not_the_first_of_its_key(lakehouse: Lakehouse) -> None:
    load(lakehouse, FIRST, a=("x,no number,1", "x,2,2", "x,bad,3"))
    assert lakehouse.rows("id, quantity") == [("x", 2)]
    reasons = [reason for _, _, reason in quarantined(lakehouse)]
    assert [AGAIN in reason for reason in reasons] == [False, False]


@on_sqlite
@groups_of
def test_a_failed_file_takes_no_key(lakehouse: Lakehouse, files_of_a_group: int) -> None:
    rows = Rule("rows", "library", "error", "rowCount", comparisons=(("mustBe", 1),))
    for kind in ("first", "refuse"):
        held_to = contract(duplicates=kind, rules=(rows,), name=kind)
        files = {f"{kind}1": ("x,1,1", "y,1,1"), f"{kind}2": ("x,2,2",), f"{kind}3": ("y,3,3",)}
        assert load(lakehouse, held_to, **files) == ["failed", "loaded", "loaded"]
        assert lakehouse.rows("id, quantity", f"shop_{kind}") == [("x", 2), ("y", 3)]


@pytest.mark.parametrize("held_to", [FIRST, REFUSE], ids=["first", "refuse"])
def test_a_key_of_a_load_that_is_replaced_is_free(lakehouse: Lakehouse, held_to: object) -> None:
    assert load(lakehouse, held_to, a=("x,1,1", "y,1,1")) == ["loaded"]
    assert load(lakehouse, held_to, a=("x,2,2", "z,2,2")) == ["loaded"]
    assert lakehouse.rows("id, quantity") == [("x", 2), ("z", 2)]
    assert quarantined(lakehouse) == []


@groups_of
def test_refuse_fails_the_file_that_repeats_a_key(
    lakehouse: Lakehouse, files_of_a_group: int
) -> None:
    files = {
        "a": ("x,1,1", "x,2,2"),  # within itself
        "b": ("x,3,3", "y,3,3"),  # is fine: the one before is not loaded
        "c": ("y,4,4",),  # against b
        "d": ("y,5,5", "z,5,5"),  # against b
        "e": ("z,6,6",),  # is fine: d is not loaded
    }
    assert load(lakehouse, REFUSE, **files) == ["failed", "loaded", "failed", "failed", "loaded"]
    assert lakehouse.rows("id, quantity") == [("x", 3), ("y", 3), ("z", 6)]
    assert load(lakehouse, REFUSE, f=("new,1,1", "z,7,7")) == ["failed"]  # against the table
    assert lakehouse.ids() == ["x", "y", "z"]


@on_sqlite
def test_a_refusal_names_the_key_and_some_of_what_is_repeated(lakehouse: Lakehouse) -> None:
    lines = (f"k{n % 5},{n},1" for n in range(10))
    report = lakehouse.load(REFUSE, write_csv(lakehouse.folder / "a.csv", *lines))
    assert report.outcomes[0].reason == (
        "id must be unique, and is repeated: {'id': k0}, {'id': k1}, {'id': k2} and 2 more"
    )


@groups_of
def test_a_composite_key_repeats_as_a_whole(lakehouse: Lakehouse, files_of_a_group: int) -> None:
    held_to = contract(*PAIR, duplicates="refuse")
    files = {"a": ("x,1,1", "x,2,1", "y,1,1"), "b": ("y,2,1",), "c": ("x,2,9",)}
    assert load(lakehouse, held_to, **files) == ["loaded", "loaded", "failed"]
    held_to = contract(*PAIR, duplicates="first", name="first")
    assert load(lakehouse, held_to, d=("x,1,1", "x,2,1", "x,1,9")) == ["loaded"]
    assert lakehouse.rows("id, quantity, price", "shop_first") == [("x", 1, 1), ("x", 2, 1)]


@on_sqlite
@pytest.mark.parametrize("kind", ["keep", "first", "refuse"])
def test_a_null_in_a_key_breaks_its_row_and_is_no_repetition(
    lakehouse: Lakehouse, kind: str
) -> None:
    assert load(
        lakehouse, contract(*PAIR, duplicates=kind), a=("x,,1", "x,,2", ",1,1", ",1,2")
    ) == ["loaded"]
    reasons = [reason for _, _, reason in quarantined(lakehouse)]
    assert (
        reasons == ["quantity: is missing and required"] * 2 + ["id: is missing and required"] * 2
    )


@groups_of
def test_a_unique_column_never_repeats(lakehouse: Lakehouse, files_of_a_group: int) -> None:
    files = {
        "a": ("x,1,1", "y,2,1", "v,,1", "w,,1"),  # nulls are no values
        "b": ("z,2,1",),
        "c": ("u,3,1", "t,3,1"),
        "d": ("s,3,1",),
    }
    assert load(lakehouse, UNIQUE, **files) == ["loaded", "failed", "failed", "loaded"]
    assert lakehouse.ids() == ["s", "v", "w", "x", "y"]


@on_sqlite
def test_a_broken_row_repeats_nothing(lakehouse: Lakehouse) -> None:
    held_to = contract(ID, QUANTITY, replace(PRICE, unique=True), duplicates="refuse")
    assert load(lakehouse, held_to, a=("x,bad,1", "x,2,1", "y,bad,1")) == ["loaded"]
    assert lakehouse.ids() == ["x"]


@on_sqlite
def test_many_files_that_repeat_keys_fare_as_one_by_one(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        f"f{at}": tuple(f"k{(at * step) % 17},{at * 10 + step},1" for step in (3, 5))
        for at in range(1, 25)
    }
    held_to = {size: contract(duplicates="refuse", name=f"of_{size}") for size in (1, 1000)}
    fared = {}
    for size, one in held_to.items():
        monkeypatch.setattr(orchestration.ingest, "GROUP_FILES", size)
        fared[size] = (load(lakehouse, one, **files), lakehouse.rows("id, quantity", one.table))
    assert fared[1] == fared[1000]
    assert {"loaded", "failed"} == set(fared[1][0])
