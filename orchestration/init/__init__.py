"""First contracts for files that nobody has described: `lakehouse contracts init`.

Reading order: files, shape (encoding, dialect, header, excel, records), dataset, sample, profile
(types, numbers, dates, nested, facts, personal, keys), groups, draft.
"""

from orchestration.init.errors import InitError
from orchestration.init.write import Draft, init

__all__ = ["Draft", "InitError", "init"]
