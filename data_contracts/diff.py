"""What changed between two versions of a contract, and for whom that breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data_contracts.change import DELIVERERS, NOBODY, READERS, Change, becomes
from data_contracts.column_changes import columns_changes
from data_contracts.loading_words import loading_changes
from data_contracts.reading_changes import delivery_changes, reading_changes
from data_contracts.rule_changes import rule_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from data_contracts.contract import Contract

SEMANTIC = re.compile(r"v?(\d+)(?:\.(\d+))?.*")


def diff(old: Contract, new: Contract) -> list[Change]:
    """Every change from `old` to `new`, the breaking ones first.

    Readers are those of the table, deliverers those who hand in its files. What is written
    otherwise and means the same (a default spelled out, another order of columns) is no change.
    """
    return by_weight(_changes(old, new))


def diff_files(old: Sequence[Contract], new: Sequence[Contract]) -> list[Change]:
    """Every change between two files' schema objects, matched by name; of one each, as they are."""
    if len(old) == len(new) == 1:
        return diff(old[0], new[0])
    before = {contract.name: contract for contract in old}
    after = {contract.name: contract for contract in new}
    changes = [Change(name, "is taken out", READERS) for name in before if name not in after]
    changes += [Change(name, "is new") for name in after if name not in before]
    for name in [name for name in after if name in before]:
        for change in _changes(before[name], after[name]):
            changes.append(Change(f"{name}: {change.where}", change.what, change.breaking_for))
    return by_weight(changes)


def version_advice(old: str, new: str, changes: Iterable[Change]) -> str | None:
    """What the new version should be by semantic versioning, None where it is right.

    See https://semver.org: a breaking change raises the first number, any other the second.
    """
    breaking = [change.is_breaking for change in changes]
    before, after = SEMANTIC.fullmatch(old), SEMANTIC.fullmatch(new)
    if not breaking or not before or not after:
        return None
    major, minor = int(before[1]), int(before[2] or 0)
    if any(breaking) and int(after[1]) <= major:
        return f"what breaks somebody is a new major version: {major + 1}.0.0, not {new}"
    if old == new:
        return f"the version is still {old}; raise it to {major}.{minor + 1}.0"
    return None


def _changes(old: Contract, new: Contract) -> Iterator[Change]:
    if old.table != new.table:
        words = f"was bronze.{old.table}, is now bronze.{new.table}"
        yield Change("table", words, READERS)
    before, after = _key(old), _key(new)
    if before != after and [c.source for c in old.key] != [c.source for c in new.key]:
        who = READERS if new.duplicates == "keep" or not new.key else (*READERS, *DELIVERERS)
        yield Change("key", becomes(before, after), who)
    yield from columns_changes(old.columns, new.columns, refuses=new.unknown_columns == "refuse")
    yield from rule_changes("load", old.rules, new.rules)
    yield from reading_changes(old, new)
    yield from delivery_changes(old, new)
    yield from loading_changes(old, new)
    for name in ("id", "status", "owner"):
        if getattr(old, name) != getattr(new, name):
            yield Change(name, becomes(getattr(old, name), getattr(new, name)), NOBODY)
    if old.description != new.description:
        yield Change("description", "is reworded")
    if old.partition != new.partition:
        words = becomes(", ".join(old.partition), ", ".join(new.partition))
        yield Change("partitions", words)


def _key(contract: Contract) -> str:
    return ", ".join(column.name for column in contract.key)


def by_weight(changes: Iterable[Change]) -> list[Change]:
    """The breaking ones first, of each kind those of the whole table before those of columns."""
    return sorted(changes, key=lambda change: (not change.is_breaking, _rank(change.where)))


def _rank(where: str) -> int:
    """Columns keep their order after what concerns the whole table."""
    return 1 if "column " in where else 0
