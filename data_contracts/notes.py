"""What is no fault in a contract, and still worth a second look."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from data_contracts.bounds import among
from data_contracts.custom import OURS
from data_contracts.finding import Finding, warning
from data_contracts.loading_words import loading_notes
from data_contracts.quality import is_kept
from data_contracts.words import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from data_contracts.contract import Contract
    from data_contracts.document import Document
    from data_contracts.standard import Path_

    LooksPersonal = Callable[[str], str | None]  # name of a column to what it seems to hold

MONEY = re.compile(
    "(.*_)?(amount|price|cost|costs|revenue|fee|fees|balance|salary|turnover)(_.*)?", re.IGNORECASE
)
CURRENCY = re.compile("(.*_)?(currency|ccy|waehrung)(_.*)?", re.IGNORECASE)
OF_COLUMNS = ("unit", "currency", "currencyColumn", "currencyInternal", "nullValues")
RUN = {
    "custom": "is a custom quality rule; {} runs it, not the gate",
    "text": "is a quality rule in words; people hold it, not the gate",
}


def notes(
    document: Document, contracts: Sequence[Contract], looks_personal: LooksPersonal | None = None
) -> Iterator[Finding]:
    """Warnings about a contract file.

    Args:
        document: the file.
        contracts: its schema objects, in its order.
        looks_personal: says of a column's name what personal data it seems to hold, if any.
    """
    if not contracts:
        yield warning(document, ("schema",), "has no schema object: there is nothing to load")
        return
    if len(contracts) > 1:
        said = f"{len(contracts)} schema objects: name one to load it, {document.file.name}#"
        yield warning(document, ("schema",), said + contracts[0].name)
    if contracts[0].owner is None:
        yield warning(document, ("team",), "names no owner; add a team with its name")
    for at, contract in enumerate(contracts):
        where: Path_ = ("schema", at)
        if not contract.columns:
            yield warning(document, where, "has no properties: there is nothing to load")
        yield from _undescribed(document, where, contract)
        yield from _unclassified(document, where, contract, looks_personal)
        yield from _unreadable(document, where, contract)
        yield from loading_notes(document, where, contract)
        yield from _customs(document, where, document.data["schema"][at])
        yield from _qualities(document, where, document.data["schema"][at])


def _undescribed(document: Document, where: Path_, contract: Contract) -> Iterator[Finding]:
    if not contract.description:
        yield warning(document, where, "has no description")
    silent = [column for column in contract.columns if not column.description]
    if silent:
        said = f"{len(silent)} of {len(contract.columns)} columns have no description"
        yield warning(document, where, said)


def _unclassified(
    document: Document, where: Path_, contract: Contract, looks_personal: LooksPersonal | None
) -> Iterator[Finding]:
    personal = [
        f"{column.name} ({what})"
        for column in contract.columns
        if looks_personal
        and not column.classification
        and column.logical_type != "boolean"
        and (what := looks_personal(column.name))
    ]
    if personal:
        said = f"seems personal and has no classification: {listed(personal)}"
        yield warning(document, where, said)
    if any(CURRENCY.fullmatch(column.name) for column in contract.columns):
        return
    money = [
        column.name
        for column in contract.columns
        if column.logical_type == "number"
        and not (column.currency or column.currency_column)
        and MONEY.fullmatch(column.name)
    ]
    if money:
        said = f"seems to be money and names no currency: {listed(money)}; "
        yield warning(document, where, said + "add customProperties currency")


def _unreadable(document: Document, where: Path_, contract: Contract) -> Iterator[Finding]:
    for index, column in enumerate(contract.columns):
        words = [word for word in column.enum if among(column, "value", [word]) == "false"]
        if words:
            said = f"{listed(words)}: no {column.logical_type}, so it allows nothing"
            yield warning(document, (*where, "properties", index, "enum"), said)


def _customs(document: Document, where: Path_, item: dict[str, Any]) -> Iterator[Finding]:
    """Custom properties that are almost ours: a slip would go unseen."""
    yield from _slips(document, where, item, sorted(OURS))
    for at, found in enumerate(item.get("properties") or []):
        yield from _slips(document, (*where, "properties", at), found, OF_COLUMNS)


def _slips(
    document: Document, where: Path_, item: dict[str, Any], known: Sequence[str]
) -> Iterator[Finding]:
    folded = {name.lower(): name for name in known}
    for at, custom in enumerate(item.get("customProperties") or []):
        name = str(custom.get("property"))
        like = get_close_matches(name.lower(), folded, n=1, cutoff=0.8)
        if name not in known and like:
            said = f"means nothing here; {folded[like[0]]} is meant?"
            yield warning(document, (*where, "customProperties", at), said)


def _qualities(document: Document, where: Path_, item: dict[str, Any]) -> Iterator[Finding]:
    for at, rule in enumerate(item.get("quality") or []):
        if not is_kept(rule):
            said = RUN[rule.get("type") or "text"].format(rule.get("engine") or "its own engine")
            yield warning(document, (*where, "quality", at), said)
    for at, found in enumerate(item.get("properties") or []):
        yield from _qualities(document, (*where, "properties", at), found)
