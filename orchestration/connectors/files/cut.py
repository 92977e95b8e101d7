"""A CSV text cut into records and fields by pyarrow, every field as it is written."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from data_contracts.contract import Reading
    from orchestration.connectors.files.text import Readable, Survey

MOST_COLUMNS = 4096


def cut(
    text: Readable,
    reading: Reading,
    survey: Survey,
    broken: Callable[[pa.csv.InvalidRow], str],
    block: int,
    size: int,
) -> pa.csv.CSVStreamingReader:
    """Batches of records, the header as the first of them, blank lines left out.

    Args:
        text: UTF-8.
        reading: delimiter, quote, escape and lines to skip.
        survey: whether lines may be parts of records.
        broken: is given each record that has not as many fields as the first.
        block: bytes that are cut at once; a record must fit in.
        size: of the file in bytes; it has not more columns than them, and one.
    """
    return pa.csv.open_csv(
        text,
        read_options=pa.csv.ReadOptions(
            use_threads=False,  # else broken records have no number
            block_size=block,
            skip_rows=reading.skip_lines,
            autogenerate_column_names=True,
        ),
        parse_options=pa.csv.ParseOptions(
            delimiter=reading.delimiter,
            quote_char=reading.quote or False,
            double_quote=True,
            escape_char=reading.escape or False,
            newlines_in_values=survey.quoted or bool(reading.escape),
            invalid_row_handler=broken,
        ),
        convert_options=_as_text(min(1 << size.bit_length(), MOST_COLUMNS)),
    )


@cache
def _as_text(columns: int) -> pa.csv.ConvertOptions:
    """Every field is a text. To name the most columns there may be takes 2 ms."""
    return pa.csv.ConvertOptions(
        column_types={f"f{at}": pa.string() for at in range(columns)},
        check_utf8=False,  # it has been looked at
        strings_can_be_null=False,
    )
