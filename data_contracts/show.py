"""A contract as a person wants to see it; the command line and the site show the same facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_contracts.reading_words import delivery_in_words, reading_in_words
from data_contracts.rules import is_required
from data_contracts.words import rule_in_words, rules_of_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from data_contracts.contract import Column, Contract


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """One column; a nested one is named by its path, ``address.city`` or ``lines[].amount``."""

    name: str
    source: str
    type: str
    logical_type: str
    key: bool
    required: bool
    unique: bool
    rules: tuple[str, ...]
    unit: str | None
    currency: str | None
    classification: str | None
    description: str | None

    @property
    def marks(self) -> tuple[str, ...]:
        """What holds of its presence: key, required, unique."""
        marks = (("key", self.key), ("required", self.required and not self.key))
        return tuple(word for word, holds in (*marks, ("unique", self.unique)) if holds)

    @property
    def is_renamed(self) -> bool:
        """Whether the source has another name for it."""
        return self.source not in (self.name, self.name.rpartition(".")[2])

    @property
    def labels(self) -> tuple[str, ...]:
        """Unit, currency and classification, those that are said."""
        return tuple(label for label in (self.unit, self.currency, self.classification) if label)


@dataclass(frozen=True, slots=True)
class Shown:
    """One contract in plain words."""

    name: str
    id: str
    version: str
    status: str
    table: str
    description: str | None
    owner: str | None
    file: str
    key: tuple[str, ...]
    partition: tuple[str, ...]
    columns: tuple[ShownColumn, ...]
    reading: dict[str, str]
    delivery: dict[str, str]
    rules: tuple[str, ...]  # of a whole load


def show(contract: Contract) -> Shown:
    """The facts of a contract."""
    return Shown(
        name=name_of(contract),
        id=contract.id,
        version=contract.version,
        status=contract.status,
        table=f"bronze.{contract.table}",
        description=contract.description,
        owner=contract.owner,
        file=str(contract.file),
        key=tuple(column.name for column in contract.key),
        partition=contract.partition,
        columns=tuple(_columns(contract.columns)),
        reading=dict(reading_in_words(contract.reading)),
        delivery=dict(delivery_in_words(contract)),
        rules=tuple(rule_in_words(rule) for rule in contract.rules),
    )


def name_of(contract: Contract) -> str:
    """``<domain>.<schema name>``."""
    return f"{contract.domain}.{contract.name}"


def nested(column: Column) -> Iterator[tuple[str, Column]]:
    """The columns within a column, each with its path from there on."""
    for inner in column.fields:
        yield f".{inner.name}", inner
    if column.items is not None and (column.items.fields or column.items.items):
        yield from ((f"[]{path}", inner) for path, inner in nested(column.items))
    elif column.items is not None and rules_of_column(column.items):
        yield "[]", column.items


def _columns(columns: Iterable[Column]) -> Iterator[ShownColumn]:
    for column in columns:
        yield from _within(column.name, column)


def _missing(column: Column) -> Iterator[str]:
    """The words for missing that are a column's own."""
    if column.null_values:
        yield f"missing is {', '.join(column.null_values)}"


def _by_row(column: Column) -> str | None:
    """Where the currency of an amount is, and how it stands in the source."""
    if column.currency_column is None:
        return None
    as_stored = ", two digits in the source" if column.is_internal else ""
    return f"in {column.currency_column}{as_stored}"


def _within(path: str, column: Column) -> Iterator[ShownColumn]:
    yield ShownColumn(
        name=path,
        source=column.source,
        type=_type(column),
        logical_type=column.logical_type,
        key=column.key_position is not None,
        required=is_required(column),
        unique=column.unique,
        rules=(*rules_of_column(column), *_missing(column)),
        unit=column.unit,
        currency=column.currency or _by_row(column),
        classification=column.classification,
        description=column.description,
    )
    for step, inner in nested(column):
        yield from _within(f"{path}{step}", inner)


def _type(column: Column) -> str:
    """The lake's type in few letters: a struct's fields are columns of their own here."""
    if column.fields:
        return "STRUCT"
    if column.items is not None:
        return f"{_type(column.items)}[]"
    return column.type.replace(" WITH TIME ZONE", "TZ")
