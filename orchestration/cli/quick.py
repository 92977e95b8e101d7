"""What a command does without, so that it starts at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class _Absent:
    """Finds no pandas."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the import system gives it
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Say that pandas is not there."""
        if name == "pandas":
            raise ImportError(name)
        return None


def arrow_without_pandas() -> None:
    """Make pyarrow go without pandas in this process.

    pyarrow imports pandas at its first conversion of a Python object, to tell its types apart; that
    takes 0.4 s, and longer than a small load. Others can still import pandas afterwards.
    """
    import pyarrow as pa

    if "pandas" in sys.modules:
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(absent)
