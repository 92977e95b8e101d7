"""`lakehouse settings`."""

from __future__ import annotations

import typer


def settings(
    json: bool = typer.Option(False, "--json", help="Print them as JSON, an array of objects."),
) -> None:
    """Every setting, its value and where that is from; a password is never shown."""
    from catalog.settings import told

    found = told()
    if json:
        from orchestration.cli.plain import print_json

        print_json(found)
    else:
        from orchestration.cli.settings_view import print_table

        print_table(found)
