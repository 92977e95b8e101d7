"""How the contracts of a list, a site or a draft are shown, in 80 columns or JSON."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from data_contracts.find import name_of as file_name
from data_contracts.show import name_of
from orchestration.cli.contracts_output import short
from orchestration.cli.plain import counted, print_json, table
from orchestration.cli.printable import escape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data_contracts.check import Checked
    from data_contracts.contract import Contract
    from data_contracts.inventory import Entry
    from orchestration.init import Draft
    from orchestration.init.database.write import Written


def print_list(entries: list[Entry], *, as_json: bool) -> None:
    """Contracts by the folder they are in, one a row; broken files below."""
    if as_json:
        known = [_listed(entry, c) for entry in entries for c in entry.contracts]
        broken = [{"file": str(e.file), "fault": e.fault} for e in entries if e.fault]
        print_json({"contracts": known, "broken": broken})
        return
    console = Console(highlight=False)
    folders = dict.fromkeys(entry.file.parent.parent for entry in entries)
    for folder in folders:
        rows = [(e, c) for e in entries if e.file.parent.parent == folder for c in e.contracts]
        if not rows:
            continue
        console.print(f"[dim]{escape(short(folder))}/[/]", soft_wrap=True)
        unlike = any(name_of(c) != file_name(e.file) for e, c in rows)
        found = table("name", "version", "status", "columns", "key", "format")
        found.columns[0].no_wrap = True
        found.columns[3].justify = "right"
        if unlike:
            found.add_column("file", overflow="fold")
        for entry, contract in rows:
            cells = [
                f"[bold]{escape(name_of(contract))}[/]",
                escape(contract.version),
                escape(contract.status),
                str(len(contract.columns)),
                escape(", ".join(column.name for column in contract.key)),
                contract.reading.format,
            ]
            cells += [escape(str(entry.file.relative_to(folder)))] if unlike else []
            found.add_row(*cells)
        console.print(found)
    for entry in entries:
        if entry.fault:
            fault = entry.fault.replace(str(entry.file), short(entry.file))
            console.print(f"[red]broken[/] {escape(fault)}", soft_wrap=True)
    if not entries:
        console.print("no contracts; draft one: lakehouse contracts init FILE --out data_contracts")


def _listed(entry: Entry, contract: Contract) -> dict[str, Any]:
    return {
        "name": name_of(contract),
        "id": contract.id,
        "version": contract.version,
        "status": contract.status,
        "table": f"bronze.{contract.table}",
        "columns": len(contract.columns),
        "key": [column.name for column in contract.key],
        "format": contract.reading.format,
        "file": str(entry.file),
    }


def print_site(index: Path, checked: list[Checked], *, as_json: bool) -> None:
    """Where the site is, and what is not on it."""
    contracts = sum(len(one.contracts) for one in checked if one.accepted)
    refused = [str(one.file) for one in checked if not one.accepted]
    if as_json:
        print_json({"index": str(index), "contracts": contracts, "refused": refused})
        return
    console = Console(highlight=False)
    for file in refused:
        said = f"no page, it is refused: lakehouse contracts check {shlex.quote(file)}"
        console.print(f"[red]{escape(said)}[/]", soft_wrap=True)
    console.print(
        f"{counted(contracts, 'contract')}: [bold]{escape(str(index))}[/]", soft_wrap=True
    )


def print_drafts(drafts: list[Draft], *, as_json: bool) -> None:
    """What was written, what to look at, and the next command."""
    commands = [shlex.join(["lakehouse", "ingest", str(d.path), *map(str, d.load)]) for d in drafts]
    if as_json:
        found = [
            {
                "id": draft.id,
                "file": str(draft.path),
                "files": list(draft.files),
                "columns": draft.columns,
                "notes": list(draft.notes),
                "next": command,
            }
            for draft, command in zip(drafts, commands, strict=True)
        ]
        print_json({"contracts": found})
        return
    console = Console(highlight=False)
    for draft, command in zip(drafts, commands, strict=True):
        files = counted(len(draft.files), "file")
        console.print(
            f"[bold]{escape(draft.id)}[/] {draft.columns} columns, {files}: "
            f"{escape(str(draft.path))}",
            soft_wrap=True,
        )
        for note in draft.notes:
            console.print(Padding(Text(f"look at: {note}", "yellow"), (0, 0, 0, 2)))
        console.print(f"  [dim]next:[/] {escape(command)}", soft_wrap=True)


def print_of_database(written: Sequence[Written], url: str, out: Path, *, as_json: bool) -> None:
    """What was written of a database, what to look at, and the next command."""
    from orchestration.connectors.databases.address import address_of

    command = shlex.join(["lakehouse", "sync", address_of(url).shown, "--contracts", str(out)])
    if as_json:
        found = [
            {
                "id": one.id,
                "file": str(one.path),
                "source_table": one.table,
                "columns": one.columns,
                "load": one.load,
                "notes": list(one.notes),
            }
            for one in written
        ]
        print_json({"contracts": found, "next": command})
        return
    console = Console(highlight=False)
    for one in written:
        console.print(
            f"[bold]{escape(one.id)}[/] {one.columns} columns, {one.load}: {escape(str(one.path))}",
            soft_wrap=True,
        )
        for note in one.notes:
            console.print(Padding(Text(f"look at: {note}", "yellow"), (0, 0, 0, 2)))
    console.print(f"[dim]next:[/] {escape(command)}", soft_wrap=True)
