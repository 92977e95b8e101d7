"""Names in the lake: snake_case letters, digits and underscores, unique, no word of SQL."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from orchestration.connectors.files.columns import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 63  # characters: what Postgres keeps of a name
LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d",
     "%": " pct ", "#": " no ", "&": " and ", "'": "", "’": ""}
)  # fmt: skip
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NUMBER = re.compile(r"\d+([TtZz]\d*)*|(?=.*\d)(?=.*[a-f])[0-9a-f]{6,}")  # also times and hashes
WORDS = (r"(?<=[a-z0-9])(?=[A-Z][a-z]|[A-Z]+(?![a-z]))", r"(?<=[A-Z])(?=[A-Z][a-z])")
# DuckDB's duckdb_keywords() of category reserved, and two that others reserve: grant and user.
RESERVED = frozenset(
    str.split("""
    all analyse analyze and any array as asc asymmetric both case cast check collate column
    constraint create default deferrable desc describe distinct do else end except false fetch for
    foreign from grant group having in initially intersect into lambda lateral leading limit not
    null offset on only or order pivot placing primary qualify references returning select show
    some summarize symmetric table then to trailing true union unique unpivot user using variadic
    when where window with
    """)
)


def snake(text: str) -> str:
    """The snake_case words of a text, "" where it has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    for boundary in WORDS:
        plain = re.sub(boundary, "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:LONGEST].strip("_")


def identifier(text: str, otherwise: str) -> str:
    """A name of the lake, a letter first; `otherwise` where the text gives none."""
    name = snake(text)
    if not name:
        return otherwise
    return name if name[0].isalpha() else f"{otherwise.rstrip('_0123456789')}_{name}"


def is_own(source: str) -> bool:
    """Whether the loader takes the name for one of the lake's own, or for a group of the path."""
    return source.lower() in OWN or source.startswith("{")


def unique(names: Iterable[str]) -> list[str]:
    """The names, later ones of the same name, in whatever case, numbered from 2."""
    taken: set[str] = set()
    found = []
    for name in names:
        free, number = name, 2
        while free.casefold() in taken:
            free, number = f"{name.rstrip('_')}_{number}", number + 1
        taken.add(free.casefold())
        found.append(free)
    return found


def columns(sources: Iterable[str]) -> list[str]:
    """The names in the lake of the columns of a source, in order; `column_3` where it has none."""
    named = (identifier(source, f"column_{at}") for at, source in enumerate(sources, 1))
    return unique(f"{name}_" if name in RESERVED else name for name in named)


def stem(text: str) -> str:
    """What a file's or folder's name says beside dates and numbers, "" where nothing is left."""
    plain = UUID.sub("", re.sub(r"(\.[A-Za-z]\w{0,7})+$", "", text))
    if "=" in plain:  # a folder of a partition, year=2018
        return ""
    words = [re.sub(r"\d{4,}$", "", word) for word in re.split(r"[^\w]+|_", plain)]
    return snake(" ".join(word for word in words if not NUMBER.fullmatch(word)))
