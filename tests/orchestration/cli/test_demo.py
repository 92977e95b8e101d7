"""`lakehouse demo`: the whole way of a month of files, told and true."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from catalog.delivery import Outcome
from infra.demo import month as maker
from infra.demo import shop
from infra.demo.month import Month
from orchestration.cli.app import app
from orchestration.cli.demo import Counts, faults
from orchestration.ingest import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

MONTH = Month(Path("orders"), Path("payments"), rows=12, broken=2, unreadable=Path("bad.gz"))
GOOD = Counts(kept=10, quarantined=2)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments or ["demo"], env={"COLUMNS": "80"})


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a lake in which the demo has run; commands use it."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LAKEHOUSE_HOME", str(home))
        done = run()
        assert done.exit_code == 0, done.output
        (home / "told.txt").write_text(done.output)
        yield home


@pytest.fixture(scope="module")
def told(lake: Path) -> str:
    """What a first demo prints."""
    return (lake / "told.txt").read_text()


def reports(*, status: str = "loaded", failing: str = "bad.gz") -> list[Report]:
    orders = [Outcome("a.csv", status, 1), Outcome(failing, "failed", reason="is no gzip")]
    return [Report("demo_order", 1, orders), Report("demo_card_payment", 1, [])]


@pytest.mark.slow
def test_the_demo_tells_its_six_steps_and_ends_well(told: str) -> None:
    assert re.findall(r"^(\d)\. ", told, re.MULTILINE) == list("123456")
    assert told.rstrip().endswith("All went as intended.")
    assert "does not exist" in told.splitlines()[1]


@pytest.mark.slow
def test_the_demo_fits_a_terminal_of_80_columns(told: str) -> None:
    lines = [line for line in told.splitlines() if not line.startswith("   $ ")]
    assert max(map(len, lines)) <= 80


@pytest.mark.slow
def test_kept_and_quarantined_are_what_was_read(lake: Path, told: str) -> None:
    found = re.findall(r"(\d+) rows read = (\d+) kept \+ (\d+) quarantined", told)
    sums = [[int(figure) for figure in figures] for figures in found]
    assert len(sums) == 2
    assert all(read == kept + broken for read, kept, broken in sums)
    month = maker.write_month(lake / "demo")
    assert sum(read for read, _, _ in sums) == month.rows
    assert sum(broken for _, _, broken in sums) == month.broken


@pytest.mark.slow
def test_every_broken_row_is_shown_with_its_reason(lake: Path, told: str) -> None:
    shown = re.findall(r"^ +(2026-03\S*) +(\d+)  (\S.*?) *$", told, re.MULTILINE)
    assert len(shown) == maker.write_month(lake / "demo").broken
    files = {name for name, _, _ in shown}
    assert {f"2026-03-{day:02}.csv" for day in (*maker.BROKEN, maker.REPEATED_DAY)} < files
    assert ("2026-03-03.csv", "7", "packs: 'two' is not an integer") in shown


def test_the_answer_is_the_shops_own_sum(told: str) -> None:
    month = shop.orders()
    del month[maker.UNREADABLE_DAY]
    turnover: dict[str, Decimal] = defaultdict(Decimal)
    for order in (order for day in month.values() for order in day):
        turnover[order.article] += order.total
    answer = re.findall(r"^ +(\w[\w ]*?) +\d+ +(\d+\.\d\d) +\d+\.\d\d *$", told, re.MULTILINE)
    assert {tea: Decimal(euros) for tea, euros in answer} == turnover


def test_the_readme_shows_what_the_demo_prints(told: str) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    excerpt = readme.partition("From the demo:")[2].partition("\n## ")[0]
    lines = [line.strip() for line in excerpt.splitlines() if line.startswith("      ")]
    printed = {line.strip() for line in told.splitlines()}
    assert len(lines) >= 6
    assert set(lines) <= printed


@pytest.mark.slow
def test_a_second_demo_finds_everything_loaded(lake: Path) -> None:
    again = run()
    assert again.exit_code == 0, again.output
    assert "An earlier demo has loaded these files" in again.output
    assert "rows read =" not in again.output
    assert "30 files already loaded, 1 file failed" in again.output


@pytest.mark.slow
def test_every_command_that_is_shown_works(told: str) -> None:
    shown = re.findall(r"^   \$ lakehouse (.*)$", told, re.MULTILINE)
    assert len(shown) == 6
    for line in shown:
        words = shlex.split(line)
        done = run(*words)
        unreadable = words[:2] == ["ingest", "demo.order"]
        assert done.exit_code == (1 if unreadable else 0), f"{line}: {done.output}"


@pytest.mark.slow
def test_a_month_that_is_not_as_it_should_be_fails_the_demo(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = maker.write_month
    monkeypatch.setattr(maker, "write_month", lambda folder: replace(write(folder), broken=11))
    done = run()
    assert done.exit_code == 1
    assert "not as intended: 11 rows were broken" in done.output
    assert "All went as intended" not in done.output


def test_nothing_is_wrong_with_a_good_month() -> None:
    assert faults(MONTH, reports(), reports(status="already_loaded"), GOOD, GOOD) == []


@pytest.mark.parametrize(
    ("again", "before", "after", "words"),
    [
        (reports(), GOOD, GOOD, "loaded something"),
        (reports(status="already_loaded"), Counts(9, 2), GOOD, "changed the lake"),
        (reports(status="already_loaded"), Counts(9, 2), Counts(9, 2), "12 rows were written"),
        (reports(status="already_loaded"), Counts(9, 3), Counts(9, 3), "2 rows were broken"),
        (reports(status="already_loaded", failing="c.csv"), GOOD, GOOD, "c.csv: is no gzip"),
        ([Report("demo_order", 1), Report("demo_card_payment", 1)], GOOD, GOOD, "did not fail"),
    ],
    ids=[
        "loads twice",
        "changes",
        "loses a row",
        "quarantines more",
        "another fails",
        "none fails",
    ],
)
def test_what_goes_wrong_is_told(
    again: list[Report], before: Counts, after: Counts, words: str
) -> None:
    assert any(words in told for told in faults(MONTH, reports(), again, before, after))


def test_a_home_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAKEHOUSE_HOME", str(tmp_path / "file"))
    done = run()
    assert str(done.exception).startswith(f"{tmp_path}/file")
