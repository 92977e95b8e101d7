"""The standard's own JSON schema: what of a contract it refuses, in plain words."""

from __future__ import annotations

import importlib.resources
import json
import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema.exceptions import best_match  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator  # type: ignore[import-untyped]

Path_ = tuple[str | int, ...]
UNKNOWN = ("additionalProperties", "unevaluatedProperties")
# These fail too wherever something within them does, and say less than it.
ECHOES = ("oneOf", "anyOf", "unevaluatedProperties")  # the firmest first


def refusals(contract: Mapping[str, Any]) -> list[tuple[Path_, str]]:
    """Everything that the standard refuses in a contract: the path of each, and why."""
    errors = list(_validator().iter_errors(contract))
    told = [error for error in errors if not _is_echo(error, errors)]
    missing: dict[Path_, list[str]] = {}
    found: list[tuple[Path_, str]] = []
    for error in told:
        path = tuple(error.absolute_path)
        if error.validator == "required":
            missing.setdefault(path, []).append(error.message.split("'")[1])
        elif error.validator in UNKNOWN:
            found += [((*path, name), _unknown(name)) for name in _unexpected(error)]
        else:
            found.append((path, f"the standard refuses it: {_words(error)}"))
    found += [(at, f"has no {', '.join(dict.fromkeys(names))}") for at, names in missing.items()]
    untyped = {owner for path, _ in found if (owner := _untyped(contract, path)) is not None}
    kept = [(p, why) for p, why in found if not any(p[: len(owner)] == owner for owner in untyped)]
    said = "has logicalTypeOptions, and no logicalType that they are of; name it"
    return list(dict.fromkeys([*kept, *((owner, said) for owner in untyped)]))


def _untyped(contract: Mapping[str, Any], path: Path_) -> Path_ | None:
    """The property in whose options `path` is, where it has no type: any type's rules fail."""
    if "logicalTypeOptions" not in path:
        return None
    owner = path[: path.index("logicalTypeOptions")]
    node: Any = contract
    for step in owner:
        node = node[step]
    return None if "logicalType" in node else owner


def _is_echo(error: ValidationError, errors: list[ValidationError]) -> bool:
    """Whether another error says the same better: one further within, or a firmer one here."""
    path, rank = list(error.absolute_path), _rank(error)
    return rank > 0 and any(
        list(other.absolute_path)[: len(path)] == path
        and (len(other.absolute_path) > len(path) or _rank(other) < rank)
        for other in errors
    )


def _rank(error: ValidationError) -> int:
    return ECHOES.index(error.validator) + 1 if error.validator in ECHOES else 0


def _unexpected(error: ValidationError) -> list[str]:
    # The message ends "... are not allowed ('one', 'two' were unexpected)".
    return re.findall(r"'([^']+)'", error.message.rpartition("(")[2])


def _unknown(name: str) -> str:
    if name in _names():
        return "the standard has this key, but not here; take it out"
    like = get_close_matches(name, _names())
    hint = f"{like[0]} is meant?" if like else "take it out, or put it under customProperties"
    return f"the standard has no such key here; {hint}"


def _words(error: ValidationError) -> str:
    if error.context:
        needed = {c.validator_value[0] for c in error.context if c.validator == "required"}
        if len(needed) > 1:
            return f"it needs one of {', '.join(sorted(needed))}"
        nearest = best_match(error.context)
        return str(nearest.message if nearest else error.message)[:300]
    return str(error.message)[:300]


@cache
def _validator() -> Validator:
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]

    schema = _schema()
    validator: Validator = validator_for(schema)(schema)
    return validator


@cache
def _schema() -> dict[str, Any]:
    # The newest version takes the older ones too. This copy and not the one beside the model: that
    # asks every property without a logicalType for a map.
    source = importlib.resources.files("datacontract") / "schemas" / "odcs-3.2.0.schema.json"
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return schema


@cache
def _names() -> tuple[str, ...]:
    """Every key that the standard knows anywhere."""

    def within(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("properties"), dict):
                yield from node["properties"]
            for inner in node.values():
                yield from within(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from within(inner)

    return tuple(sorted(set(within(_schema()))))
