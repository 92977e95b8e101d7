"""What is written as files, by day: statements, card payments, events in closed segments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from infra.sandbox.model import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from infra.sandbox.model import Model

SOURCES = ("cards", "devices", "market")
BANK = {"camt053": ("camt_files", "xml"), "mt940": ("mt940_files", "sta")}
STATEMENTS = 20  # whose text is in memory at a time
AT_ONCE = 10  # days; at scale 10 their lines take 150 MB
BARE = "format csv, header false, quote '', escape '', delimiter '\x01'"


def write_statements(model: Model, folder: Path, first: int) -> dict[str, int]:
    """Write the bank's statements from a day on: one a day and account.

    Returns:
        Entries by format.
    """
    connection = model.connection
    connection.execute(f"set variable first_day = {first}")
    connection.execute(sql("bank"))
    for kind, (view, ending) in BANK.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        query = f"select account_id, day::varchar, content from {view} order by n"
        for batch in model.rows(query, STATEMENTS):
            for account, day, content in batch:
                file = folder / kind / f"{account}-{day}.{ending}"
                _close(file, partial(_write, str(content)))
    counted = connection.execute(
        "select if(account_id = 'AWGBP', 'mt940', 'camt053') as kind, count(*) "
        "from statement_entries group by 1 order by 1"
    ).fetchall()
    return {str(kind): int(rows) for kind, rows in counted}


def write_lines(
    model: Model, folder: Path, first: int, tell: Callable[[int], object]
) -> dict[str, int]:
    """Write card payments and events from a day on: one file a topic and day, closed once named.

    Args:
        model: of the group.
        folder: a topic is a folder in it.
        first: number of the first day.
        tell: is told of each day that is written.

    Returns:
        Rows by topic.
    """
    counts: dict[str, int] = {}
    for start, end in _made(model, first):
        for source in SOURCES:
            table = f"lines_of_{source}"
            found = model.connection.execute(
                f"select topic, n, count(*) filter (kind is distinct from 'header'), "
                f"date_of(n)::varchar from {table} where n between {start} and {end - 1} "
                "group by all order by all"
            ).fetchall()
            for topic, n, rows, day in found:
                ending = "csv" if source == "cards" else "ndjson"
                place = folder / topic / f"{day}.{ending}"
                place.parent.mkdir(parents=True, exist_ok=True)
                query = f"select line from {table} where topic = '{topic}' and n = {n}"
                _close(place, partial(_copy, model, query))
                counts[topic] = counts.get(topic, 0) + rows
        tell(end)
    return counts


def kinds(model: Model, first: int) -> Iterator[tuple[str, str, int]]:
    """What is planted in the lines from a day on: kind, topic, how many."""
    for start, end in _made(model, first):
        for source in SOURCES:
            yield from model.connection.execute(
                f"select kind, topic, count(*) from lines_of_{source} where kind <> 'header' "
                f"and n between {start} and {end - 1} group by all"
            ).fetchall()


def _made(model: Model, first: int) -> Iterator[tuple[int, int]]:
    """The lines from a day on, some days at a time: from which day, and before which."""
    for start in range(first, model.plan.days, AT_ONCE):
        end = min(start + AT_ONCE, model.plan.days)
        model.connection.execute(
            f"set variable first_day = {start}; set variable to_day = {end - 1}"
        )
        for source in SOURCES:
            model.connection.execute(sql(source))
        yield start, end


def _write(content: str, file: Path) -> None:
    file.write_bytes(content.encode())


def _copy(model: Model, query: str, file: Path) -> None:
    name = str(file).replace("'", "''")
    model.connection.execute(f"copy ({query} order by place) to '{name}' ({BARE})")


def _close(file: Path, write: Callable[[Path], object]) -> None:
    """Give a file its name when it is whole."""
    new = file.with_name(f".{file.name}.new")
    write(new)
    new.replace(file)
