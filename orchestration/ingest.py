"""Loading files by a contract: inputs found, grouped into commits, loaded, and told."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from catalog.delivery import Delivery, DeliveryError, Outcome
from catalog.lake import Lake
from catalog.loader import Loader
from catalog.runs import Run
from catalog.steps import step
from orchestration.connectors.files.deliveries import delivery_of
from orchestration.connectors.files.discover import Found, Input, discover
from orchestration.connectors.files.remote import shown
from orchestration.errors import InputError
from orchestration.inputs import inputs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from catalog.settings import Settings
    from data_contracts.contract import Contract

GROUP_BYTES = 64 << 20
GROUP_FILES = 1000


@dataclass(slots=True)
class Report:
    """What an ingest did."""

    table: str
    snapshot: int | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    dry_run: bool = False
    changes: bool = False  # whether what is there already and what leaves is counted, too

    def of(self, status: str) -> list[Outcome]:
        """The outcomes of a status."""
        return [outcome for outcome in self.outcomes if outcome.status == status]

    @property
    def ok(self) -> bool:
        """Whether every file is loaded or already was."""
        return not self.of("failed")

    def as_json(self) -> dict[str, Any]:
        """The report as programs read it."""
        loaded = self.of("loaded")
        counted = ("unchanged", "deleted") if self.changes else ()
        return {
            "table": f"bronze.{self.table}",
            "snapshot": self.snapshot,
            "read": sum(o.read for o in loaded),
            "loaded": sum(o.loaded for o in loaded),
            "quarantined": sum(o.quarantined for o in loaded),
            **{name: sum(getattr(o, name) for o in loaded) for name in counted},
            "files": {s: len(self.of(s)) for s in ("loaded", "already_loaded", "failed")},
            "failures": [{"file": o.source, "reason": o.reason} for o in self.of("failed")],
            "loads": [
                {
                    "id": o.batch,
                    "source": o.source,
                    "read": o.read,
                    "loaded": o.loaded,
                    "quarantined": o.quarantined,
                    **{name: getattr(o, name) for name in counted},
                }
                for o in loaded
            ],
        }


class Watcher:
    """What wants to know how an ingest goes; does nothing by itself."""

    def files(self, count: int) -> None:
        """There are so many inputs."""

    def fetched(self, source: str, count: int) -> None:
        """So many more bytes of a file have been fetched."""

    def rows(self, source: str, count: int) -> None:
        """So many more records have been read."""

    def done(self, outcome: Outcome) -> None:
        """One input is finished."""


def ingest(
    settings: Settings,
    contract: Contract,
    paths: Sequence[str],
    *,
    strict: bool = False,
    atomic: bool = False,
    dry_run: bool = False,
    accept: bool = False,
    origin: str | None = None,
    watcher: Watcher | None = None,
    command: str = "ingest",
) -> Report:
    """Load files into the contract's bronze table, each exactly once.

    Args:
        settings: where the lake is; it is made where there is none.
        contract: what the rows are held to.
        paths: files, folders and patterns, or URLs of http, https and S3.
        strict: any broken row fails its file.
        atomic: all files or none.
        dry_run: gate and check everything, and write nothing.
        accept: load a snapshot or a period however small it is.
        origin: name of the source instance that they are of, where the contract is fed by several;
            it is part of every key.
        watcher: is told how it goes.
        command: for the run's record.

    Raises:
        InputError: a path does not exist.
        ContractError: the contract does not fit the table.
        LakeError: the lake cannot be written.
    """
    watcher = watcher or Watcher()
    found = discover(paths, contract.reading.format)
    ignored = [path.as_posix() for path in found.ignored]
    if not found.inputs and not found.failed and not found.remotes:
        there = ", ".join(path.name for path in found.ignored[:5]) or "nothing"
        raise InputError(
            f"{', '.join(map(shown, paths))}: no {contract.reading.format} file there, which "
            f"{contract.id} reads; there is {there}"
        )
    changes = contract.loading.changes
    report = Report(contract.table, ignored=ignored, dry_run=dry_run, changes=changes)
    watcher.files(len(found.inputs) + len(found.remotes) + len(found.failed))
    with _lake(settings, dry_run) as lake:
        run = Run(command, settings)
        _load(lake, contract, found, report, watcher, run, strict, atomic, accept, origin)
    return report


@contextmanager
def _lake(settings: Settings, dry_run: bool) -> Iterator[Lake]:
    """The lake, made where there is none; a dry run makes it where nobody looks."""
    lake = Lake(settings)
    if dry_run and not lake.exists:
        with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder:
            lake = Lake(replace(settings, home=Path(folder), catalog="sqlite", data=None))
            lake.create()
            yield lake
    else:
        lake.create()
        yield lake


def _load(
    lake: Lake, contract: Contract, found: Found, report: Report, watcher: Watcher, run: Run,
    strict: bool, atomic: bool, accept: bool, origin: str | None,
) -> None:  # fmt: skip
    with Loader(
        lake, contract, run, strict=strict, atomic=atomic, dry_run=report.dry_run, accept=accept,
        progress=lambda delivery, rows: watcher.rows(delivery.source, rows),
    ) as loader:  # fmt: skip
        inputs = inputs_of(found, contract.reading.format, lake.settings.home, watcher.fetched)
        for group, failed, last in _groups(inputs, contract, lake, atomic, origin):
            for outcome in loader.load(group, failed, last=last):
                report.outcomes.append(outcome)
                watcher.done(outcome)
        report.snapshot = loader.snapshot()


def _groups(
    inputs: Iterable[Input | Outcome],
    contract: Contract,
    lake: Lake,
    atomic: bool,
    origin: str | None = None,
) -> Iterator[tuple[list[Delivery], list[Outcome], bool]]:
    """Inputs in groups that share a commit, those that cannot be read beside them."""
    group, failed, passing = list[Delivery](), list[Outcome](), set[Path]()
    size, keys = 0, set[str]()
    for source in inputs:
        if isinstance(source, Outcome):
            failed.append(source)
            continue
        delivery = _delivery(source, contract, lake, origin)
        if isinstance(delivery, Outcome):
            failed.append(delivery)
            continue
        full = size + delivery.size > GROUP_BYTES or len(group) + len(failed) >= GROUP_FILES
        if atomic and delivery.key in keys:
            raise InputError(
                f"{delivery.source}: two files of one --atomic call are the same delivery"
            )
        if group and not atomic and (full or delivery.key in keys):
            yield group, failed, False
            for path in passing - {source.path}:
                path.unlink()
            passing.clear()
            group, failed, size, keys = [], [], 0, set()
        group.append(delivery)
        size += delivery.size
        keys.add(delivery.key)
        if source.url:
            passing.add(source.path)
    if atomic and failed:
        words = "another file of the same --atomic call cannot be read"
        group, failed = [], [*(Outcome(d.source, "failed", reason=words) for d in group), *failed]
    yield group, failed, True


def _delivery(
    source: Input, contract: Contract, lake: Lake, origin: str | None
) -> Delivery | Outcome:
    try:
        delivery = delivery_of(source, contract, lake.copies)
    except DeliveryError as error:
        return Outcome(source.name, "failed", reason=str(error))
    step("read")
    if origin is None:
        return delivery
    # The same bytes of another instance are other rows.
    key, hash_ = f"{origin}:{delivery.key}", f"{delivery.content_hash}&origin={quote(origin)}"
    return replace(delivery, origin=origin, key=key, content_hash=hash_)
