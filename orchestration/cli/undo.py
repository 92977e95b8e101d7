"""`lakehouse undo`."""

from __future__ import annotations

import typer


def undo(
    load: int = typer.Argument(
        ..., metavar="LOAD", min=1, help="Number of the load, _batch of its rows."
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Take one load back, in one commit; its file can be loaded again.

    What the load had taken the place of comes back. History keeps what was there:
    `lakehouse sql --at`.

    Example: lakehouse undo 12
    """
    from functools import partial

    from catalog.lake import Lake
    from catalog.runs import Run
    from catalog.settings import load as load_settings
    from catalog.undo import undo as run
    from data_contracts.find import find
    from orchestration.cli.amendments_view import print_undone

    settings = load_settings()
    contract_of = partial(find, folders=settings.contracts)
    print_undone(run(Lake(settings), load, Run("undo", settings), contract_of), json=json)
