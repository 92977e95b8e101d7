"""Write first contracts for the resources of a dlt source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestration.connectors.databases.address import address_of
from orchestration.connectors.dlt.source import DltConnector
from orchestration.connectors.dlt.state import dumped
from orchestration.errors import InputError
from orchestration.init import names
from orchestration.init.database.write import Written
from orchestration.init.dataset import Dataset
from orchestration.init.dlt.hints import columns_of, hinted, loads_of
from orchestration.init.dlt.sample import sample_of
from orchestration.init.draft import text_of
from orchestration.init.groups import Groups
from orchestration.init.notes import notes_of
from orchestration.init.profile import profile_of
from orchestration.init.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def init(
    given: str,
    out: Path,
    *,
    tables: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> list[Written]:
    """Write a contract for each resource, ``out/<source>/<resource>.odcs.yaml``.

    Args:
        given: ``dlt:MODULE:SOURCE``.
        out: the folder that they are written to; it is made where it is missing.
        tables: these resources only; all that the source selects where none are named.
        progress: is given a line on what is being looked at.

    Raises:
        InputError: the source or a resource cannot be read, or a contract is there already; then
            nothing is written.
        UnreachableError: the source cannot be made.
    """
    tell, domain = progress or (lambda _: None), address_of(given).domain
    connector = DltConnector(given)
    there = list(tables or connector.tables())
    if missing := [name for name in there if not connector.has(name)]:
        said = ", ".join(connector.tables()) or "none"
        raise InputError(f"{given}: there is no resource {missing[0]}; there are {said}")
    lake_names = names.unique(names.identifier(n, f"table_{i}") for i, n in enumerate(there, 1))
    found: list[tuple[Written, str]] = []
    for name, lake_name in zip(there, lake_names, strict=True):
        tell(f"{name}: looking")
        path = out / domain / f"{lake_name}.odcs.yaml"
        if path.exists():
            raise InputError(f"{path}: is there already; move it away or give another --out")
        drafted = _drafted(connector, domain, lake_name, name, path)
        if drafted is None and tables:
            raise InputError(f"{given}: {name} gives no rows and names no columns")
        if drafted is None:
            tell(f"{name}: gives no rows and names no columns; it has no contract")
        else:
            found.append(drafted)
    if not found:
        raise InputError(f"{given}: none of its resources gives rows or names columns")
    for written, text in found:
        try:
            written.path.parent.mkdir(parents=True, exist_ok=True)
            with written.path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise InputError(f"{written.path}: cannot be written: {error.strerror}") from error
    return [written for written, _ in found]


def _drafted(
    connector: DltConnector, domain: str, name: str, resource: str, path: Path
) -> tuple[Written, str] | None:
    """A contract and its text; None where nothing says what its columns are."""
    sample, state = sample_of(connector, resource)
    its = connector.source.resources[resource]
    hints = columns_of(its)
    shape = Shape("table", tuple(sample.columns))
    profile = profile_of(sample, replace(shape, format="ndjson"))
    properties = hinted(profile.properties, hints)
    if not properties:
        return None
    custom, notes = loads_of(its, hints, properties, moves=dumped(state) != "{}")
    bare = replace(profile, properties=tuple(replace(item, key=None) for item in properties))
    profile = bare if custom["load"] == "append" else replace(bare, properties=tuple(properties))
    dataset = Dataset(shape, [], [], domain, name)
    seen = notes_of(dataset, sample, bare, Groups(), ())  # the key is none of the sample's
    notes += [note.removesuffix(", no key is named") for note in seen]
    read = f"Sampled: {sample.rows:,} rows of {resource}; "
    read += "all there are." if sample.complete else "the rest was not looked at."
    said: dict[str, Any] = {"format": "table", **custom}
    text = text_of(
        dataset, profile, Groups(), read=read, notes=notes, source=resource, custom=said,
        load=f"lakehouse sync {connector.shown} --contracts {path.parent.parent}",
    )  # fmt: skip
    written = Written(
        f"{domain}.{name}", path, resource, len(profile.properties), custom["load"], tuple(notes)
    )
    return written, text
