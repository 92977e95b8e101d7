"""`lakehouse sandbox`: the systems of a company that is made up."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = typer.Option(False, "--json", help="Print the result as JSON.")
TO = typer.Option(
    None, "--to", metavar="FOLDER", help="The sandbox; the home's folder sandbox if none."
)
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="A company that is made up, with its databases, bank, machines and market: to try things.",
)


@app.command()
def create(
    scale: float = typer.Option(1.0, "--scale", min=0.001, help="1 is about a million rows."),
    seed: int = typer.Option(None, "--seed", help="Of its chance: the same makes the same."),
    to: Path = TO,
    days: int = typer.Option(None, "--days", min=1, max=1400, help="From 2025-01-01 on."),
    json: bool = JSON,
) -> None:
    """Make the systems of a group of two companies that does not exist.

    An ERP database a company (SQLite), a CRM, bank statements (camt.053 and MT940), card payments,
    machines and a market, with late changes, repeats and bad rows as real ones have. Exit status: 0
    made, 1 the folder cannot be written, 2 there is something in it.

    Example: lakehouse sandbox create --scale 0.1 --to /tmp/alder
    """
    from infra.sandbox.company import create as run
    from infra.sandbox.group import DAYS, SEED, Plan
    from orchestration.cli import sandbox_view
    from orchestration.cli.progress import progress

    plan = Plan(scale, SEED if seed is None else seed, DAYS if days is None else days)
    with _told(), progress(quiet=json) as tell, sandbox_view.timed() as seconds:
        made = run(_folder(to), plan, lambda share: tell("sandbox", round(share * 100), 100))
    sandbox_view.print_made(made, seconds(), as_json=json)


@app.command("next-day")
def next_day(to: Path = TO, json: bool = JSON) -> None:
    """Let tomorrow arrive in a sandbox: what is new in each system, and what changed.

    Example: lakehouse sandbox next-day --to /tmp/alder
    """
    from infra.sandbox.company import next_day as run
    from orchestration.cli import sandbox_view

    with _told(), sandbox_view.timed() as seconds:
        made = run(_folder(to))
    sandbox_view.print_made(made, seconds(), as_json=json)


@app.command()
def serve(
    to: Path = TO,
    port: int = typer.Option(0, "--port", min=0, max=65535, help="A free one if none."),
    json: bool = JSON,
) -> None:
    """Serve the sandbox's CRM and web shop over REST, on the loopback, until Ctrl-C.

    Prints where it is, and the token that requests need; the token is made anew each time.

    Example: lakehouse sandbox serve --to /tmp/alder
    """
    from infra.sandbox.company import databases, plan_of
    from infra.sandbox.crm import Server
    from orchestration.cli import sandbox_view

    folder = _folder(to)
    with _told():
        plan_of(folder)
        [file] = [file for system, _, file in databases(folder) if system == "crm"]
        server = Server(file, port)
    with server:
        sandbox_view.print_served(server, as_json=json)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sandbox_view.print_stopped()


def _folder(to: Path | None) -> Path:
    from catalog.settings import load

    return to or load().home / "sandbox"


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong in a sandbox, as the command line's own errors."""
    from catalog.errors import LakeError
    from infra.sandbox.company import SandboxError
    from orchestration.errors import InputError

    try:
        yield
    except SandboxError as error:
        raise InputError(str(error)) from error
    except OSError as error:
        place = error.filename or "the sandbox"
        raise LakeError(f"{place}: cannot be written or served: {error.strerror}") from error
