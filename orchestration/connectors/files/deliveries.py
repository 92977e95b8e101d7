"""One input as a delivery: its name, its key, its hash and how its records are read."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from catalog.delivery import Chunk, Delivery, DeliveryError
from data_contracts.operations import FROM, TO
from orchestration.connectors.files import csv, excel, json, parquet
from orchestration.connectors.files.content import Content
from orchestration.connectors.files.text import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from catalog.copies import Copies
    from data_contracts.contract import Contract
    from orchestration.connectors.files.discover import Input


def delivery_of(source: Input, contract: Contract, copies: Copies | None = None) -> Delivery:
    """Name the delivery of an input; its bytes are read once through.

    Args:
        source: the file or member.
        contract: what its rows are held to.
        copies: where its bytes are kept, if the contract wants that.

    Raises:
        DeliveryError: the input cannot be read, or its path does not fit the contract's pattern.
    """
    groups = groups_of(source.name, contract)
    name, form = source.name, contract.reading.format
    read: Callable[[], Iterator[Chunk]]
    if form == "csv":
        survey = Survey(contract.reading)
        content = Content(source, survey.feed)
        read = partial(csv.read, content, contract, survey)
    else:
        content = Content(source)
        read = partial(READERS[form], content, contract)
    if form == "excel":
        sheet = excel.sheet_of(content, contract)
        name, read = f"{name}#{sheet}", partial(excel.read, content, contract, sheet)
    # A slash in a group must not look like the one between two.
    key = "/".join(groups[group].replace("/", "%2F") for group in contract.delivery_key) or name
    filled = filled_by(groups, contract)
    return Delivery(
        source=name,
        key=key,
        content_hash="&".join([content.hash, *(f"{g}={filled[g]}" for g in sorted(filled))]),
        size=content.size,
        read=read,
        **said_by(groups, contract),
        keep=partial(content.keep, copies) if copies and contract.keep_raw else None,
    )


READERS: dict[str, Callable[..., Iterator[Chunk]]] = {
    "excel": excel.read,
    "json": json.read_array,
    "ndjson": json.read_lines,
    "parquet": parquet.read,
}


def filled_by(groups: Mapping[str, str], contract: Contract) -> dict[str, str]:
    """The groups of a path that columns take their values from."""
    return {c.group: groups[c.group] for c in contract.columns if c.group is not None}


class Said(TypedDict):
    """What a path says of its delivery."""

    groups: dict[str, str]
    place: str | None
    covers: tuple[date, date] | None


def said_by(groups: Mapping[str, str], contract: Contract) -> Said:
    """What the groups of a path say: values of columns, its place in the order, its period.

    Raises:
        DeliveryError: a day of its period is none.
    """
    covers, group = period_of(groups, contract), contract.loading.group
    days = {FROM[1:-1]: str(covers[0]), TO[1:-1]: str(covers[1])} if covers else {}
    return {
        "groups": filled_by(groups, contract) | days,
        "place": groups[group] if group else None,
        "covers": covers,
    }


def period_of(groups: Mapping[str, str], contract: Contract) -> tuple[date, date] | None:
    """The first and last day that a path names, where the contract says that it does.

    A day is written as 2026-01-31 or 20260131; a month, as 2026-01 or 202601, is all its days.

    Raises:
        DeliveryError: it names none.
    """
    if not contract.loading.period:
        return None
    days = [_days_of(groups[name], name) for name in contract.loading.period]
    first, last = days[0][0], days[-1][1]
    if last < first:
        raise DeliveryError(
            f"its path names a period that ends before it begins: {first} to {last}"
        )
    return first, last


def _days_of(text: str, group: str) -> tuple[date, date]:
    digits = text.replace("-", "").replace("_", "")
    try:
        if len(digits) == 6:
            first = date.fromisoformat(f"{digits[:4]}-{digits[4:]}-01")
            return first, first.replace(day=monthrange(first.year, first.month)[1])
        day = date.fromisoformat(digits)
    except ValueError:
        said = f"its path has {text!r} for the group {group}, which is no day such as 2026-01-31"
        raise DeliveryError(said) from None
    return day, day


def groups_of(name: str, contract: Contract) -> dict[str, str]:
    """The groups of an input's path.

    Raises:
        DeliveryError: it does not fit the contract's pattern.
    """
    if contract.reading.path is None:
        return {}
    found = re.search(contract.reading.path, name)
    if found is None:
        raise DeliveryError(f"its path does not fit the contract's pattern {contract.reading.path}")
    missing = [name for name, value in found.groupdict().items() if value is None]
    loading = contract.loading
    needed = {*contract.delivery_key, *(c.group for c in contract.columns if c.group)}
    needed |= {*loading.period, *([loading.group] if loading.group else [])}
    if lost := sorted(needed.intersection(missing)):
        raise DeliveryError(f"its path has nothing for the group {', '.join(lost)}")
    return {name: value for name, value in found.groupdict().items() if value is not None}
