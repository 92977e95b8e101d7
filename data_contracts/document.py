"""A contract's text: YAML with the line of every key, held against the standard's own schema."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import yaml

from data_contracts.errors import ContractError
from data_contracts.standard import Path_, refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

DATE, BOOL = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"
TEXT = "tag:yaml.org,2002:str"
TRUTH = re.compile("true|True|TRUE|false|False|FALSE")
NAMES = ("name", "property")  # keys by which a person knows an item of a list


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML in which a date stays the text that was written, and NO is no boolean."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, TRUTH if tag == BOOL else regexp) for tag, regexp in resolvers if tag != DATE]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Document:
    """One contract file, parsed and valid by the standard.

    Raises:
        ContractError: the file cannot be read, is no YAML, or the standard refuses it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ContractError(f"{file}: cannot be read: {reason}") from error
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        try:
            loader = _Loader(text)
            try:
                self._root = loader.get_single_node()
                self.data: dict[str, Any] = self._root and loader.construct_document(self._root)
            finally:
                loader.dispose()
        except (yaml.YAMLError, ValueError, AttributeError, RecursionError) as error:
            raise ContractError(self._yaml_fault(error)) from error
        if not isinstance(self.data, dict):
            raise ContractError(f"{file}:1: is no data contract: a mapping is expected at the top")
        self._refuse_repeated_keys(self._root, (), set())
        if refused := refusals(self.data):
            refused.sort(key=lambda refusal: self.line(refusal[0]))
            raise ContractError("\n".join(str(self.fault(path, why)) for path, why in refused))

    def line(self, path: Iterable[str | int]) -> int:
        """The 1-based line of the deepest part of `path` that the file has."""
        return next(reversed([line for line, _ in self._along(path)]), 1)

    def text(self, path: Iterable[str | int]) -> str | None:
        """What is written at `path`, where that is one value: 007 is no 7, and 1.10 no 1.1."""
        steps = tuple(path)
        nodes = [node for _, node in self._along(steps)]
        found = len(nodes) == len(steps) and isinstance(nodes[-1], yaml.ScalarNode)
        return str(nodes[-1].value) if found else None

    def key(self, path: Path_) -> str:
        """The path as a person reads it: items of lists by their names where they have one."""
        parts = [str(step) for step in path]
        for index, (_, node) in enumerate(self._along(path)):
            if isinstance(path[index], int):
                parts[index] = _name(node) or parts[index]
        return ".".join(parts)

    def fault(self, path: Path_, message: str) -> ContractError:
        """An error that names the file, the line and the key."""
        where = f"{self.key(path)}: " if path else ""
        return ContractError(f"{self.file}:{self.line(path)}: {where}{message}")

    def _along(self, path: Iterable[str | int]) -> Iterator[tuple[int, yaml.Node]]:
        """The line and node of each step of `path`, as far as the file has them."""
        node = self._root
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pairs = [(k, v) for k, v in node.value if k.value == step]
                if not pairs:
                    return
                key, node = pairs[-1]
                yield key.start_mark.line + 1, node
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    return
                node = node.value[step]
                yield node.start_mark.line + 1, node
            else:
                return

    def _yaml_fault(self, error: Exception) -> str:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        return f"{self.file}:{mark.line + 1 if mark else 1}: is no YAML: {problem}"

    def _refuse_repeated_keys(self, node: yaml.Node | None, path: Path_, seen: set[int]) -> None:
        if id(node) in seen:  # an anchor, named again
            return
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for key, value in node.value:
                if key.value in names:
                    where = self.key((*path, key.value))
                    line = key.start_mark.line + 1
                    raise ContractError(f"{self.file}:{line}: {where}: is given twice; keep one")
                names.add(key.value)
                self._refuse_repeated_keys(value, (*path, key.value), seen)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._refuse_repeated_keys(item, (*path, index), seen)


def _name(node: yaml.Node) -> str | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in NAMES and value.tag == TEXT and value.value:
                return str(value.value)
    return None
