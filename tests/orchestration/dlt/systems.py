"""Sources as a user writes them, with dlt's own rest_api, sql_database and filesystem."""

from __future__ import annotations

import json
from collections.abc import Iterator  # noqa: TC003 - dlt reads the types of arguments
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import pandas as pd
import pyarrow as pa
from dlt.sources.filesystem import filesystem, read_jsonl, read_parquet
from dlt.sources.rest_api import rest_api_resources
from dlt.sources.sql_database import sql_table

from catalog.steps import step


@dlt.source
def rest(url: str = dlt.config.value, token: str = dlt.secrets.value) -> Any:
    """A shop's API: orders by what was changed since, notes of each order, and countries."""
    yield from rest_api_resources(
        {
            "client": {
                "base_url": url,
                "auth": {"type": "bearer", "token": token},
                "paginator": {"type": "json_link", "next_url_path": "next"},
            },
            "resources": [
                {
                    "name": "orders",
                    "primary_key": "id",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": "orders",
                        "data_selector": "data",
                        "params": {"since": "{incremental.start_value}"},
                        "incremental": {"cursor_path": "changed", "initial_value": "2026-01-01"},
                    },
                },
                {
                    "name": "notes",
                    "write_disposition": "replace",
                    "endpoint": {
                        "path": "notes/{resources.orders.id}", "data_selector": "data",
                    },
                },
                {
                    "name": "countries",
                    "primary_key": "code",
                    "write_disposition": "replace",
                    "endpoint": {"path": "countries", "data_selector": "data"},
                },
            ],
        }
    )  # fmt: skip


def database(url: str, backend: str) -> Any:
    """A table by what was changed since."""
    return sql_table(
        url,
        "orders",
        backend=backend,  # type: ignore[arg-type]
        chunk_size=10,
        reflection_level="full_with_precision",
        primary_key="id",
        write_disposition="merge",
        incremental=dlt.sources.incremental("changed"),
    )


@dlt.source
def by_rows(url: str = dlt.secrets.value) -> Any:
    """A database as records."""
    return database(url, "sqlalchemy")


@dlt.source
def by_arrow(url: str = dlt.secrets.value) -> Any:
    """A database as Arrow tables."""
    return database(url, "pyarrow")


def lines() -> Any:
    """Files of JSON lines, each once; a resource, and no source."""
    files = filesystem(
        file_glob="*.jsonl", incremental=dlt.sources.incremental("modification_date")
    )
    return (files | read_jsonl(chunksize=7)).with_name("lines")


def tables() -> Any:
    """Parquet files as Arrow, each once."""
    files = filesystem(
        file_glob="*.parquet", incremental=dlt.sources.incremental("modification_date")
    )
    return (files | read_parquet(use_pyarrow=True)).with_name("tables")


def _records(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]


@dlt.resource
def events(file: str = dlt.config.value) -> Iterator[dict[str, Any]]:
    """Lines of a file, from where a state of its own says; a step at each, to be killed at."""
    state = dlt.current.resource_state()
    for record in _records(file)[state.get("lines", 0) :]:
        yield record
        state["lines"] = state.get("lines", 0) + 1
        step("item")


AT: Any = dlt.sources.incremental("at", initial_value=0)


@dlt.resource(primary_key="id")
def stock(file: str = dlt.config.value, at: Any = AT) -> Iterator[list[dict[str, Any]]]:
    """Lines of a file by dlt's incremental, which knows the rows of its last cursor again."""
    yield [record for record in _records(file) if record["at"] >= at.last_value]


@dlt.resource(write_disposition="replace")
def rates(file: str = dlt.config.value) -> Iterator[dict[str, Any]]:
    """Every line each time."""
    yield from _records(file)


@dlt.resource(name="prices", write_disposition="replace", primary_key="id")
def prices(file: str = dlt.config.value) -> Iterator[dict[str, Any]]:
    """Every line each time, with a key."""
    yield from _records(file)


@dlt.resource
def shapes() -> Iterator[Any]:
    """Whatever may be yielded, one row each."""
    yield pa.table({"id": [1], "n": pa.array([1], pa.int64())})
    yield pa.table({"id": [2], "n": pa.array([2.5], pa.float64())})
    yield pa.record_batch({"id": [3], "n": pa.array([None], pa.null())})
    yield pd.DataFrame({"id": [4], "n": [4.5]})
    yield {"id": 5, "n": Decimal("5.50")}
    yield [{"id": 6, "n": 6}, {"id": 7, "n": object()}]
    yield pa.table({"id": [8], "n": pa.array([8], pa.int64())})


@dlt.resource(
    primary_key="id",
    write_disposition="merge",
    columns={
        "gone": {"data_type": "bool", "hard_delete": True},
        "at": {"data_type": "timestamp", "dedup_sort": "desc"},
        "never": {"data_type": "decimal", "precision": 12, "scale": 3},
    },
)
def hinted() -> Iterator[dict[str, Any]]:
    """Rows that say what deletes them, and which of two is newer."""
    yield {"id": 1, "at": "2026-01-02T00:00:00Z", "gone": False}
    yield {"id": 1, "at": "2026-01-01T00:00:00Z", "gone": True}
    yield {"id": 2, "at": "2026-01-01T00:00:00Z", "gone": False}
    yield {"id": 2, "at": "2026-01-03T00:00:00Z", "gone": True}


@dlt.resource
def nothing() -> Iterator[dict[str, Any]]:
    """No rows, and no word on what they would be."""
    yield from ()


no_source = 1


def broken() -> Any:
    """A source that cannot be made."""
    raise RuntimeError("see https://host/path?key=hidden&more=1\nand more")


@dlt.resource
def failing(token: str = dlt.secrets.value) -> Iterator[dict[str, Any]]:
    """Fails with its secret in what it says."""
    yield {"id": 1}
    raise RuntimeError(f"cannot log in with {token}")
