"""`lakehouse restore`."""

from __future__ import annotations

import typer


def restore(
    from_: str = typer.Argument(..., metavar="FROM", help="Where `lakehouse backup` copied to."),
    at: int = typer.Option(
        None,
        "--at",
        metavar="SNAPSHOT",
        help="The backup of this snapshot; else the newest. `lakehouse backup --list` has them.",
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Make the lake again from a backup, in a home that has none (LAKEHOUSE_HOME).

    It answers as it did, older snapshots too, and loads go on where they were. Every file is held
    against its hash. The catalog is of the kind that it was of, or of what LAKEHOUSE_CATALOG says.
    Killed and run again, it goes on.

    Example: LAKEHOUSE_HOME=/srv/lake lakehouse restore /mnt/backup/lake
    """
    from catalog.restore import restore as run
    from catalog.settings import load
    from orchestration.cli.backup_view import place, print_restored, progress

    settings = load()
    with progress("restoring", quiet=json) as told:
        done = run(settings, place(from_), at=at, progress=told)
    print_restored(done, settings.home, json=json)
