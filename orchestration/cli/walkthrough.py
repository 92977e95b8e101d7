"""A page that is read from top to bottom: numbered steps, commands and what they answer."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from typing import Literal

    import pyarrow as pa
    from rich.console import Console, RenderableType

WIDTH = 80
COMMAND, ANSWER = 3, 5  # columns that they are set in by


class Walkthrough:
    """Prints a page to a console, at most 80 columns wide."""

    def __init__(self, console: Console) -> None:
        console.width = min(console.width, WIDTH)
        self._console = console
        self._step = 0

    def rule(self, words: str = "") -> None:
        """A line across the page."""
        self._console.print(Rule(Text(words, "bold"), characters="─"))

    def heading(self, words: str) -> None:
        """The next numbered step."""
        self._step += 1
        self._console.print(f"\n[bold]{self._step}. {words}[/]\n")

    def command(self, *words: str) -> None:
        """A command as it is typed, on one line however long."""
        typed = shlex.join(("lakehouse", *words))
        self._console.print(Text.assemble(("   $ ", "dim"), (typed, "cyan")), soft_wrap=True)

    def say(self, words: str, indent: int = COMMAND) -> None:
        """A sentence."""
        self.put(Text(words, "italic"), indent)

    def put(self, what: RenderableType, indent: int = ANSWER) -> None:
        """Anything, set in; a plain string is Rich's markup."""
        self._console.print(Padding(what, (0, 0, 0, indent), expand=False))

    def gap(self) -> None:
        """An empty line."""
        self._console.print()

    def table(self, answer: pa.Table) -> None:
        """A query's answer."""
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for field in answer.schema:
            side: Literal["left", "right"] = "left" if str(field.type) == "string" else "right"
            table.add_column(field.name, justify=side, overflow="fold")
        for row in answer.to_pylist():
            table.add_row(*(Text(str(value)) for value in row.values()))
        self.put(table)


def short(path: Path) -> str:
    """A path as it is typed in the working folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
