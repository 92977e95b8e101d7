"""How settings are shown."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.settings import Told


def print_json(settings: Sequence[Told]) -> None:
    """As programs read them."""
    print(json.dumps([asdict(one) for one in settings], ensure_ascii=False))


def print_table(settings: Sequence[Told]) -> None:
    """As a person reads them."""
    view = Table(box=None, pad_edge=False, header_style="bold")
    view.add_column("variable", no_wrap=True)
    view.add_column("value", overflow="fold")
    view.add_column("from", no_wrap=True)
    for one in settings:
        style = "dim" if one.source == "default" else ""
        view.add_row(one.variable, escape(_text(one.value)), one.source, style=style)
    Console(highlight=False).print(view)


def _text(value: Any) -> str:
    if value is None:
        return "as the lake was made"
    if isinstance(value, list):
        return os.pathsep.join(value) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int) else f"{value}"
