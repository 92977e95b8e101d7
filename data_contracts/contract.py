"""What a contract says, in the words the gate and the lake use; free of YAML and of storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from data_contracts.loading import Loading
from data_contracts.syncing import Syncing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data_contracts.retention import Retention

Format = Literal["csv", "excel", "parquet", "json", "ndjson", "table"]
Redelivery = Literal["replace", "keep", "refuse"]
Duplicates = Literal["keep", "first", "refuse"]
UnknownColumns = Literal["rescue", "ignore", "refuse"]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One quality rule of the standard, of a column or of the whole schema object."""

    name: str
    type: Literal["library", "sql"]
    severity: Severity
    metric: str | None = None
    query: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[tuple[str, Any], ...] = ()  # ("mustBe", 0), ("mustBeBetween", [1, 9])
    unit: Literal["rows", "percent"] = "rows"
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One property of a contract."""

    name: str
    source: str
    logical_type: str
    type: str  # of the lake, as DuckDB writes it
    required: bool = False
    unique: bool = False
    key_position: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    enum: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    fields: tuple[Column, ...] = ()  # of an object
    items: Column | None = None  # of an array
    description: str | None = None
    classification: str | None = None
    unit: str | None = None
    currency: str | None = None
    currency_column: str | None = None  # which has the currency of an amount, row by row
    is_internal: bool = False  # an amount as SAP's tables have it, with two digits always
    null_values: tuple[str, ...] = ()  # texts that are missing values here, beside the reading's

    @property
    def group(self) -> str | None:
        """The group of the path that the value comes from, where the source is ``{group}``."""
        named = self.source.startswith("{") and self.source.endswith("}")
        return self.source[1:-1] if named else None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file of the contract is read."""

    format: Format = "csv"
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""  # before a character that is meant as such: \\" within quotes
    encoding: str = "UTF-8"
    header: bool = True
    decimal_mark: str = "."
    thousands_mark: str = ""
    trailing_minus: bool = False  # 1234- is negative
    null_values: tuple[str, ...] = ("",)
    skip_lines: int = 0
    sheet: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """One schema object of a contract file: what the rows of one bronze table are."""

    id: str
    version: str
    domain: str
    name: str
    columns: tuple[Column, ...]
    file: Path
    digest: str  # SHA-256 of the contract's text
    reading: Reading = field(default_factory=Reading)
    delivery_key: tuple[str, ...] = ()  # groups of the path; the whole path where empty
    redelivery: Redelivery = "replace"
    duplicates: Duplicates = "keep"
    unknown_columns: UnknownColumns = "rescue"
    keep_raw: bool = True
    rules: tuple[Rule, ...] = ()
    status: str = "active"
    description: str | None = None
    owner: str | None = None
    partition: tuple[str, ...] = ()
    retention: Retention | None = None
    loading: Loading = field(default_factory=Loading)
    syncing: Syncing = field(default_factory=Syncing)
    source: str | None = None  # the table of a database, where it has another name

    @property
    def table(self) -> str:
        """Name of the bronze table, without its schema."""
        return f"{self.domain}_{self.name}"

    @property
    def key(self) -> tuple[Column, ...]:
        """The columns of the primary key, in the order of their positions."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(sorted(keyed, key=lambda column: column.key_position or 0))
