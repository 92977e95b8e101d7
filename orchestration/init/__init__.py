"""First contracts for files that nobody has described: `lakehouse contracts init`.

Reading order: write (the whole way), gather, files and survey (what there is), shape (encoding,
dialect, table, header, excel, records, parquet), dataset and naming, sample, profile (types,
numbers, dates, json_types, arrow_types, facts, personal, keys), groups (what paths say), notes,
draft, rest (what changes beyond the sample).
"""

from orchestration.init.errors import InitError
from orchestration.init.write import Draft, init

__all__ = ["Draft", "InitError", "init"]
