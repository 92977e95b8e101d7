"""A table whose changes PostgreSQL sends: what it needs for that, and what contracts say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from data_contracts.matching import match
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data_contracts.contract import Contract
    from orchestration.connectors.databases.replication_session import Session

META = ("_op", "_lsn", "_committed_at")  # columns of a change beside the table's own
TABLE = """
select
    c.oid::bigint, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relreplident::text,
    (
        select coalesce(array_agg(a.attname::text order by a.attnum), '{}') from pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and (
            c.relreplident = 'f' or a.attnum in (
                select unnest(i.indkey::int2[]) from pg_index as i
                where i.indrelid = c.oid
                    and (c.relreplident = 'd' and i.indisprimary
                    or c.relreplident = 'i' and i.indisreplident)
            )
        )
    ),
    (
        select coalesce(array_agg(a.attname::text), '{}') from pg_attribute as a
        where a.attrelid = c.oid and a.attgenerated <> '' and not a.attisdropped
    )
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p')
    and (
        (n.nspname = current_schema() and c.relname = %(name)s)
        or n.nspname || '.' || c.relname = %(name)s
    )
"""


@dataclass(frozen=True, slots=True)
class Published:
    """A table whose changes can be read.

    Attributes:
        place: its schema and name, quoted.
    """

    oid: int
    place: str


def is_replicated(contract: Contract, columns: Sequence[str]) -> bool:
    """Whether a contract is of a table's changes, and not of a table that holds operations."""
    named = {column.name: column.source for column in contract.columns}
    source = named.get(contract.loading.operation or "")
    return contract.loading.mode == "cdc" and source == META[0] and source not in columns


def table_of(session: Session, contract: Contract) -> Published:
    """The contract's table, where its changes can be read.

    Raises:
        DeliveryError: they cannot; it says what to do.
    """
    name = contract.source or contract.name
    found = session.ask(TABLE, {"name": name})
    if not found:
        raise DeliveryError(f"there is no table {name} whose changes PostgreSQL could send")
    oid, place, identity, identifying, generated = found[0]
    if identity == "n" or not identifying:
        how = "has no primary key" if identity == "d" else "has no replica identity"
        raise DeliveryError(
            f"{name} {how}; make one, or: alter table {place} replica identity full"
        )
    keys = match(contract.key, identifying)
    if lost := [column.source for column in contract.key if column.name not in keys]:
        said = f"{name}: {lost[0]} is of the contract's key, and PostgreSQL does not send it with "
        raise DeliveryError(f"{said}deletions; alter table {place} replica identity full")
    if unsent := list(match(contract.columns, generated).values()):
        said = f"{name}: {unsent[0]} is generated, which PostgreSQL does not send; leave it out of "
        raise DeliveryError(f"{said}{contract.id}, or set unknownColumns: ignore")
    return Published(oid, place)


def without_meta(contract: Contract) -> Contract:
    """The contract of the table's own columns."""
    own = tuple(column for column in contract.columns if column.source not in META)
    return replace(contract, columns=own)


def meta_of(contract: Contract, said: Mapping[str, str]) -> str:
    """SQL of what the contract names of a change beside the table's columns."""
    named = {column.source for column in contract.columns}
    return ", ".join(f"{sql} as {quoted(name)}" for name, sql in said.items() if name in named)
