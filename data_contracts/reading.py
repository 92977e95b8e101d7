"""How files of a contract are read, from what its custom properties say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.contract import Reading

if TYPE_CHECKING:
    from data_contracts.custom import Custom

TYPED_NULLS = ("parquet", "json", "ndjson", "table")  # these say null themselves


def reading_of(custom: Custom) -> Reading:
    """The reading that a schema object's custom properties say.

    Raises:
        ContractError: two of them do not go together, or the encoding is unknown.
    """
    form = custom.get("format", "csv")
    reading = Reading(
        format=form,
        delimiter=custom.get("delimiter", ","),
        quote=custom.get("quote", '"'),
        escape=custom.get("escape", ""),
        encoding=custom.get("encoding", "UTF-8"),
        header=custom.get("header", True),
        decimal_mark=custom.get("decimalMark", "."),
        thousands_mark=custom.get("thousandsMark", ""),
        trailing_minus=custom.get("trailingMinus", False),
        null_values=tuple(custom.get("nullValues", () if form in TYPED_NULLS else ("",))),
        skip_lines=custom.get("skipLines", 0),
        sheet=custom.get("sheet"),
        path=custom.get("path"),
    )
    try:
        "".encode(reading.encoding)
    except LookupError:
        said = f"encoding {reading.encoding!r} is unknown; UTF-8 or ISO-8859-1, say"
        raise custom.fault("encoding", said) from None
    if not reading.delimiter:
        raise custom.fault("delimiter", "delimiter is empty; one character in quotes is meant")
    if reading.delimiter == reading.quote:
        said = "delimiter and quote are the same; name two characters"
        raise custom.fault("quote" if custom.get("quote") else "delimiter", said)
    if reading.escape and reading.escape in (reading.delimiter, reading.quote):
        said = (
            "escape is the delimiter or the quote; name another character (quotes may be doubled)"
        )
        raise custom.fault("escape", said)
    if reading.decimal_mark not in (".", ","):
        raise custom.fault("decimalMark", "decimalMark is '.' or ','")
    if reading.decimal_mark == reading.thousands_mark:
        said = "decimalMark and thousandsMark are the same; name two marks"
        raise custom.fault("thousandsMark", said)
    return reading
