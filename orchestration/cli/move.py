"""`lakehouse move`."""

from __future__ import annotations

import typer


def move(
    catalog: str = typer.Option(
        ...,
        "--catalog",
        metavar="URL|embedded|sqlite",
        help="Where to: a file of the home (sqlite), a Postgres of the home's own (embedded), or "
        "the postgresql:// URL of a database without a lake; better as LAKEHOUSE_MOVE_TO, which "
        "no list of processes shows.",
        envvar="LAKEHOUSE_MOVE_TO",
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Move the lake's catalog to another kind or place; the data stays where it is.

    Loads wait meanwhile and are then told to run again; queries go on. Before anything is switched,
    tables are asked for what they answer, now and in history, and a copy is written to. The old
    catalog is put aside, where nothing opens it. Killed and run again, it is done.

    Example: lakehouse move --catalog embedded
    """
    from functools import partial

    from catalog.move import move as run
    from catalog.settings import check_catalog, load
    from orchestration.cli.move_view import print_moved
    from orchestration.cli.progress import progress

    settings = load()
    check_catalog(catalog, "--catalog")
    with progress(quiet=json) as told:
        done = run(settings, catalog, partial(told, "comparing answers"))
    print_moved(done, json=json, is_set=settings.catalog is not None)
