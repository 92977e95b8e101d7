"""Text that is shown: what files and data are called cannot command the terminal."""

from __future__ import annotations

from rich import markup

from catalog.errors import printable


def escape(text: str) -> str:
    """A text that rich prints as it is, but for signs that do not print."""
    return markup.escape("\n".join(map(printable, text.split("\n"))))
