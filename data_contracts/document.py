"""A contract's text: YAML with the line of every key, held against the standard's own schema."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from data_contracts.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jsonschema.protocols import Validator

Path_ = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a date stays the text that was written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
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
            self._root = yaml.compose(text, _Loader)
            loader = _Loader(text)
            try:
                self.data: dict[str, Any] = loader.get_single_data()
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise ContractError(self._yaml_fault(error)) from error
        if not isinstance(self.data, dict):
            raise ContractError(f"{file}:1: is no data contract: a mapping is expected at the top")
        self._refuse_repeated_keys(self._root, ())
        self._hold_against_standard()

    def line(self, path: Iterable[str | int]) -> int:
        """The 1-based line of the deepest part of `path` that the file has."""
        node, line = self._root, 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pairs = [(k, v) for k, v in node.value if k.value == step]
                if not pairs:
                    break
                line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def fault(self, path: Path_, message: str) -> ContractError:
        """An error that names the file, the line and the key."""
        key = ".".join(str(step) for step in path)
        return ContractError(f"{self.file}:{self.line(path)}: {key}: {message}")

    def _yaml_fault(self, error: yaml.YAMLError) -> str:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it is no YAML"
        return f"{self.file}:{mark.line + 1 if mark else 1}: is no YAML: {problem}"

    def _refuse_repeated_keys(self, node: yaml.Node | None, path: Path_) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    where = ".".join(map(str, (*path, key.value)))
                    raise ContractError(f"{self.file}:{line}: {where}: is given twice; keep one")
                seen.add(key.value)
                self._refuse_repeated_keys(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._refuse_repeated_keys(item, (*path, index))

    def _hold_against_standard(self) -> None:
        errors = sorted(_standard().iter_errors(self.data), key=lambda e: list(map(str, e.path)))
        if errors:
            deepest = max(errors, key=lambda error: len(error.absolute_path))
            message = deepest.message if len(deepest.message) < 200 else deepest.validator
            raise self.fault(tuple(deepest.absolute_path), f"the standard refuses it: {message}")


@cache
def _standard() -> Validator:
    from jsonschema.validators import validator_for

    source = importlib.resources.files("open_data_contract_standard") / "schema.json"
    schema = json.loads(source.read_text(encoding="utf-8"))
    validator: Validator = validator_for(schema)(schema)
    return validator
