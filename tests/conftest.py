"""What every test may ask for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOR_TESTS = ("LAKEHOUSE_REAL_DATA", "LAKEHOUSE_CHAOS_N")


@pytest.fixture(scope="session", autouse=True)
def _no_settings() -> Iterator[None]:
    """The settings of whoever runs the tests are not those of the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith("LAKEHOUSE_") and name not in FOR_TESTS:
                environment.delenv(name)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake's home of the test's own, in which there is no lake yet; commands use it too."""
    home = tmp_path / "home"
    monkeypatch.setenv("LAKEHOUSE_HOME", str(home))
    return home
