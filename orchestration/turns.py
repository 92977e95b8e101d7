"""Syncs of whole sources: meant by a name or a URL, opened, and one at a time."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from orchestration.connectors.databases.address import address_of, is_address
from orchestration.connectors.open import extensions_for, open_source
from orchestration.contracts_of import contracts_of
from orchestration.errors import InputError
from orchestration.reset import reset
from orchestration.sources import Source, known, source_of
from orchestration.sync import Synced, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from catalog.lake import Lake
    from catalog.settings import Settings
    from orchestration.connectors.connector import Asked
    from orchestration.ingest import Watcher


def meant(
    settings: Settings,
    given: str | None,
    contracts: Path | None,
    tables: Sequence[str],
    origin: str | None,
) -> list[Source]:
    """The sources that a person means.

    Args:
        settings: of the lake, whose home has those with names.
        given: a name or a URL; every named one where it is None.
        contracts: where they are, which a named source says itself.
        tables: only these.
        origin: name of the instance.

    Raises:
        InputError: there is no such source, or nothing says what it is read by.
    """
    if given is not None and is_address(given):
        if contracts is None:
            raise InputError(
                "--contracts is missing, the folder of the tables' contracts; write them: "
                "lakehouse contracts init URL --out DIR"
            )
        return [Source(address_of(given), contracts, tables=tuple(tables), origin=origin)]
    names = known(settings) if given is None else [given]
    if not names:
        raise InputError("no source has a name here; lakehouse sources add NAME URL")
    found = [source_of(settings, name) for name in names]
    return [
        replace(
            source,
            contracts=contracts or source.contracts,
            tables=tuple(tables) or source.tables,
            origin=origin or source.origin,
        )
        for source in found
    ]


def synced(
    lake: Lake,
    source: Source,
    asked: Asked,
    *,
    anew: bool = False,
    watcher: Watcher | None = None,
    tell: Callable[[str], object] = lambda _line: None,
) -> Synced:
    """Sync a source, when no other sync of it is at work any more.

    Args:
        lake: to load into.
        source: what to read.
        asked: what of it.
        anew: take back what was loaded of its tables first.
        watcher: is told how it goes.
        tell: is given a line that somebody should read at once.

    Raises:
        InputError: it has no contracts.
        ContractError: one is wrong.
        UnreachableError: it is out of reach.
        LakeError: the lake cannot be written.
    """
    address = source.address
    contracts = contracts_of(source.contracts, address.domain, source.tables)
    asked = replace(asked, origin=source.origin)
    lake.create()
    waiting = f"another sync of {source.name or address.shown} is at work; waiting for its end"
    with (
        lake.turn(f"{address.shown} {source.origin or ''}", lambda: tell(waiting)),
        lake.connect(also=extensions_for(address)) as connection,
        closing(open_source(address, connection)) as connector,
    ):
        if anew:
            reset(lake, contracts, asked.origin)
        return sync(lake, connector, contracts, asked, connection=connection, watcher=watcher)
