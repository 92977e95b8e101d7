"""The folder of real files; the tests are skipped, saying so, where it is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[3] / "shared" / "data"  # of the checkout


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that LAKEHOUSE_REAL_DATA names, else ../shared/data beside the checkout."""
    folder = Path(os.environ.get("LAKEHOUSE_REAL_DATA") or BESIDE)
    if not folder.is_dir():
        pytest.skip(f"no real files: {folder} is missing; LAKEHOUSE_REAL_DATA names their folder")
    return folder
