"""`lakehouse maintain`."""

from __future__ import annotations

import typer

AGE = "How old a file that nothing reads has to be before it is deleted: 30d, 6h."


def maintain(
    keep_files: str = typer.Option("1d", "--keep-files", metavar="AGE", help=AGE),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Say what there is to do, and do nothing."
    ),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Keep the lake fast and small, and let go what is past its time.

    Rows leave by their contract's retention, history by LAKEHOUSE_HISTORY (for good where it is not
    set; what is pinned stays: `lakehouse pin`). Rows in the catalog go into files, small files into
    large ones, and files with many deleted rows are written anew; what every table answers is
    compared before and after. Files that nothing reads any more are deleted past an age.

    Loads and queries may go on. Run it daily; it can be stopped anywhere and run again.
    """
    from catalog.settings import interval, load
    from orchestration.cli.maintain_view import print_upkeep
    from orchestration.cli.progress import progress
    from orchestration.errors import InputError
    from orchestration.upkeep import upkeep

    guard = interval(keep_files)
    if guard is None:
        raise InputError(f"--keep-files is {keep_files!r}; an age such as 30d or 6h is meant")
    with progress(quiet=json) as told:
        done = upkeep(load(), guard, dry_run=dry_run, progress=told)
    print_upkeep(done, dry_run=dry_run, json=json)
