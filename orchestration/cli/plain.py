"""What views share: tables without lines, JSON, counted nouns."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection


def table(*columns: str, right: Collection[str] = (), header: bool = True) -> Table:
    """A table without lines, which folds what is too long; numbers stand to the right."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=header)
    for name in columns:
        made.add_column(name, overflow="fold", justify="right" if name in right else "left")
    return made


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def print_json(value: Any) -> None:
    """One line of JSON, in which dataclasses are objects."""
    print(json.dumps(value, ensure_ascii=False, default=asdict))
