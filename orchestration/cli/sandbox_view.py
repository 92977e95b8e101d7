"""What `lakehouse sandbox` prints; each says that the company is made up."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from infra.sandbox.crm import RESOURCES
from infra.sandbox.group import NOTICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.sandbox.company import Made
    from infra.sandbox.crm import Server


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Seconds since it began."""
    started = time.perf_counter()
    yield lambda: round(time.perf_counter() - started, 2)


def print_made(made: Made, seconds: float, *, as_json: bool) -> None:
    """Rows by source, where they are, and up to which day."""
    total = sum(made.rows.values())
    if as_json:
        said = {
            "note": NOTICE, "folder": str(made.folder), "scale": made.plan.scale,
            "seed": made.plan.seed, "days": made.plan.days, "last_day": str(made.plan.last_date),
            "rows": made.rows, "total": total, "seconds": seconds,
        }  # fmt: skip
        print(json.dumps(said))
        return
    sources: dict[str, int] = {}
    for name, rows in made.rows.items():
        source = name.rpartition("/")[0]
        sources[source] = sources.get(source, 0) + rows
    print(NOTICE)
    for source, rows in sources.items():
        print(f"  {rows:>10,} {source}")
    print(f"  {total:>10,} rows in {seconds} s, up to {made.plan.last_date}: {made.folder}")


def print_served(server: Server, *, as_json: bool) -> None:
    """Where it is, and by what token."""
    if as_json:
        said = {"note": NOTICE, "url": server.url, "token": server.token}
        print(json.dumps(said), flush=True)
        return
    print(NOTICE)
    print(f"  {', '.join(RESOURCES)} at {server.url}, until Ctrl-C")
    print(f"  curl -H 'Authorization: Bearer {server.token}' {server.url}/contacts", flush=True)


def print_stopped() -> None:
    """That it is no longer there."""
    print("stopped")
