"""`lakehouse sql`: queries from anywhere, answers in five formats, errors in one line."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow
import pytest
from pyarrow import parquet

from catalog.errors import QueryRefusedError
from catalog.guard import check
from orchestration.cli import main
from tests.catalog.query_help import made_lake
from tests.catalog.test_guard import REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = Path(sys.executable).with_name("lakehouse")
ENDLESS = "select count(*) from range(1000000) a, range(1000000) b where a.range * b.range < 0"


class Done(NamedTuple):
    status: int
    out: bytes
    error: str


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_lake(tmp_path_factory.mktemp("sql") / "home").settings.home


@pytest.fixture
def ask(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Done]:
    """Run `lakehouse sql` in this process."""
    monkeypatch.setenv("LAKEHOUSE_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["lakehouse", "sql", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        out, error = capsysbinary.readouterr()
        return Done(int(ended.value.code or 0), out, error.decode())

    return run


def test_a_query_comes_from_an_argument_a_file_or_standard_input(
    ask: Callable[..., Done], tmp_path: Path
) -> None:
    file = tmp_path / "query.sql"
    file.write_text("\ufeffselect 'é' as a -- done", encoding="utf-8")
    expected = Done(0, "a\né\n".encode(), "")
    csv = ("--format", "csv")
    assert ask("select 'é' as a", *csv) == expected
    assert ask(str(file), *csv) == expected
    assert ask("-", *csv, stdin="select 'é' as a;".encode()) == expected
    assert ask(*csv, stdin="select 'é' as a\n".encode()) == expected


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "said"),
    [
        (["missing.sql"], b"", 2, "missing.sql: cannot be read: No such file or directory"),
        (["-"], b"\xff", 2, "-: cannot be read: it is not UTF-8"),
        ([], b"", 1, "the query is empty"),
        (["-"], b"select 1; select 2", 1, "2 queries were given"),
        (["select 1", "--at", "999"], b"", 1, "there is no snapshot 999"),
        (
            ["select 1", "--out", "none/x.csv"],
            b"",
            2,
            "none/x.csv: cannot be written: No such file",
        ),
        (["select 1", "--out", "."], b"", 2, ".: cannot be written: Is a directory"),
        (["select 1", "--format", "xml"], b"", 2, "Invalid value for '--format'"),
        (["select nope from bronze.shop_order"], b"", 1, 'Referenced column "nope" not found'),
        (["from read_csv('/etc/hostname')"], b"", 1, "the table function read_csv is not allowed"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    ask: Callable[..., Done], arguments: list[str], stdin: bytes, status: int, said: str
) -> None:
    done = ask(*arguments, stdin=stdin)
    assert (done.status, done.out) == (status, b"")
    assert said in done.error
    assert status == 2 or len(done.error.splitlines()) == 1
    assert "Traceback" not in done.error


@pytest.mark.slow
@pytest.mark.parametrize("escape", sorted(REFUSED.keys() - {"half a surrogate"}))
def test_an_escape_is_refused_in_the_guards_own_line(
    ask: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, escape: str
) -> None:
    monkeypatch.setenv("LAKEHOUSE_HOME", str(tmp_path))  # no lake: none is opened for each
    with pytest.raises(QueryRefusedError) as refused:
        check(REFUSED[escape])
    done = ask("-", stdin=REFUSED[escape].encode())
    assert done == Done(1, b"", f"lakehouse: {refused.value}\n")


def test_where_there_is_no_lake_the_line_says_what_to_do(
    ask: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAKEHOUSE_HOME", str(tmp_path))
    done = ask("select 1")
    assert (done.status, done.error.count("\n")) == (1, 1)
    assert "lakehouse ingest" in done.error


def test_a_table_fits_80_columns_and_says_how_much_there_is(ask: Callable[..., Done]) -> None:
    done = ask(
        "select id, amount, null::text as nothing, repeat('long text ', 20) as note, 'a\nb' as lines "
        "from bronze.shop_order order by id"
    )
    lines = done.out.decode().splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == 102
    assert lines[0].split() == ["id", "amount", "nothing", "note", "lines"]
    assert lines[1].startswith("  1    1.25  null     long text long text")
    assert "…" in lines[1]
    assert lines[1].rstrip().endswith("a⏎b")
    assert lines[100].startswith("100  125.00  null")
    assert lines[101].startswith("1,000 rows, the first 100 shown · snapshot ")
    assert lines[101].endswith(" ms")


def test_columns_for_which_there_is_no_room_are_counted(ask: Callable[..., Done]) -> None:
    names = ", ".join(f"{n} as column_{n}" for n in range(30))
    lines = ask(f"select {names}").out.decode().splitlines()
    assert lines[0].split() == [f"column_{n}" for n in range(8)]
    assert max(map(len, lines)) <= 80
    assert lines[2].startswith("1 row · 22 more columns · ")


def test_a_number_is_never_cut(ask: Callable[..., Done]) -> None:
    huge = "170141183460469231731687303715884105727"
    out = ask(
        f"select repeat('x', 500) as a, {huge}::hugeint as b, repeat('y', 500) as c"
    ).out.decode()
    assert huge in out
    assert max(map(len, out.splitlines())) <= 80


def test_data_cannot_command_the_terminal(ask: Callable[..., Done]) -> None:
    out = ask("select chr(27) || '[2J' || chr(7) as a, '[bold]b[/]' as b").out.decode()
    assert "\x1b" not in out
    assert "\a" not in out
    assert "[bold]b[/]" in out


def test_a_name_cannot_command_the_terminal(ask: Callable[..., Done]) -> None:
    for form in ("table", "csv"):
        done = ask('select 1 as "\x1b[2Ja", 2 as "b\nc"', "--format", form)
        assert done.status == 0
        assert form == "csv" or b"\x1b" not in done.out
    assert "\x1b" not in ask("select 'a\x1b[2J'::int").error
    assert "\x1b" not in ask("select 1", "--at", "\x1b[2J").error


def test_json_keeps_a_decimals_digits(ask: Callable[..., Done]) -> None:
    done = ask("select 1.10::decimal(5,2) as a, null as b, [1,2] as c", "--format", "json")
    assert done == Done(0, b'[{"a":1.10,"b":null,"c":[1,2]}]\n', "")


@pytest.mark.parametrize(
    "deep",
    [
        f"{'[' * 9}1{']' * 9}",
        f"{'map {1: ' * 9}1{'}' * 9}",
        f"{'{a: ' * 200}1{'}' * 200}",
    ],
    ids=["lists", "maps", "structs"],
)
def test_what_is_too_deep_for_json_is_refused_at_once(ask: Callable[..., Done], deep: str) -> None:
    started = time.monotonic()
    done = ask(f"select {deep} as a", "--format", "json")
    assert time.monotonic() - started < 5
    assert (done.status, done.out) == (1, b"")
    assert done.error == "lakehouse: a column is nested too deeply for JSON; cast it to varchar\n"
    assert ask(f"select {'[' * 8}1{']' * 8} as a", "--format", "json").status == 0


def test_csv_is_whole(ask: Callable[..., Done]) -> None:
    done = ask("select id, amount from bronze.shop_order order by id", "--format", "csv")
    lines = done.out.decode().splitlines()
    assert (done.status, lines[0], lines[1], lines[-1]) == (
        0,
        "id,amount",
        "1,1.25",
        "1000,1250.00",
    )
    assert len(lines) == 1001


def read_parquet(source: Any) -> Any:
    return parquet.read_table(source)


def read_stream(source: Any) -> Any:
    return pyarrow.ipc.open_stream(source).read_all()


def read_file(source: Any) -> Any:
    return pyarrow.ipc.open_file(source).read_all()


@pytest.mark.parametrize(
    ("form", "read"), [("parquet", read_parquet), ("arrow", read_stream)], ids=["parquet", "arrow"]
)
def test_parquet_and_arrow_go_through_a_pipe(
    home: Path, form: str, read: Callable[[Any], Any]
) -> None:
    query = "select id, amount, ordered_at from bronze.shop_order order by id"
    done = subprocess.run(
        [COMMAND, "sql", query, "--format", form],
        env=os.environ | {"LAKEHOUSE_HOME": str(home)},
        stdout=subprocess.PIPE,
        check=True,
    )
    table = read(pyarrow.BufferReader(done.stdout))
    assert table.num_rows == 1000
    assert [str(kind) for kind in table.schema.types] == [
        "int64",
        "decimal128(10, 2)",
        "timestamp[us, tz=UTC]",
    ]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("x.parquet", read_parquet),
        ("x.arrow", read_file),
        ("x.json", lambda file: pyarrow.Table.from_pylist(json.loads(Path(file).read_text()))),
    ],
    ids=["parquet", "arrow", "json"],
)
def test_a_file_is_written_as_its_name_says(
    ask: Callable[..., Done], tmp_path: Path, name: str, read: Callable[[Any], Any]
) -> None:
    file = tmp_path / name
    assert ask("select id from bronze.shop_order order by id", "--out", str(file)) == Done(
        0, b"", ""
    )
    assert read(str(file)).to_pydict() == {"id": list(range(1, 1001))}
    assert list(tmp_path.iterdir()) == [file]


def test_the_format_goes_before_the_files_name(ask: Callable[..., Done], tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    ask("select 1 as a", "--format", "csv", "--out", str(file))
    assert file.read_text() == "a\n1\n"
    ask("select 1 as a", "--out", str(file))
    assert file.read_text().startswith("a\n1\n1 row")


def test_a_file_is_written_whole_or_not_at_all(ask: Callable[..., Done], tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("as it was")
    fails_late = "select if(i = 50000, 'x', '1')::int as a from range(60000) n(i)"
    done = ask(fails_late, "--out", str(file))
    assert done.status == 1
    assert file.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [file]


def test_a_device_is_written_and_not_replaced(ask: Callable[..., Done]) -> None:
    assert ask("select 1", "--format", "csv", "--out", "/dev/null") == Done(0, b"", "")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_parquet_is_not_written_to_a_terminal(
    ask: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    done = ask("select 1", "--format", "parquet")
    assert (done.status, done.out) == (2, b"")
    assert "parquet is not for a terminal; give --out FILE" in done.error


def test_what_parquet_has_no_type_for_is_told(ask: Callable[..., Done], tmp_path: Path) -> None:
    done = ask("select union_value(n := 1) as a", "--out", str(tmp_path / "x.parquet"))
    assert done.status == 1
    assert "Parquet has no such type, cast the column" in done.error
    assert not list(tmp_path.iterdir())


def test_a_query_reads_an_older_snapshot(ask: Callable[..., Done]) -> None:
    count = ("select count(*) as n from bronze.shop_order", "--format", "csv")
    newest = int(ask(count[0]).out.decode().rpartition("snapshot ")[2].split()[0])
    assert ask(*count).out == b"n\n1000\n"
    assert ask(*count, "--at", str(newest - 1)).out == b"n\n900\n"


def test_the_settings_limit_a_query(
    ask: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_QUERY_ROWS", "5")
    monkeypatch.setenv("LAKEHOUSE_QUERY_SECONDS", "0.3")
    assert "more than 5 rows" in ask("from range(6)", "--format", "csv").error
    assert "longer than 0.3 s" in ask(ENDLESS).error


def start(home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`lakehouse sql` in a process of its own."""
    return subprocess.Popen(
        [COMMAND, "sql", *arguments],
        env=os.environ | {"LAKEHOUSE_HOME": str(home)} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_ctrl_c_stops_the_command(home: Path) -> None:
    with start(home, ENDLESS) as command:
        time.sleep(2)
        command.send_signal(signal.SIGINT)
        _, error = command.communicate(timeout=10)
    assert command.returncode == 130
    assert "Traceback" not in error


def test_a_function_that_cannot_be_stopped_does_not_hold_the_command(home: Path) -> None:
    stuck = "select levenshtein(repeat('ab', 60000), repeat('ba', 60000))"
    started = time.monotonic()
    with start(home, stuck, LAKEHOUSE_QUERY_SECONDS="0.3") as command:
        _, error = command.communicate(timeout=30)
    assert command.returncode == 1
    assert error == "lakehouse: the query took longer than 0.3 s (LAKEHOUSE_QUERY_SECONDS)\n"
    assert time.monotonic() - started < 15


def test_a_reader_that_closes_early_is_no_error(home: Path) -> None:
    with start(home, "from range(1000000)", "--format", "csv") as command:
        assert command.stdout
        assert command.stdout.readline() == "range\n"
        command.stdout.close()
        assert command.stderr
        assert command.stderr.read() == ""


def test_a_large_result_streams_in_flat_memory(home: Path) -> None:
    peaks = []
    for rows in (100_000, 3_000_000):
        query = f"select i, 'some text ' || i as s from range({rows}) n(i)"
        with start(home, query, "--format", "csv") as command:
            assert command.stdout
            while command.stdout.read(1 << 20):
                pass
            _, status, usage = os.wait4(command.pid, 0)
            command.returncode = os.waitstatus_to_exitcode(status)
        assert command.returncode == 0
        peaks.append(usage.ru_maxrss)
    assert peaks[1] < 1.3 * peaks[0]
