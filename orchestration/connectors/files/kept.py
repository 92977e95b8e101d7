"""Deliveries of files that were loaded before: from the copy that the lake keeps, else the file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.delivery import Chunk, Delivery, DeliveryError
from orchestration.connectors.files.deliveries import delivery_of, groups_of, said_by
from orchestration.connectors.files.discover import Input
from orchestration.connectors.files.remote import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.copies import Copies
    from catalog.loads import Load
    from data_contracts.contract import Contract


def delivery_again(load: Load, contract: Contract, copies: Copies) -> Delivery:
    """The delivery of a load, as it came, to be read by today's contract.

    Its bytes are read, and held against their hash, only when its records are asked for.

    Args:
        load: that it was.
        contract: today's.
        copies: of the bytes of deliveries.

    Raises:
        DeliveryError: neither a copy nor the file is there.
    """
    source, hash_ = _input(load, contract, copies), load.content_hash.partition("&")[0]

    def read() -> Iterator[Chunk]:
        delivery = delivery_of(source, contract)
        if delivery.content_hash.partition("&")[0] != hash_:
            where = copies.place(hash_) if source.kept else source.path
            raise DeliveryError(f"{where} is not what was loaded any more: its hash is another")
        yield from delivery.read()

    said = said_by(groups_of(source.name, contract), contract)
    return Delivery(load.source, load.key, load.content_hash, 0, read, **said)


def _input(load: Load, contract: Contract, copies: Copies) -> Input:
    name = load.source
    if contract.reading.format == "excel":
        name = name.rpartition("#")[0] or name
    hash_ = load.content_hash.partition("&")[0]
    if copies.has(hash_):
        url = name if is_remote(name) else None
        return Input(Path(name), url=url, kept=partial(copies.read, hash_))
    path, _, member = name.partition("!")
    for source in (Input(Path(name)), Input(Path(path), member or None)):
        if source.path.is_file():
            return source
    raise DeliveryError(f"{name} is gone, and the lake keeps no copy of it (keepRaw)")
