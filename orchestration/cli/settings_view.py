"""How settings are shown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rich.console import Console

from orchestration.cli.plain import table
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.settings import Told


UNSET = {"history": "for good"}


def print_table(settings: Sequence[Told]) -> None:
    """As a person reads them."""
    view = table("variable", "value", "from")
    view.columns[0].no_wrap = view.columns[2].no_wrap = True
    for one in settings:
        style = "dim" if one.source == "default" else ""
        view.add_row(one.variable, escape(_text(one)), one.source, style=style)
    Console(highlight=False).print(view)


def _text(setting: Told) -> str:
    value: Any = setting.value
    if value is None:
        return UNSET.get(setting.setting, "as the lake was made")
    if isinstance(value, list):
        return os.pathsep.join(value) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int) else f"{value}"
