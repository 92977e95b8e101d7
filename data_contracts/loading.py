"""What a delivery of a contract means: the load semantics of its schema object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data_contracts.contract import Column
    from data_contracts.custom import Custom

Mode = Literal["append", "snapshot", "period", "upsert", "cdc"]
Operation = Literal["insert", "update", "delete", "truncate"]
# As Debezium, Oracle GoldenGate, SQL Server, dlt and people write them, whatever the case.
OPERATIONS: dict[str, Operation] = {
    "c": "insert", "r": "insert", "i": "insert", "insert": "insert", "create": "insert",
    "read": "insert", "u": "update", "update": "update", "d": "delete", "delete": "delete",
    "t": "truncate", "truncate": "truncate",
}  # fmt: skip
SHRINK = 20.0  # percent that a whole may lose before somebody is asked
OF_APPEND = ("redelivery", "deliveryKey", "duplicates")


@dataclass(frozen=True, slots=True)
class Loading:
    """What a delivery means.

    Attributes:
        mode: append, each adds its rows; snapshot, each is the whole; period, each replaces the
            days that it covers; upsert, a row replaces its key; cdc, a row is an operation.
        period_by: the column whose day a period covers.
        period: groups of the path that name its first and its last day, or one for both; where
            there is none, the rows do.
        order_by: columns, or fields of them with dots, that decide which of two versions of a key
            is newer.
        delivery_order: what orders whole deliveries, a column or a ``{group}`` of the path; None is
            their arrival.
        delete_when: SQL over the columns, true for a row that deletes its key.
        operation: the column that says what a row does, under cdc.
        operations: what each of its values means; keys are lower case.
        shrink: percent of its rows that a snapshot or period may lose without being held, and a
            table of its keys where those are compared.
    """

    mode: Mode = "append"
    period_by: str | None = None
    period: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    delivery_order: str | None = None
    delete_when: str | None = None
    operation: str | None = None
    operations: Mapping[str, Operation] = field(default_factory=lambda: dict(OPERATIONS))
    shrink: float = SHRINK

    @property
    def changes(self) -> bool:
        """Whether bronze is a log of changes, and not of rows that were added."""
        return self.mode != "append"

    @property
    def by_rows(self) -> bool:
        """Whether the rows themselves say which of two versions is newer, whatever came first."""
        return self.mode in ("upsert", "cdc") and bool(self.order_by)

    @property
    def group(self) -> str | None:
        """The group of the path that orders deliveries."""
        named = self.delivery_order or ""
        return named[1:-1] if named.startswith("{") and named.endswith("}") else None

    @property
    def is_ordered(self) -> bool:
        """Whether the order in which deliveries arrive changes nothing."""
        return self.mode == "append" or self.by_rows or self.delivery_order is not None


def path_of(named: str) -> str:
    """SQL of a column, or of a field of one that is named with dots."""
    return ".".join(quoted(part) for part in named.split("."))


def loading_of(custom: Custom, columns: Sequence[Column], groups: set[str]) -> Loading:
    """The load semantics that a schema object's custom properties say.

    Args:
        custom: the properties.
        columns: of the schema object.
        groups: of its path.

    Raises:
        ContractError: they do not go together, or name what is not there.
    """
    mode: Mode = custom.get("load", "append")
    loading = Loading(
        mode=mode,
        period_by=custom.get("periodBy"),
        period=tuple(name.strip("{}") for name in custom.get("period", ())),
        order_by=tuple(custom.get("orderBy", ())),
        delivery_order=custom.get("deliveryOrder"),
        delete_when=custom.get("deleteWhen"),
        operation=custom.get("operation"),
        operations=_operations(custom),
        shrink=float(custom.get("allowShrink", SHRINK)),
    )
    if mode == "append":
        _refuse(custom, ("periodBy", "orderBy", "deliveryOrder", "deleteWhen", "allowShrink"), mode)
    else:
        _refuse(custom, OF_APPEND, mode)
        _need_key(custom, columns, mode)
    if mode != "cdc":
        _refuse(custom, ("operation", "operations"), mode)
    if mode not in ("snapshot", "period") and not custom.get("compareKeys"):
        _refuse(custom, ("allowShrink",), mode)
    if mode != "period":
        _refuse(custom, ("periodBy", "period"), mode)
    for name, wanted in (("periodBy", mode == "period"), ("operation", mode == "cdc")):
        if wanted and custom.get(name) is None:
            said = f"load is {mode}, which needs {name}: the column that says the {NEEDS[name]}"
            raise custom.fault("load", said)
    _need_columns(custom, loading, columns, groups)
    return loading


NEEDS = {"periodBy": "day", "operation": "operation"}


def _refuse(custom: Custom, names: Sequence[str], mode: str) -> None:
    for name in names:
        if custom.get(name) is not None:
            raise custom.fault(name, f"{name} means nothing where load is {mode}; leave one out")


def _need_key(custom: Custom, columns: Sequence[Column], mode: str) -> None:
    if not any(column.key_position is not None for column in columns):
        said = f"load is {mode}, but no property has primaryKey: true, by which rows are known"
        raise custom.fault("load", said)


def _need_columns(
    custom: Custom, loading: Loading, columns: Sequence[Column], groups: set[str]
) -> None:
    named = {column.name: column for column in columns}
    day = named.get(loading.period_by or "")
    if loading.period_by and (day is None or day.logical_type not in ("date", "timestamp")):
        raise custom.fault("periodBy", f"{loading.period_by} is no date or timestamp column")
    if loading.operation and _column(loading.operation, named) is None:
        raise custom.fault("operation", f"there is no property {loading.operation}")
    for name in loading.order_by:
        if _column(name, named) is None:
            raise custom.fault("orderBy", f"there is no property {name}")
    if loading.group is not None and loading.group not in groups:
        said = f"path has no group {loading.group!r}; name it as (?P<{loading.group}>...) in path"
        raise custom.fault("deliveryOrder", said)
    if len(loading.period) > 2:
        raise custom.fault("period", "period is one group of the path, or a first and a last day")
    for name in loading.period:
        if name not in groups:
            said = f"path has no group {name!r}; name it as (?P<{name}>...) in path"
            raise custom.fault("period", said)
    order = loading.delivery_order
    if order and loading.group is None and order not in named:
        said = f"there is no property {order}; a group of the path is written {{{order}}}"
        raise custom.fault("deliveryOrder", said)


def _column(named: str, columns: Mapping[str, Column]) -> Column | None:
    """A property, or one within another where dots name it."""
    first, *steps = named.split(".")
    column = columns.get(first)
    for step in steps:
        within = column.fields if column else ()
        column = next((field for field in within if field.name == step), None)
    return column


def _operations(custom: Custom) -> dict[str, Operation]:
    """What the source's own names of operations mean, over the usual ones."""
    said = custom.get("operations")
    if said is None:
        return dict(OPERATIONS)
    meant: dict[str, Operation] = {}
    for operation, names in said.items():
        if operation not in ("insert", "update", "delete", "truncate"):
            text = f"{operation!r} is none of insert, update, delete and truncate"
            raise custom.fault("operations", text)
        meant |= {
            str(name).lower(): operation for name in ([names] if isinstance(names, str) else names)
        }
    return meant
