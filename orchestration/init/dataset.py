"""Files that are one dataset, and what it is called."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.connectors.files.discover import SUFFIXES
from orchestration.init import names
from orchestration.init.naming import named, stems_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.init.files import SourceFile
    from orchestration.init.shape import Shape
    from orchestration.init.table import Table

ALIKE = 0.8  # share of the fewer keys of two JSON files that makes them one dataset


@dataclass(slots=True)
class Dataset:
    """Files that are read alike and have the same columns."""

    shape: Shape  # of all of them: as the first is read, with every key of JSON
    files: list[SourceFile]
    shapes: list[Shape]  # of each file
    domain: str = ""
    name: str = ""
    has_neighbours: bool = False  # other files of the format lie in the same folder

    @property
    def paths(self) -> tuple[Path | str, ...]:
        """What to give to `lakehouse ingest`: their folder; the files where others lie beside.

        Of what was fetched these are URLs.
        """
        files = tuple(dict.fromkeys(file.url or file.path for file in self.files))
        if self.has_neighbours or len(files) == 1:
            return files
        folder = os.path.commonpath([os.path.dirname(file) for file in files])  # noqa: PTH120
        # Of URLs, which are of S3 where there are many, one slash was taken for two.
        return (folder.replace(":/", "://", 1) if self.files[0].url else Path(folder),)


def datasets_of(found: Sequence[tuple[SourceFile, Shape]]) -> list[Dataset]:
    """The datasets of files, named, in the order of their first files."""
    datasets: list[Dataset] = []
    for file, shape in found:
        known = next((d for d in datasets if _are_one(d, file, shape)), None)
        if known is None:
            datasets.append(Dataset(shape, [file], [shape]))
        else:
            known.shape = _both(known.shape, shape)
            known.files.append(file)
            known.shapes.append(shape)
    taken: set[str] = set()
    for dataset in datasets:
        dataset.has_neighbours = _has_neighbours(dataset, [file for file, _ in found])
        sheet = dataset.shape.sheet if dataset.shape.names_sheet else None
        dataset.domain, dataset.name = named(dataset.files, sheet, taken)
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
    return names.stem(file.inner.name) in stems_of(dataset.files)


def _same_dialect(one: Shape, other: Shape) -> bool:
    if one.table is not None and other.table is not None:
        ways = {(t.header, t.skip_lines, t.width) for t in (one.table, other.table)}
        if len(ways) > 1:
            return False
    if one.dialect is None or other.dialect is None:
        return True
    marks = {(d.delimiter, d.quote, d.escape) for d in (one.dialect, other.dialect)}
    encodings = {d.encoding.name for d in (one.dialect, other.dialect) if not d.encoding.is_ascii}
    return len(marks) == 1 and len(encodings) < 2


def _both(known: Shape, shape: Shape) -> Shape:
    if known.format in ("json", "ndjson"):
        return replace(known, columns=tuple(dict.fromkeys((*known.columns, *shape.columns))))
    if known.dialect is None or shape.dialect is None or not known.dialect.encoding.is_ascii:
        return known
    encoding = shape.dialect.encoding
    return replace(known, dialect=replace(known.dialect, encoding=encoding))


def _has_neighbours(dataset: Dataset, files: Sequence[SourceFile]) -> bool:
    folder = os.path.commonpath([file.path.parent for file in dataset.files])
    beside = {f for f in files if f.suffix in SUFFIXES[dataset.shape.format]} - set(dataset.files)
    return any(f.path.is_relative_to(folder) for f in beside)
