"""Write first contracts for a file or a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.connectors.files.remote import shown
from orchestration.init.dataset import Dataset, datasets_of
from orchestration.init.draft import text_of
from orchestration.init.errors import InitError
from orchestration.init.gather import gathered
from orchestration.init.groups import groups_of
from orchestration.init.notes import load_of, notes_of, read_of
from orchestration.init.profile import profile_of
from orchestration.init.rest import broken_by
from orchestration.init.sample import sample_of
from orchestration.init.survey import spread, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from orchestration.init.files import SourceFile

SAMPLED = 20  # files of one dataset


@dataclass(frozen=True, slots=True)
class Draft:
    """A first contract that was written."""

    id: str  # <domain>.<name>
    path: Path
    files: tuple[str, ...]  # that it covers, as the loader names them
    columns: int
    notes: tuple[str, ...]  # what a person should look at
    load: tuple[Path | str, ...]  # what to give to `lakehouse ingest` with it


def init(
    source: Path | str, out: Path, *, progress: Callable[[str], None] | None = None
) -> list[Draft]:
    """Write a first contract for each dataset in a file or folder, `out/<domain>/<name>.odcs.yaml`.

    Files that share their columns are one dataset. What could not be read is told to `progress`
    and in the notes of the first draft.

    Args:
        source: a file, or a folder that is searched with its folders; a URL of http, https or s3.
        out: the folder that the contracts are written to; it is made where it is missing.
        progress: is given a line on what is being read.

    Returns:
        The drafts, in the order of their first files.

    Raises:
        InitError: nothing is readable, or a contract is there already (then nothing is written),
            or cannot be written.
    """
    tell = progress or (lambda _: None)
    with gathered(source, tell) as (files, skipped):
        return _init(shown(str(source)), files, skipped, out, tell)


def _init(
    source: str,
    files: Sequence[SourceFile],
    skipped: list[str],
    out: Path,
    tell: Callable[[str], None],
) -> list[Draft]:
    found, failed = survey(files, tell)
    skipped += failed
    if not found:
        raise InitError(_nothing(source, skipped))
    datasets = datasets_of(found)
    paths = [out / dataset.domain / f"{dataset.name}.odcs.yaml" for dataset in datasets]
    for path in paths:
        if path.exists():
            raise InitError(f"{path}: is there already; move it away or give another --out")
    drafts: list[tuple[Draft, str]] = []
    for dataset, path in zip(datasets, paths, strict=True):
        tell(f"{dataset.domain}.{dataset.name}: {len(dataset.files):,} file(s)")
        drafts.append(_draft(dataset, path, skipped if not drafts else ()))
    for draft, text in drafts:
        _write(draft.path, text)
    return [draft for draft, _ in drafts]


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InitError(f"{path}: cannot be written: {error.strerror}") from error


def _draft(dataset: Dataset, path: Path, skipped: Sequence[str]) -> tuple[Draft, str]:
    chosen = spread(list(zip(dataset.files, dataset.shapes, strict=True)), SAMPLED)
    sample = sample_of(chosen, dataset.shape.columns)
    sample.complete = sample.complete and len(chosen) == len(dataset.files)
    profile = profile_of(sample, dataset.shape)
    paths = [file.name for file in dataset.files]
    dated = any(item.type.logical in ("date", "timestamp") for item in profile.properties)
    groups = groups_of(paths, [item.name for item in profile.properties], dated=dated)
    notes = notes_of(dataset, sample, profile, groups, [*sample.failed, *skipped])

    def text(rest: str) -> str:
        said = read_of(dataset, len(chosen), sample, rest)
        load = load_of(path, dataset.paths)
        return text_of(dataset, profile, groups, read=said, load=load, notes=notes)

    written = text("all there are")
    if not sample.complete:
        found = broken_by(written, dataset.files)
        notes += [f"beyond the sample {line}" for line in found or ()]
        written = text(
            "the rest was not looked at" if found is None else "the rest was tried on it"
        )
    draft = Draft(
        id=f"{dataset.domain}.{dataset.name}",
        path=path,
        files=tuple(paths),
        columns=len(profile.properties) + len(groups.properties),
        notes=tuple(notes),
        load=dataset.paths,
    )
    return draft, written


def _nothing(source: str, skipped: Sequence[str]) -> str:
    if len(skipped) == 1:
        return skipped[0]
    if not skipped:
        return f"{source}: holds no files; give a file or a folder of files"
    return f"{source}: none of its {len(skipped)} files can be read; the first is {skipped[0]}"
