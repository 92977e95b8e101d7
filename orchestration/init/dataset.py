"""Files that are one dataset, and what it is called."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.connectors.files.discover import SUFFIXES
from orchestration.init import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.init.files import SourceFile
    from orchestration.init.shape import Shape
    from orchestration.init.table import Table

ALIKE = 0.8  # share of the fewer keys of two JSON files that makes them one dataset
GENERIC = frozenset({"part", "data", "file", "export", "batch", "chunk", "output", "records"})


@dataclass(slots=True)
class Dataset:
    """Files that are read alike and have the same columns."""

    shape: Shape
    files: list[SourceFile]
    domain: str = ""
    name: str = ""
    has_neighbours: bool = False  # other files of the format lie in the same folder

    @property
    def paths(self) -> tuple[Path, ...]:
        """What to give to `lakehouse ingest`: their folder; the files where others lie beside."""
        files = tuple(dict.fromkeys(file.path for file in self.files))
        folder = Path(os.path.commonpath([path.parent for path in files]))
        return files if self.has_neighbours or len(files) == 1 else (folder,)

    @property
    def stems(self) -> list[str]:
        """The different names of its files, without dates and numbers."""
        return list(dict.fromkeys(names.stem(file.inner.name) for file in self.files))


def datasets_of(found: Sequence[tuple[SourceFile, Shape]]) -> list[Dataset]:
    """The datasets of files, named, in the order of their first files."""
    datasets: list[Dataset] = []
    for file, shape in found:
        known = next((d for d in datasets if _are_one(d, file, shape)), None)
        if known is None:
            datasets.append(Dataset(shape, [file]))
        else:
            known.shape = _both(known.shape, shape)
            known.files.append(file)
    taken: set[str] = set()
    for dataset in datasets:
        dataset.has_neighbours = _has_neighbours(dataset, [file for file, _ in found])
        dataset.domain, dataset.name = _named(dataset, taken)
        taken.add(f"{dataset.domain}.{dataset.name}")
    return datasets


def _are_one(dataset: Dataset, file: SourceFile, shape: Shape) -> bool:
    known = dataset.shape
    if (known.format, known.names_sheet and known.sheet) != (
        shape.format,
        shape.names_sheet and shape.sheet,
    ):
        return False
    if shape.format in ("json", "ndjson"):
        both = set(known.columns) & set(shape.columns)
        return len(both) >= ALIKE * min(len(known.columns), len(shape.columns))
    if not _same_dialect(known, shape) or len(known.columns) != len(shape.columns):
        return False
    if shape.table is None or shape.table.header:
        return set(known.columns) == set(shape.columns)
    return known.table is not None and _same_place(dataset, known.table, file, shape.table)


def _same_place(dataset: Dataset, known: Table, file: SourceFile, table: Table) -> bool:
    """Whether files without names of columns are one dataset: by folder and looks, or by name."""
    if known.raw_header != table.raw_header:
        return False
    if dataset.files[0].folder == file.folder:
        return known.numeric == table.numeric
    return names.stem(file.inner.name) in dataset.stems


def _same_dialect(one: Shape, other: Shape) -> bool:
    if one.table is not None and other.table is not None:
        ways = {(t.header, t.skip_lines) for t in (one.table, other.table)}
        if len(ways) > 1:
            return False
    if one.dialect is None or other.dialect is None:
        return True
    marks = {(d.delimiter, d.quote) for d in (one.dialect, other.dialect)}
    encodings = {d.encoding.name for d in (one.dialect, other.dialect) if not d.encoding.is_ascii}
    return len(marks) == 1 and len(encodings) < 2


def _both(known: Shape, shape: Shape) -> Shape:
    if known.format in ("json", "ndjson"):
        return replace(known, columns=tuple(dict.fromkeys((*known.columns, *shape.columns))))
    if known.dialect is None or shape.dialect is None or not known.dialect.encoding.is_ascii:
        return known
    encoding = shape.dialect.encoding
    return replace(known, dialect=replace(known.dialect, encoding=encoding))


def _named(dataset: Dataset, taken: set[str]) -> tuple[str, str]:
    """Domain and name: of files of one name in a folder, else of the folder in the one above."""
    folder, stems = _folder(dataset), dataset.stems
    is_one = len(stems) == 1 and stems[0] and (len(dataset.files) == 1 or stems[0] not in GENERIC)
    domain, name = folder.name, stems[0]
    if not is_one or name == names.stem(folder.name):
        domain, name = folder.parent.name, names.stem(folder.name)
    domain = names.identifier(domain, "data")
    sheet = names.snake(dataset.shape.sheet or "") if dataset.shape.names_sheet else ""
    whole = names.snake(dataset.files[0].inner.stem)  # with its numbers
    candidates = [f"{name} {sheet}", f"{whole} {sheet}"]
    candidates += [f"{whole} {sheet} {at}" for at in range(2, len(taken) + 3)]
    named = (names.identifier(text, "data") for text in candidates)
    return domain, next(name for name in named if f"{domain}.{name}" not in taken)


def _has_neighbours(dataset: Dataset, files: Sequence[SourceFile]) -> bool:
    folder = os.path.commonpath([file.path.parent for file in dataset.files])
    beside = {f for f in files if f.suffix in SUFFIXES[dataset.shape.format]} - set(dataset.files)
    return any(f.path.is_relative_to(folder) for f in beside)


def _folder(dataset: Dataset) -> Path:
    """The folder that all its files are in, above folders named by dates and partitions."""
    folder = Path(os.path.commonpath([file.folder.resolve() for file in dataset.files]))
    while not names.stem(folder.name) and folder != folder.parent and folder.name:
        folder = folder.parent
    return folder
