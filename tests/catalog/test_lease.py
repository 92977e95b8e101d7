"""A lease is had by one at a time; a killed holder's goes stale, and one who stood still is told."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from catalog import lease as module
from catalog.errors import LakeError
from catalog.lease import FOLDER, lease
from catalog.storage import Folder

if TYPE_CHECKING:
    from pathlib import Path

WORKERS, TURNS = 4, 3


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A place of files, whose leases are renewed fast."""
    monkeypatch.setattr(module, "POLL", 0.02)
    monkeypatch.setattr(module, "RENEWED", 0.05)
    return Folder(tmp_path)


def objects(place: Folder) -> list[str]:
    return [one.path for one in place.files(FOLDER)]


def test_a_lease_is_had_by_one_at_a_time(place: Folder) -> None:
    inside: list[int] = []
    seen: list[int] = []

    def work(number: int) -> None:
        for _ in range(TURNS):
            with lease(place, "it") as check:
                inside.append(number)
                time.sleep(0.02)
                seen.append(len(inside))
                inside.remove(number)
                check()

    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work, number) for number in range(WORKERS)]:
            done.result(60)
    assert seen == [1] * (WORKERS * TURNS)
    assert objects(place) == []


def test_a_lease_is_free_after_an_error_under_it(place: Folder) -> None:
    with pytest.raises(KeyError), lease(place, "it"):
        raise KeyError
    assert objects(place) == []


def test_a_lease_that_is_renewed_stays(place: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALE", 0.3)
    order: list[str] = []

    def wait() -> None:
        with lease(place, "it"):
            order.append("other")

    with ThreadPoolExecutor(1) as pool:
        with lease(place, "it") as check:
            other = pool.submit(wait)
            time.sleep(0.8)
            check()
            order.append("first")
        other.result(20)
    assert order == ["first", "other"]


def test_the_object_of_a_killed_holder_is_taken_away_when_it_is_stale(
    place: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.write(f"{FOLDER}/dead") as stream:
        stream.write(b"process 1 on nowhere")
    monkeypatch.setattr(module, "STALE", 0.5)
    started = time.monotonic()
    with lease(place, "it") as check:
        check()
        assert time.monotonic() - started > 0.3
        assert f"{FOLDER}/dead" not in objects(place)


def test_who_has_lost_the_lease_is_told_in_one_line(place: Folder) -> None:
    with lease(place, "the place") as check:
        [mine] = objects(place)
        place.delete(mine)
        with pytest.raises(LakeError, match=r"^the place: its lock was lost, [^\n]+run it again$"):
            check()
