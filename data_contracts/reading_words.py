"""How files of a contract are read and what a delivery means, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.loading_words import loading_in_words

if TYPE_CHECKING:
    from data_contracts.contract import Contract, Reading

REDELIVERY = {
    "replace": "another content under a known key takes the place of the earlier rows",
    "keep": "another content under a known key is kept beside the earlier rows",
    "refuse": "another content under a known key is refused",
}
DUPLICATES = {
    "keep": "rows that repeat the key are kept",
    "first": "of rows that repeat the key the first is kept, the others quarantined",
    "refuse": "a file that repeats a key is refused",
}
UNKNOWN = {
    "rescue": "columns that the contract does not name are kept in _rescued",
    "ignore": "columns that the contract does not name are ignored",
    "refuse": "a file with columns that the contract does not name is refused",
}


def reading_in_words(reading: Reading) -> list[tuple[str, str]]:
    """How a file is read, label and value, and only what its format has a use for."""
    facts: list[tuple[str, str]] = [("Format", reading.format)]
    if reading.format == "csv":
        facts.append(("Delimiter", _mark(reading.delimiter)))
        facts.append(("Quote", _mark(reading.quote)))
        if reading.escape:
            facts.append(("Escape", _mark(reading.escape)))
        facts.append(("Encoding", reading.encoding))
    if reading.format in ("csv", "excel"):
        header = "the first line" if reading.header else "none, columns in the contract's order"
        facts.append(("Header", header))
        if reading.skip_lines:
            facts.append(("Lines skipped", str(reading.skip_lines)))
        facts.append(("Decimal mark", _mark(reading.decimal_mark)))
        if reading.thousands_mark:
            facts.append(("Thousands mark", _mark(reading.thousands_mark)))
        if reading.trailing_minus:
            facts.append(("Minus", "before the number or after it"))
    if reading.sheet:
        facts.append(("Sheet", reading.sheet))
    if reading.null_values:
        words = [word or "nothing between delimiters" for word in reading.null_values]
        facts.append(("Missing is", ", ".join(words)))
    if reading.path:
        facts.append(("Path", reading.path))
    return facts


def delivery_in_words(contract: Contract) -> list[tuple[str, str]]:
    """What a delivery means, label and value."""
    facts = loading_in_words(contract)
    if not contract.loading.changes:
        is_table = contract.reading.format == "table"
        whole = "the table" if is_table else "the file's whole path"
        key = ", ".join(contract.delivery_key) or whole
        facts += [("Delivery key", key), ("Redelivery", REDELIVERY[contract.redelivery])]
        if contract.key:
            facts.append(("Repeated keys", DUPLICATES[contract.duplicates]))
    facts.append(("Other columns", UNKNOWN[contract.unknown_columns]))
    syncing = contract.syncing
    if syncing.watermark:
        less = f", less {syncing.overlap:,}" if syncing.overlap else ""
        facts.append(("Read from", f"the highest {', else '.join(syncing.watermark)} on{less}"))
    if syncing.compare_keys:
        facts.append(("Deleted rows", "known by a comparison of all keys"))
    kept = "kept by content hash" if contract.keep_raw else "not kept"
    facts.append(("Delivered bytes", kept))
    return facts


def _mark(mark: str) -> str:
    names = {",": "comma", ";": "semicolon", "\t": "tab", ".": "point", " ": "blank", "": "none"}
    return f"{names[mark]} {mark}".strip() if mark in names else mark
