"""Values as YAML writes them, on one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
WORDS = ("y", "n", "yes", "no", "true", "false", "on", "off", "null")


def scalar(value: str | int | bool) -> str:
    """A text, number or truth value; a text in quotes wherever YAML could take it for another."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    return '"{}"'.format("".join(map(_escaped, value)))


def flow(values: Mapping[str, Any]) -> str:
    """A mapping on one line."""
    return "{{{}}}".format(", ".join(f"{key}: {_any(value)}" for key, value in values.items()))


def _any(value: Any) -> str:
    if isinstance(value, dict):
        return flow(value)
    if isinstance(value, list | tuple):
        return "[{}]".format(", ".join(map(_any, value)))
    return scalar(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )
