"""CHECK constraints as what a contract holds values to: bounds and lists of values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot import exp

NUMBERS, TIMES = ("integer", "number"), ("date", "timestamp")


@dataclass(frozen=True, slots=True)
class Held:
    """What the checks of a table say.

    Attributes:
        options: by column, those of its logical type.
        enums: by column, its values.
        others: conditions that a contract has no words for, in the database's own SQL.
    """

    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def held(checks: Sequence[str], dialect: str, types: dict[str, str]) -> Held:
    """What conditions say of columns.

    Args:
        checks: of a table, in its database's SQL.
        dialect: of that, as sqlglot calls it.
        types: logical types by the columns' names.
    """
    import sqlglot
    from sqlglot.errors import SqlglotError

    found = Held()
    for check in checks:
        try:
            tree = sqlglot.parse_one(check, dialect=dialect)
        except SqlglotError:
            found.others.append(check)
            continue
        for part in _parts(tree):
            if not _hold(part, types, found):
                found.others.append(part.sql(dialect=dialect))
    return found


def _parts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that all have to hold."""
    from sqlglot import exp

    tree = tree.unnest()
    if isinstance(tree, exp.And):
        yield from _parts(tree.left)
        yield from _parts(tree.right)
    else:
        yield tree


def _hold(part: exp.Expr, types: dict[str, str], found: Held) -> bool:
    from sqlglot import exp

    signs: dict[type[exp.Expr], tuple[str, str]] = {
        exp.GTE: ("minimum", "maximum"),
        exp.GT: ("exclusiveMinimum", "exclusiveMaximum"),
        exp.LTE: ("maximum", "minimum"),
        exp.LT: ("exclusiveMaximum", "exclusiveMinimum"),
    }
    if isinstance(part, exp.Between):
        low, high = part.args["low"], part.args["high"]
        return _bound(part.this, low, "minimum", types, found) and _bound(
            part.this, high, "maximum", types, found
        )
    if type(part) in signs:
        ours, turned = signs[type(part)]
        if _name(part.args["this"], types):
            return _bound(part.args["this"], part.args["expression"], ours, types, found)
        return _bound(part.args["expression"], part.args["this"], turned, types, found)
    name, values = None, []
    if isinstance(part, exp.In):
        name, values = _name(part.this, types), part.expressions
    elif isinstance(part, exp.EQ) and isinstance(part.args["expression"].unnest(), exp.Any):
        name = _name(part.args["this"], types)
        arrays = list(part.args["expression"].find_all(exp.Array))
        values = arrays[0].expressions if arrays else []
    texts = [_value(value) for value in values]
    if name is None or not texts or None in texts or types[name] not in ("string", "integer"):
        return False
    found.enums[name] = tuple(str(text) for text in texts)
    return True


def _bound(of: exp.Expr, value: exp.Expr, option: str, types: dict[str, str], found: Held) -> bool:
    name, said = _name(of, types), _value(value)
    if name is None or said is None:
        return False
    if types[name] in NUMBERS:
        try:
            number = float(said)
        except ValueError:
            return False
        found.options.setdefault(name, {})[option] = (
            int(number) if number == int(number) else number
        )
        return True
    if types[name] == "date" and len(said) == len("2026-01-31"):
        found.options.setdefault(name, {})[option] = said
        return True
    return False


def _bare(tree: exp.Expr) -> exp.Expr:
    """Without brackets and casts, which change no bound."""
    from sqlglot import exp

    while isinstance(tree, exp.Paren | exp.Cast):
        tree = tree.this
    return tree


def _name(tree: exp.Expr, types: dict[str, str]) -> str | None:
    from sqlglot import exp

    tree = _bare(tree)
    if not isinstance(tree, exp.Column):
        return None
    folded = {name.casefold(): name for name in types}
    return folded.get(tree.name.casefold())


def _value(tree: exp.Expr) -> str | None:
    from sqlglot import exp

    tree = _bare(tree)
    if isinstance(tree, exp.Neg):
        inner = _value(tree.this)
        return None if inner is None else f"-{inner}"
    return tree.this if isinstance(tree, exp.Literal) else None
