"""`lakehouse doctor`."""

from __future__ import annotations

import typer


def doctor(
    json: bool = typer.Option(False, "--json", help="Print what is found as JSON, an array."),
) -> None:
    """What is wrong with the installation, the contracts and the lake, and what mends it.

    Exit status: 0 nothing is wrong (there may be notes), 1 something is.
    """
    from catalog.settings import load
    from orchestration.cli.doctor_view import print_ailments
    from orchestration.doctor import examine

    found = list(examine(load()))
    print_ailments(found, json=json)
    if any(one.severity == "error" for one in found):
        raise typer.Exit(1)
