"""From `dlt:MODULE:SOURCE` to the source, and what goes wrong on the way, without secrets."""

from __future__ import annotations

import importlib
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from orchestration.errors import InputError, UnreachableError
from orchestration.init.names import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlt.extract import DltSource

PREFIX = "dlt:"
MEANT = "dlt:MODULE:SOURCE is meant, a source that `from MODULE import SOURCE` finds from here"
MISSING = "dlt is not installed: pip install 'smart-lakehouse[dlt]', or make setup in a clone"


def parts_of(given: str) -> tuple[str, str]:
    """Module and name of a reference.

    Raises:
        InputError: it is none.
    """
    found = re.fullmatch(r"dlt:([\w.]+):(\w+)", given)
    if found is None:
        raise InputError(f"{given}: {MEANT}")
    return found[1], found[2]


def source_of(given: str) -> DltSource:
    """The source, with what dlt's own configuration says for its arguments.

    Raises:
        InputError: dlt is missing, there is no such source, or its configuration lacks something.
        UnreachableError: it cannot be made, whether by what it reaches or by itself.
    """
    module_name, name = parts_of(given)
    try:
        from dlt.common.configuration.exceptions import ConfigFieldMissingException
        from dlt.common.schema import Schema
        from dlt.extract import DltResource, DltSource
    except ModuleNotFoundError as error:
        raise InputError(MISSING) from error
    if (here := os.getcwd()) not in sys.path:  # noqa: PTH109 - as Python writes it there
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and f"{module_name}.".startswith(f"{error.name}."):
            said = (
                f"{given}: there is no module {error.name} in {here} or on Python's path; {MEANT}"
            )
            raise InputError(said) from error
        raise InputError(f"{given}: {module_name} cannot be imported: {error}") from error
    except Exception as error:
        raise InputError(f"{given}: {module_name} cannot be imported: {said_of(error)}") from error
    found = getattr(module, name, None)
    if found is None:
        raise InputError(f"{given}: {module.__file__} has no {name}")
    try:
        if callable(found) and not isinstance(found, DltSource | DltResource):
            found = found()
        if isinstance(found, DltSource):
            return found
        if isinstance(found, DltResource | list | tuple):
            schema = Schema(identifier(name, "source"))
            return DltSource.from_data(schema, module_name.rpartition(".")[2], found)
    except ConfigFieldMissingException as error:
        raise InputError(f"{given}: {said_of(error)}") from error
    except Exception as error:
        raise UnreachableError(f"{given}: cannot be made: {said_of(error)}") from error
    kind = type(found).__name__
    raise InputError(f"{given}: is a {kind}, and neither a source nor a resource of dlt")


def said_of(error: Exception) -> str:
    """What went wrong in one line, without secrets of the configuration."""
    from dlt.common.configuration.exceptions import ConfigFieldMissingException

    chain = list(_causes(error))
    for one in chain:
        if isinstance(one, ConfigFieldMissingException):
            return _missing(one)
    told = chain[-1]
    line = next((line.strip() for line in str(told).splitlines() if line.strip()), "")
    return f"{type(told).__name__}: {_clean(line)}" if line else type(told).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _missing(error: Any) -> str:
    """Settings that are not there, and where each is looked for."""
    said = []
    for name, traces in error.traces.items():
        keys = [t.key for t in traces if getattr(t, "provider", "") == "Environment Variables"]
        said.append(f"{name} (as {keys[0]})" if keys else name)
    return (
        f"its configuration lacks {', '.join(said)}; set it in the environment or in "
        ".dlt/secrets.toml"
    )


def _clean(line: str) -> str:
    """A line without the secrets that dlt has given to the source, and without those of URLs."""
    from dlt.common.configuration.specs.base_configuration import is_secret_hint
    from dlt.common.configuration.utils import get_resolved_traces

    known = {
        text
        for trace in get_resolved_traces().resolved_traces
        if trace.hint is not None and is_secret_hint(trace.hint)
        for text in _texts(trace.value)
        if len(text) > 2
    }
    for secret in sorted(known, key=len, reverse=True):
        line = line.replace(secret, "***")
    line = re.sub(r"://[^\s/@]*@", "://***@", line)
    return re.sub(r"\?[^\s'\")]*=[^\s'\")]*", "?***", line)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
