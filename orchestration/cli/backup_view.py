"""How backups and restores are shown."""

from __future__ import annotations

import json as writer
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.backup import BackedUp
    from catalog.backups import Backup
    from catalog.restore import Restored


def place(said: str) -> str:
    """A folder that a person names, absolute; or a URL."""
    return said if "://" in said else str(Path(said).expanduser().absolute())


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Progress on standard error, where a person watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _done, _all: None
        return
    columns = (
        TextColumn(what),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda done, all_: bar.update(task, completed=done, total=all_)


def print_backed_up(done: BackedUp, to: str, *, json: bool) -> None:
    """What a backup did."""
    if json:
        print(writer.dumps({**_about(done.backup), **_copied(done)}, ensure_ascii=False))
        return
    files = len(done.backup.files)
    console = Console(highlight=False)
    console.print(
        f"[green]snapshot {done.backup.snapshot} is backed up[/] in {escape(to)}: {files:,} files, "
        f"{decimal(done.backup.bytes)}",
        soft_wrap=True,
    )
    console.print(
        f"[dim]{_words(done)}; lakehouse restore {escape(to)} brings it back[/]", soft_wrap=True
    )


def print_restored(done: Restored, home: Path, *, json: bool) -> None:
    """What a restore did."""
    if json:
        about = {**_about(done.backup), **_copied(done), "catalog": done.catalog}
        print(writer.dumps({**about, "home": str(home)}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(
        f"[green]the lake of snapshot {done.backup.snapshot} is in {escape(str(home))}[/]; its "
        f"catalog is {done.catalog}",
        soft_wrap=True,
    )
    console.print(f"[dim]{_words(done)}; every file is as it was[/]")


def print_backups(backups: list[Backup], *, json: bool) -> None:
    """The backups of a place, the newest first."""
    if json:
        print(writer.dumps([_about(one) for one in backups], ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("snapshot", justify="right")
    table.add_column("when (UTC)")
    table.add_column("catalog")
    for name in ("files", "size"):
        table.add_column(name, justify="right")
    for one in backups:
        at = one.at[:19].replace("T", " ")
        table.add_row(str(one.snapshot), at, one.kind, f"{len(one.files):,}", decimal(one.bytes))
    console = Console(highlight=False)
    console.print(table if backups else "there is no backup")


def _words(done: BackedUp | Restored) -> str:
    files = f"{done.files:,} new file{'s'[: done.files != 1]} and the catalog"
    return f"{files}, {decimal(done.bytes)}, copied in {done.seconds:.1f} s"


def _copied(done: BackedUp | Restored) -> dict[str, Any]:
    return {"copied": {"files": done.files, "bytes": done.bytes, "seconds": round(done.seconds, 3)}}


def _about(backup: Backup) -> dict[str, Any]:
    return {
        "backup": backup.name,
        "snapshot": backup.snapshot,
        "at": backup.at,
        "catalog": backup.kind,
        "files": len(backup.files),
        "bytes": backup.bytes,
    }
