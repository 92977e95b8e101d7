"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import coverage
import pytest

from catalog.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

BESIDE = Path(__file__).parents[2] / "shared" / "data"  # of the checkout
FOR_TESTS = ("LAKEHOUSE_REAL_DATA", "LAKEHOUSE_CHAOS_N", "LAKEHOUSE_FUZZ_N", "LAKEHOUSE_BOTH")
WHOLE = Path(__file__).with_name("e2e")  # files through the whole platform
PROGRAMS = {"subprocess", "EmbeddedPostgres", "Server", "S3Server"}  # by these names they start
MEMORY = Path("/dev/shm")  # a disk in memory, where there is one
ROOM = 4 << 30  # bytes, of which two processes took 0.3 GB
FEW = 2  # cases of one test, a lake for each, that are enough while one works


def pytest_configure(config: pytest.Config) -> None:
    """Have lakes in memory where there is room: nothing is flushed to a disk, 5 ms each time.

    No test cuts the power, so none could tell. What passed is removed at once.

    Ctrl-C reaches the programs that tests start, also where a shell that started the tests in the
    background has it ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Mark what is slow; of what was chosen, run what is marked `in_turn` on one catalog each."""
    _mark_slow(items)
    yield
    if not os.environ.get("LAKEHOUSE_BOTH"):
        left_out = _left_out(items)
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _left_out(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Of a module's cases that are there on both catalogs: the first on Postgres, and so on."""
    pairs: dict[Path, dict[tuple[str, str], list[pytest.Item]]] = {}
    for item in items:
        assert isinstance(item, pytest.Function)
        if not (item.get_closest_marker("in_turn") and hasattr(item, "callspec")):
            continue
        if "catalog" in item.callspec.params:
            others = {k: v for k, v in item.callspec.params.items() if k != "catalog"}
            case = (item.originalname, repr(others))
            pairs.setdefault(item.path, {}).setdefault(case, []).append(item)
    return [
        both[1 - at % 2]
        for cases in pairs.values()
        for at, both in enumerate(pair for pair in cases.values() if len(pair) == 2)
    ]


def _mark_slow(items: Sequence[pytest.Item]) -> None:
    """What is on Postgres or S3, goes through the whole platform or starts programs is slow.

    So are further cases of a test that takes a lake for each.
    """
    cases = Counter[tuple[Path, str]]()
    for item in items:
        assert isinstance(item, pytest.Function)
        on_postgres = hasattr(item, "callspec") and "postgres" in item.callspec.params.values()
        fixtures = (named[-1].func for named in item._fixtureinfo.name2fixturedefs.values())
        starts = any(map(_starts_programs, (item.function, *fixtures)))
        is_slow = on_postgres or WHOLE in item.path.parents or starts
        if not is_slow and "lake_settings" in item.fixturenames:
            cases[item.path, item.originalname] += 1
            is_slow = cases[item.path, item.originalname] > FEW
        if is_slow:
            item.add_marker(pytest.mark.slow)


@cache
def _starts_programs(function: Callable[..., object]) -> bool:
    """Whether a function of the tests starts programs, itself or by others that it names."""
    if not isinstance(function, FunctionType) or not function.__module__.startswith("tests."):
        return False
    reached = [function]
    for one in reached:  # which grows meanwhile
        names = set(_names(one.__code__))
        if names & PROGRAMS:
            return True
        named = (one.__globals__.get(name) for name in names)
        reached += [
            other
            for other in named
            if isinstance(other, FunctionType)
            and other.__module__.startswith("tests.")
            and other not in reached
        ]
    return False


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


@pytest.fixture(autouse=True)
def _uncovered(request: pytest.FixtureRequest) -> Iterator[None]:
    """Real files, kills and whole runs go without coverage: under it Python takes up to twice as long.

    What they run is covered by the other tests.

    In the processes of pytest-xdist two measure, of which pytest-cov's own no_cover stops one.
    """
    stopped = []
    whole = any(request.node.get_closest_marker(name) for name in ("real_data", "chaos"))
    if whole or WHOLE in request.path.parents:
        while measuring := coverage.Coverage.current():
            measuring.stop()
            stopped.append(measuring)
    yield
    for measuring in reversed(stopped):
        measuring.start()


@pytest.fixture(scope="session", autouse=True)
def _no_settings() -> Iterator[None]:
    """The settings of whoever runs the tests are not those of the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(("LAKEHOUSE_", "AWS_")) and name not in FOR_TESTS:
                environment.delenv(name)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake's home of the test's own, in which there is no lake yet; commands use it too."""
    home = tmp_path / "home"
    monkeypatch.setenv("LAKEHOUSE_HOME", str(home))
    return home


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings of a lake of the test's own, which is not made yet."""
    return Settings(home=home)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that LAKEHOUSE_REAL_DATA names, else ../shared/data beside the checkout."""
    folder = Path(os.environ.get("LAKEHOUSE_REAL_DATA") or BESIDE)
    if not folder.is_dir():
        pytest.skip(f"no real files: {folder} is missing; LAKEHOUSE_REAL_DATA names their folder")
    return folder
