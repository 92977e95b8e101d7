"""The Open Data Contract Standard's own JSON schema: what of a contract it refuses, in plain words."""

from __future__ import annotations

import importlib.resources
import json
import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema.exceptions import best_match

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

UNKNOWN = ("additionalProperties", "unevaluatedProperties")
# These fail too wherever something within them does, and say less than it.
ECHOES = ("unevaluatedProperties", "oneOf", "anyOf", "allOf")


def refusals(contract: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    """Everything that the standard refuses in a contract: the path of each, and why."""
    errors = list(_validator().iter_errors(contract))
    told = [error for error in errors if not _is_echo(error, errors)]
    found = [refusal for error in told for refusal in _refusals(error)]
    return list(dict.fromkeys(found))


def _is_echo(error: ValidationError, errors: list[ValidationError]) -> bool:
    if error.validator not in ECHOES:
        return False
    path = list(error.absolute_path)
    return any(
        other is not error
        and list(other.absolute_path)[: len(path)] == path
        and (len(other.absolute_path) > len(path) or error.validator in UNKNOWN != other.validator)
        and (other.validator != error.validator or len(other.absolute_path) > len(path))
        for other in errors
    )


def _refusals(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    path = tuple(error.absolute_path)
    if error.validator in UNKNOWN:
        # The message begins "... are not allowed ('one', 'two' were unexpected)".
        for name in re.findall(r"'([^']+)'", error.message.rpartition("(")[2]):
            like = get_close_matches(name, _names(), n=1)
            hint = f"; {like[0]} is meant?" if like else "; take it out, or into customProperties"
            yield (*path, name), f"the standard has no such key here{hint}"
    else:
        yield path, f"the standard refuses it: {_words(error)}"


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
    from jsonschema.validators import validator_for

    schema = _schema()
    validator: Validator = validator_for(schema)(schema)
    return validator


@cache
def _schema() -> dict[str, Any]:
    source = importlib.resources.files("open_data_contract_standard") / "schema.json"
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
