"""A table as its database describes it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column.

    Attributes:
        type: as the database writes it, ``numeric(10,2)`` or ``varchar(20)``.
        key: its place in the primary key, from 1.
        by_bytes: a text that its database compares byte by byte.
    """

    name: str
    type: str
    nullable: bool = True
    key: int | None = None
    comment: str | None = None
    by_bytes: bool = False

    @property
    def kind(self) -> str:
        """The type in lower case, without its parameters."""
        bare, _, rest = self.type.lower().partition("(")
        return f"{bare.strip()}{rest.partition(')')[2]}"


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table or view.

    Attributes:
        name: as contracts name it: with its schema where that is not the database's usual one.
        path: schema and name, or the name alone.
        heirs: other tables inherit from it, whose rows it has too: its key is of its own rows.
        plain: DuckDB's scanner reads it in parts, by several threads.
        checks: the conditions of its CHECK constraints, in its own SQL.
    """

    name: str
    path: tuple[str, ...]
    columns: tuple[SourceColumn, ...]
    comment: str | None = None
    heirs: bool = False
    plain: bool = False
    checks: tuple[str, ...] = field(default=())

    @property
    def key(self) -> tuple[SourceColumn, ...]:
        """The primary key's columns in their order; a view has none."""
        keyed = [column for column in self.columns if column.key is not None]
        return tuple(sorted(keyed, key=lambda column: column.key or 0))
