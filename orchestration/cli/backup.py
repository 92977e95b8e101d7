"""`lakehouse backup`."""

from __future__ import annotations

import typer


def backup(
    to: str = typer.Argument(
        ..., metavar="TO", help="A folder outside the lake, or an s3:// URL; made where missing."
    ),
    keep: int = typer.Option(
        None, "--keep", min=1, metavar="N", help="Keep the newest N backups there; else all."
    ),
    list_: bool = typer.Option(False, "--list", help="List the backups in TO; copy nothing."),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Copy the lake to another place: catalog, data, and the copies of deliveries.

    Loads and queries go on. What is there already is not copied again, so that the next backup to
    the same place takes only what is new, and each of them can be restored. Every file is kept with
    its hash. A backup that is killed leaves the earlier ones as they are. Contracts are yours and
    not in it: keep them where your code is. Of an encrypted lake the keys are in TO/catalogs.

    Example: lakehouse backup /mnt/backup/lake --keep 30
    """
    from catalog.backup import backup as run
    from catalog.backups import Backups
    from catalog.lake import Lake
    from catalog.settings import load
    from orchestration.cli.backup_view import place, print_backed_up, print_backups, progress

    if list_:
        print_backups(Backups(place(to)).all, json=json)
        return
    with progress("copying", quiet=json) as told:
        done = run(Lake(load()), place(to), keep=keep, progress=told)
    print_backed_up(done, place(to), json=json)
