"""`lakehouse quarantine list | show | retry | discard`."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Rows that broke their contract: list, show, gate again, or discard.",
    no_args_is_help=True,
)
WHICH = "Contracts (erp.order), loads (12) and rows (12-7)"


@app.command("list")
def list_(
    which: list[str] = typer.Argument(None, metavar="[WHICH]...", help=f"{WHICH}; all if none."),
    json: bool = typer.Option(False, "--json", help="Print them as JSON, an array of objects."),
) -> None:
    """How many rows are in quarantine, by load and reason."""
    from catalog.lake import Lake
    from catalog.quarantine import groups
    from catalog.settings import load
    from orchestration.cli.quarantine_view import print_groups

    with Lake(load()).connect(read_only=True) as connection:
        print_groups(groups(connection, which or []), json=json)


@app.command("show")
def show(
    which: list[str] = typer.Argument(..., metavar="WHICH...", help=f"{WHICH}."),
    limit: int = typer.Option(20, "--limit", "-n", min=1, help="How many rows at most."),
    json: bool = typer.Option(False, "--json", help="Print them as JSON, an array of objects."),
) -> None:
    """Rows as they came, with every reason."""
    from catalog.lake import Lake
    from catalog.quarantine import rows
    from catalog.settings import load
    from orchestration.cli.quarantine_view import print_rows, print_uncut
    from orchestration.retry import uncut

    with Lake(load()).connect(read_only=True) as connection:
        print_rows(rows(connection, which, limit), json=json)
        if not json:
            print_uncut(uncut(connection, which))


@app.command("retry")
def retry(
    which: list[str] = typer.Argument(None, metavar="[WHICH]...", help=f"{WHICH}; all if none."),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Gate rows again by today's contract; those that keep it go into bronze.

    They keep their load, source and position. Those that still break it stay, with today's reasons;
    so do records that were never cut into columns, which `lakehouse reload` reads again.
    """
    from functools import partial

    from catalog.lake import Lake
    from catalog.settings import load
    from data_contracts.find import find
    from orchestration.cli.amendments_view import print_amendments
    from orchestration.cli.quarantine_view import print_uncut
    from orchestration.cli.quick import arrow_without_pandas
    from orchestration.retry import retry as run
    from orchestration.retry import uncut

    arrow_without_pandas()
    settings = load()
    contract_of = partial(find, folders=settings.contracts)
    print_amendments(run(settings, which or [], contract_of), json=json)
    if not json:
        with Lake(settings).connect(read_only=True) as connection:
            print_uncut(uncut(connection, which or []))


@app.command("discard")
def discard(
    which: list[str] = typer.Argument(..., metavar="WHICH...", help=f"{WHICH}."),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Take rows out of quarantine for good; the ledger counts them, and history has them."""
    from catalog.lake import Lake
    from catalog.quarantine import discard as run
    from catalog.runs import Run
    from catalog.settings import load
    from orchestration.cli.amendments_view import print_amendments

    settings = load()
    done = run(Lake(settings), which, Run("quarantine discard", settings))
    print_amendments(done, json=json)
