"""What a home remembers of its lake, and the settings, which have to agree with it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from catalog.errors import LakeError
from catalog.storage import put

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.settings import Settings

FORMAT = "1.0"  # of DuckLake; a newer one is moved to by a command, after a backup
UNENCRYPTED = (
    "the lake was made without encryption, and cannot be encrypted later; make another one, or "
    "take LAKEHOUSE_ENCRYPTED off"
)
SEALED = "the lake is encrypted; take LAKEHOUSE_ENCRYPTED=false off"
About = dict[str, Any]


def marker(home: Path) -> Path:
    """The file that a home remembers its lake by."""
    return home / "lake.json"


def remembered(home: Path) -> About | None:
    """What the home remembers; None where there is no lake yet.

    Raises:
        LakeError: it cannot be read, or the lake is of another format.
    """
    file = marker(home)
    try:
        if not file.exists():
            return None
        about: About = json.loads(file.read_text(encoding="utf-8"))
        _, format_ = about["catalog"], about["format"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        told = error.strerror if isinstance(error, OSError) else repr(error)
        raise LakeError(f"{file}: cannot be read: {told}") from error
    if format_ != FORMAT:
        raise LakeError(f"{home}: the lake is of format {format_}, this software of {FORMAT}")
    return about


def remember(home: Path, about: About) -> None:
    """Write down what the home holds."""
    put(marker(home), json.dumps({"format": FORMAT} | about) + "\n")


def catalog_of(settings: Settings, about: About | None) -> str:
    """The catalog: ``sqlite``, ``embedded`` or a URL.

    Raises:
        LakeError: the setting asks for another than the lake has, or a URL is missing.
    """
    asked = settings.catalog
    if about is None:
        return asked or "sqlite"
    known = about["catalog"]
    kind = "postgres" if asked and "://" in asked else asked or known
    if kind != known:
        raise LakeError(
            f"{settings.home}: the lake's catalog is {known}, "
            f"but LAKEHOUSE_CATALOG asks for {kind}; take the setting off"
        )
    if kind == "postgres":
        if not asked:
            raise LakeError(
                "the lake's catalog is a Postgres of your own; give LAKEHOUSE_CATALOG its URL"
            )
        return asked
    return str(kind)


def data_of(settings: Settings, about: About | None) -> Path | str | None:
    """Where the data is; None is in the home.

    Raises:
        LakeError: the setting asks for another place than the lake has.
    """
    if about is None or "data" not in about:
        return settings.data
    known = replace(settings, data=about["data"])
    if settings.data and settings.data_url != known.data_url:
        raise LakeError(
            f"{settings.home}: the lake's data is in {known.data_url}, but LAKEHOUSE_DATA asks "
            f"for {settings.data_url}; take the setting off (a lake whose data was moved is "
            f"told so in {marker(settings.home)})"
        )
    return known.data


def is_encrypted(settings: Settings, about: About | None) -> bool:
    """Whether the data is encrypted.

    Raises:
        LakeError: the setting asks for what the lake is not.
    """
    if about is None:
        return bool(settings.encrypted)
    known = bool(about.get("encrypted", False))
    if settings.encrypted not in (None, known):
        raise LakeError(f"{settings.home}: {UNENCRYPTED if settings.encrypted else SEALED}")
    return known
