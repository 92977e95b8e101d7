"""Files that come into a watched folder are loaded once, when they are complete."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError
from catalog.lake import TABLES
from orchestration.errors import InputError
from orchestration.watch import watch
from tests.chaos.kills import CONTRACT
from tests.lake_help import contract, on_sqlite, orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = on_sqlite

COMMAND = str(Path(sys.executable).with_name("lakehouse"))


def looks(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, *between: Callable[[], object]
) -> list[object]:
    """What a watch yields while `between` is done, one after each look."""
    todo = iter(between)

    def sleep(_: float) -> None:
        next(todo)()

    monkeypatch.setattr(time, "sleep", sleep)
    found: list[object] = []
    with pytest.raises(RuntimeError, match="StopIteration"):
        found.extend(watch(lakehouse.settings, contract(), [str(lakehouse.folder)], every=1))
    return found


def nothing() -> None:
    """Another look, and nothing has changed."""


def test_a_file_is_loaded_when_it_is_complete_and_once(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders(lakehouse.folder / "in" / "a.csv", 5)
    whole = file.read_bytes()
    file.write_bytes(whole[:-8])
    reports = looks(
        lakehouse,
        monkeypatch,
        lambda: file.write_bytes(whole),  # it was still being written at the first look
        nothing,
        nothing,
        lambda: orders(lakehouse.folder / "b.csv", 2, 90),
        nothing,
        nothing,
    )
    assert [report.as_json()["loaded"] for report in reports] == [5, 2]  # type: ignore[attr-defined]
    assert lakehouse.count("ops.receipt") == 2


def test_a_file_that_changes_is_a_redelivery(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(lakehouse.folder / "a.csv", 2)
    looks(
        lakehouse, monkeypatch, nothing, lambda: orders(lakehouse.folder / "a.csv", 3, 7), nothing,
        nothing,
    )  # fmt: skip
    assert lakehouse.ids() == ["o7", "o8", "o9"]


def test_a_lake_that_fails_is_tried_again(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(lakehouse.folder / "a.csv", 2)
    lakehouse.lake.mark(1)
    found = looks(lakehouse, monkeypatch, nothing, lambda: lakehouse.lake.mark(TABLES), nothing)
    assert isinstance(found[0], LakeError)
    assert found[1].as_json()["loaded"] == 2  # type: ignore[attr-defined]


def test_what_is_no_folder_is_refused(lakehouse: Lakehouse) -> None:
    file = orders(lakehouse.folder / "a.csv", 2)
    with pytest.raises(InputError, match=r"a\.csv: is no folder"):
        next(watch(lakehouse.settings, contract(), [str(file)], every=1))


def test_the_command_loads_until_it_is_interrupted(lakehouse: Lakehouse) -> None:
    held_to = lakehouse.folder.parent / "order.odcs.yaml"
    held_to.write_text(CONTRACT, encoding="utf-8")
    orders(lakehouse.folder / "a.csv", 3)
    environment = os.environ | {"LAKEHOUSE_HOME": str(lakehouse.settings.home)}
    arguments = [COMMAND, "ingest", str(held_to), "--watch", str(lakehouse.folder), "--json"]
    with subprocess.Popen(
        [*arguments, "--every", "0.1"], env=environment, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.PIPE,
        # In the background of a shell it is ignored, and who is started there inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["loaded"] == 3
        orders(lakehouse.folder / "b.csv", 4, 50)
        assert json.loads(process.stdout.readline())["loaded"] == 4
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[1]
    assert (process.returncode, said) == (
        130,
        "lakehouse: stopped; nothing half done is in the lake\n",
    )
    assert lakehouse.count("bronze.shop_order") == 7
