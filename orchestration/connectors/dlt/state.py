"""How far a dlt source is read: dlt's own state of a resource, as the lake's ledger keeps it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from orchestration.connectors.dlt.exact import floats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlt.extract import DltResource


def loaded(position: Mapping[str, Any]) -> dict[str, Any]:
    """The state that a position holds, with dlt's types; empty where it holds none."""
    from dlt.common.json import json

    state: dict[str, Any] = json.typed_loads(position["state"]) if "state" in position else {}
    return state


def dumped(state: Mapping[str, Any]) -> str:
    """A state as text, alike for alike states.

    Raises:
        TypeError: the source keeps in it what dlt cannot.
    """
    from dlt.common.json import json

    return json.typed_dumps(floats(_settled(state)), sort_keys=True)


def cursor_of(state: str, resource: str) -> str | None:
    """Where dlt's own incremental of a resource stands, for people; None where there is not one."""
    from dlt.common.json import json

    for source in json.typed_loads(state).get("sources", {}).values():
        marks = source.get("resources", {}).get(resource, {}).get("incremental", {})
        if len(marks) == 1:
            [mark] = marks.values()
            return str(mark.get("last_value"))
    return None


def digest(state: str) -> str:
    """A short name of a state."""
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def disposition_of(resource: DltResource) -> str:
    """What dlt does with what is there: append, replace, merge or skip."""
    said = resource.write_disposition
    if isinstance(said, dict):
        said = said.get("disposition")
    return said if isinstance(said, str) else "append"


def _settled(value: Any) -> Any:
    """A state without dictionaries that say nothing, which asking for one makes.

    The hashes by which dlt knows the rows of its last cursor again have no order.
    """
    if not isinstance(value, dict):
        return value
    kept = {key: _settled(inner) for key, inner in value.items()}
    if isinstance(hashes := kept.get("unique_hashes"), list):
        kept["unique_hashes"] = sorted(hashes)
    return {key: inner for key, inner in kept.items() if inner != {}}
