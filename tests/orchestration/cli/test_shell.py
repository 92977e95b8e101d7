"""The shell of `lakehouse sql`: history, completion, commands, and Ctrl-C that stops a query."""

from __future__ import annotations

import os
import pty
import select
import signal
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from catalog.errors import LakeMissingError
from catalog.lake import Lake
from catalog.session import Session
from catalog.settings import Settings
from orchestration.cli.completion import completer
from orchestration.cli.shell import Shell
from tests.catalog.query_help import made_lake

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = Path(sys.executable).with_name("lakehouse")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return made_lake(tmp_path_factory.mktemp("shell") / "home")


@pytest.fixture
def typed(lake: Lake, capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[str, str]]:
    """What the shell prints when these keys are typed."""

    def run(keys: str) -> tuple[str, str]:
        with create_pipe_input() as pipe:
            pipe.send_text(keys)
            Shell(lake, input=pipe, output=DummyOutput()).run()
        out, error = capsys.readouterr()
        return out.partition("\n")[2], error

    return run


def test_a_query_ends_with_a_semicolon_and_may_take_lines(
    typed: Callable[[str], tuple[str, str]],
) -> None:
    out, error = typed("select count(*) as n\rfrom bronze.shop_order;\r.quit\r")
    assert out.split()[:4] == ["n", "1000", "1", "row"]
    assert error == ""


def test_tables_and_their_columns_are_listed(typed: Callable[[str], tuple[str, str]]) -> None:
    out, _ = typed(".tables\r.schema bronze.shop_order\r.schema lake.OPS.receipt\r.quit\r")
    lines = out.splitlines()
    assert "bronze.shop_order" in lines
    assert "ops.run" in lines
    assert "amount      DECIMAL(10,2)" in lines
    assert "received_at   TIMESTAMP WITH TIME ZONE" in lines


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (".help\r", ".schema TABLE"),
        (".nonsense\r", ".schema TABLE"),
        (".schema\r", "no name: no such table"),
        (".schema x.y\r", "x.y: no such table; .tables lists them"),
        (";\r\r", ""),
    ],
)
def test_a_command_is_answered(
    typed: Callable[[str], tuple[str, str]], keys: str, said: str
) -> None:
    out, error = typed(f"{keys}.quit\r")
    assert said in out
    assert error == ""


def test_an_error_is_one_line_and_the_shell_goes_on(
    typed: Callable[[str], tuple[str, str]],
) -> None:
    out, error = typed("drop table bronze.shop_order;\rselect 1 + 1 as two;\r.exit\r")
    assert error == "only SELECT is allowed: a query reads the lake, it changes nothing\n"
    assert out.split()[:2] == ["two", "2"]


def test_ctrl_d_leaves_and_ctrl_c_drops_the_line(typed: Callable[[str], tuple[str, str]]) -> None:
    out, error = typed("select 1 \x03select 2 as b;\r\x04")
    assert out.split()[:2] == ["b", "2"]
    assert error == "stopped\n"


def test_history_is_kept_in_the_home_for_its_owner_only(
    lake: Lake, typed: Callable[[str], tuple[str, str]]
) -> None:
    typed("select 41 + 1;\r.quit\r")
    file = lake.settings.home / "sql_history"
    assert "+select 41 + 1;" in file.read_text().splitlines()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    out, _ = typed("\x1b[A\x1b[A\r.quit\r")
    assert "42" in out


def test_a_home_that_cannot_be_written_has_a_shell_without_history(
    typed: Callable[[str], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "touch", refuse)
    assert "42" in typed("select 41 + 1;\r.quit\r")[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from bronze.sh", "bronze.shop_order"),
        ("from ops.led", "ops.ledger"),
        ("select cust", "customer"),
        ("SEL", "select"),
        ("select date_tr", "date_trunc"),
    ],
)
def test_tables_columns_words_and_functions_are_completed(
    lake: Lake, text: str, expected: str
) -> None:
    with Session(lake) as session:
        found = completer(session).get_completions(Document(text), CompleteEvent())
        assert expected in {completion.text for completion in found}


def test_a_shell_on_no_lake_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LakeMissingError, match="lakehouse ingest"):
        Shell(Lake(Settings(home=tmp_path)))


@pytest.mark.slow
def test_without_a_query_a_terminal_gets_the_shell_and_ctrl_c_stops_its_query(lake: Lake) -> None:
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        environment = os.environ | {"LAKEHOUSE_HOME": str(lake.settings.home), "TERM": "xterm"}
        os.execve(COMMAND, ["lakehouse", "sql"], environment)

    def until(said: bytes, key: bytes = b"") -> None:
        """Read what is shown up to this, pressing a key every second."""
        seen, end = b"", time.monotonic() + 30
        while said not in seen:
            assert time.monotonic() < end, seen
            if select.select([terminal], [], [], 1)[0]:
                seen += os.read(terminal, 65536)
            else:
                os.write(terminal, key)

    try:
        until(b"lake>")
        os.write(
            terminal, b"select count(*) from range(1000000) a, range(1000000) b, range(9) c;\r"
        )
        until(b"[?2004l")  # the prompt is done, the query begins
        until(b"stopped", key=b"\x03")
        until(b"lake>")
        os.write(terminal, b"select 41 + 1 as answer;\r")
        until(b"42")
        until(b"lake>")
        os.write(terminal, b"\x04")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        os.close(terminal)
