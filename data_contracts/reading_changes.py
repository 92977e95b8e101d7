"""Changes of how files are read and of what a delivery means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.change import BOTH, DELIVERERS, NOBODY, READERS, Audience, Change, becomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from data_contracts.contract import Contract

DIALECT = {
    "format": "format",
    "delimiter": "delimiter",
    "quote": "quote",
    "escape": "escape",
    "encoding": "encoding",
    "header": "header",
    "decimal_mark": "decimalMark",
    "thousands_mark": "thousandsMark",
    "trailing_minus": "trailingMinus",
    "skip_lines": "skipLines",
    "sheet": "sheet",
    "path": "path",
}
# Who may be surprised where a policy becomes the named one; from anything else to it.
REDELIVERY: Mapping[str, tuple[Audience, ...]] = {
    "refuse": DELIVERERS,
    "replace": READERS,
    "keep": READERS,
}
DUPLICATES: Mapping[str, tuple[Audience, ...]] = {
    "refuse": DELIVERERS,
    "first": DELIVERERS,
    "keep": READERS,
}
UNKNOWN: Mapping[str, tuple[Audience, ...]] = {
    "refuse": DELIVERERS,
    "ignore": READERS,  # _rescued is no longer filled
    "rescue": NOBODY,
}


def reading_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Every change of a file's format and dialect."""
    for name, said in DIALECT.items():
        before, after = getattr(old.reading, name), getattr(new.reading, name)
        if before != after:
            broken = NOBODY if name == "path" and after is None else DELIVERERS
            yield Change("files", f"{said} {becomes(_shown(before), _shown(after))}", broken)
    before, after = old.reading.null_values, new.reading.null_values
    for text in [text for text in before if text not in after]:
        yield Change("files", f"{text!r} no longer means a missing value", DELIVERERS)
    for text in [text for text in after if text not in before]:
        yield Change("files", f"{text!r} now means a missing value", _broken_by_null(new))
    if not old.reading.header and not new.reading.header:
        places = [[c.source for c in contract.columns if not c.group] for contract in (old, new)]
        if places[1][: len(places[0])] != places[0]:
            yield Change("files", "columns have other places, and no header names them", DELIVERERS)


def delivery_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Every change of what a delivery is and what becomes of a second one."""
    if old.delivery_key != new.delivery_key:
        before, after = (", ".join(c.delivery_key) or "the whole path" for c in (old, new))
        yield Change("deliveries", f"deliveryKey {becomes(before, after)}", BOTH)
    policies = (
        ("redelivery", old.redelivery, new.redelivery, REDELIVERY),
        ("duplicates", old.duplicates, new.duplicates, DUPLICATES),
        ("unknownColumns", old.unknown_columns, new.unknown_columns, UNKNOWN),
    )
    for name, before, after, broken in policies:
        if before != after:
            who = broken[after]
            if name == "duplicates" and before == "refuse" and after == "first":
                who = NOBODY
            yield Change("deliveries", f"{name} {becomes(before, after)}", who)
    syncings = [
        {
            "watermark": ", ".join(contract.syncing.watermark),
            "overlap": contract.syncing.overlap or "",
            "compareKeys": "true" if contract.syncing.compare_keys else "",
        }
        for contract in (old, new)
    ]
    for name, was in syncings[0].items():
        if was != syncings[1][name]:
            yield Change("deliveries", f"{name} {becomes(was, syncings[1][name])}")
    if old.keep_raw != new.keep_raw:
        words = "are kept now" if new.keep_raw else "are no longer kept"
        yield Change("deliveries", f"the delivered bytes {words}")


def _broken_by_null(new: Contract) -> tuple[Audience, ...]:
    """A text that used to be a value: it breaks rows where it stood in a required text."""
    required = any(c.required and c.logical_type == "string" for c in new.columns)
    return DELIVERERS if required else NOBODY


def _shown(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, str) and len(value) <= 1 and value else value
