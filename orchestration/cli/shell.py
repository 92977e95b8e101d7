"""The interactive shell of `lakehouse sql`: queries end with `;`, commands start with a dot."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer  # type: ignore[import-untyped]

from catalog.errors import LakeError, printable
from catalog.listing import listing
from catalog.session import Session
from orchestration.cli.completion import completer
from orchestration.cli.grid import grid

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import Output

    from catalog.lake import Lake

HELP = """\
A query is one SELECT on tables of bronze, silver, mart, gold and ops; it ends with a semicolon.
.tables           the lake's tables
.schema TABLE     a table's columns (.schema ops.ledger)
.help             this
.quit             leave (or Ctrl-D); Ctrl-C stops a query"""


class Shell:
    """Asks for queries and shows their answers until the person leaves."""

    def __init__(
        self,
        lake: Lake,
        at: int | str | None = None,
        *,
        input: Input | None = None,  # noqa: A002 - prompt_toolkit's name
        output: Output | None = None,
    ) -> None:
        """Open the lake.

        Args:
            lake: to query.
            at: snapshot or time to read it at.
            input: where keys come from; the terminal.
            output: where the prompt is drawn; the terminal.
        """
        self._session = Session(lake, at=at)
        self._prompt: PromptSession[str] = PromptSession(
            "lake> ",
            history=_history(lake),
            lexer=PygmentsLexer(SqlLexer),
            completer=completer(self._session),
            complete_while_typing=False,
            key_bindings=_keys(),
            multiline=True,
            prompt_continuation="  ... ",
            input=input,
            output=output,
        )

    def run(self) -> None:
        """Answer until `.quit` or Ctrl-D."""
        print("Queries end with ; and .help shows the commands.")
        with self._session:
            while True:
                try:
                    line = self._prompt.prompt().strip()
                    if line in (".quit", ".exit"):
                        return
                    self._answer(line)
                except LakeError as error:
                    print(printable(str(error)), file=sys.stderr)
                except KeyboardInterrupt:
                    print("stopped", file=sys.stderr)
                except EOFError:
                    return

    def _answer(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        if command == ".tables":
            print("\n".join(map(printable, listing(self._session))) or "no tables yet")
        elif command == ".schema":
            print(self._schema(rest.strip()))
        elif command.startswith("."):
            print(HELP)
        elif line.strip("; \n"):
            started = time.perf_counter()
            result = self._session.sql(line)
            print(grid(result, started=started, is_terminal=sys.stdout.isatty()), end="")

    def _schema(self, table: str) -> str:
        columns = listing(self._session).get(table.lower().removeprefix("lake."))
        if not columns:
            return f"{table or 'no name'}: no such table; .tables lists them"
        width = max(map(len, columns))
        lines = (f"{name:{width}}  {kind}" for name, kind in columns.items())
        return "\n".join(map(printable, lines))


def _keys() -> KeyBindings:
    """Enter ends what is complete, and begins another line of what is not."""
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        text = event.current_buffer.text.strip()
        if not text or text.startswith(".") or text.endswith(";"):
            event.current_buffer.validate_and_handle()
        else:
            event.current_buffer.insert_text("\n")

    return keys


def _history(lake: Lake) -> History:
    """Kept in the home, for its owner's eyes; in memory where the home cannot be written."""
    file = lake.settings.home / "sql_history"
    try:
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(file)
