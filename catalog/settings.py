"""Every setting of the platform, from the environment."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import SettingError
from data_contracts.retention import length

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = r"(\[[^]]*\]|[^][@/?:,]*)(:\d*)?"
URL = re.compile(rf"postgres(ql)?://([^@/?\s]*@)?{HOST}(,{HOST})*([/?]\S*)?")  # as libpq reads it
S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]+[a-z0-9](/\w[\w.=+-]*)*", re.ASCII)
SIZE = re.compile(r"\d+(\.\d+)?\s*(B|[KMGT]i?B)", re.IGNORECASE)
AGE = re.compile(r"([0-9]+)\s*([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the lake is and what it may use; a catalog URL's password is the only secret.

    Attributes:
        home: folder of the lake, LAKEHOUSE_HOME (default ``.lakehouse``).
        catalog: LAKEHOUSE_CATALOG: ``sqlite``, ``embedded`` (a Postgres of the home's own) or a
            ``postgresql://`` URL; None is what the home was made with, ``sqlite`` at first.
        data: LAKEHOUSE_DATA: folder of the data files, or a URL ``s3://bucket/prefix``; None is
            what the lake was made with, ``<home>/data`` at first.
        encrypted: LAKEHOUSE_ENCRYPTED: whether a new lake's data is encrypted, ``true`` or
            ``false``; None is what the lake was made with, ``false`` at first.
        sources: folder of the sources' files, LAKEHOUSE_SOURCES (``<home>/sources``).
        contracts: further folders of contracts, LAKEHOUSE_CONTRACTS, parted as PATH is.
        memory: what one process may use, LAKEHOUSE_MEMORY (``4GB``).
        threads: cores that one process may use, LAKEHOUSE_THREADS (all).
        query_seconds: time of one ad-hoc query, LAKEHOUSE_QUERY_SECONDS (300).
        query_rows: rows that one ad-hoc query may return, LAKEHOUSE_QUERY_ROWS (10,000,000).
        history: how long earlier snapshots are kept, LAKEHOUSE_HISTORY (``90d``, ``2y``); None is
            for good.
    """

    home: Path
    catalog: str | None = None
    data: Path | str | None = None
    encrypted: bool | None = None
    contracts: tuple[Path, ...] = ()
    sources: Path | None = None
    memory: str = "4GB"
    threads: int = os.cpu_count() or 1
    query_seconds: float = 300.0
    query_rows: int = 10_000_000
    history: str | None = None

    @property
    def data_url(self) -> str:
        """Where the data files are: an absolute path or an ``s3://`` URL."""
        return str(self.data or self.home / "data")

    def public(self) -> dict[str, Any]:
        """The settings as they may be shown and stored: without a password."""
        catalog, contracts = _without_password(self.catalog), [str(one) for one in self.contracts]
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        given |= {"catalog": catalog, "contracts": contracts, "data": self.data and self.data_url}
        return {name: str(it) if isinstance(it, Path) else it for name, it in given.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """One setting as it may be shown.

    Attributes:
        source: ``environment`` or ``default``.
    """

    setting: str
    value: Any
    variable: str
    source: str


def told(environ: Mapping[str, str] = os.environ) -> list[Told]:
    """Every setting of this process, and where its value is from.

    Raises:
        SettingError: a value is wrong; the message names the variable.
    """
    public = load(environ).public()
    variables = {field.name: f"LAKEHOUSE_{field.name.upper()}" for field in fields(Settings)}
    return [
        Told(name, public[name], said, "environment" if environ.get(said) else "default")
        for name, said in variables.items()
    ]


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process.

    Raises:
        SettingError: a value is wrong; the message names the variable.
    """
    given = _Given(environ)
    folders = (given.text("CONTRACTS") or "").split(os.pathsep)
    return Settings(
        home=_absolute(given.text("HOME") or ".lakehouse"),
        catalog=given.catalog("CATALOG"),
        data=given.place("DATA"),
        encrypted=given.flag("ENCRYPTED"),
        sources=_absolute(given.text("SOURCES") or "") if given.text("SOURCES") else None,
        contracts=tuple(_absolute(folder) for folder in folders if folder),
        memory=given.size("MEMORY", "4GB"),
        threads=given.whole("THREADS", os.cpu_count() or 1),
        query_seconds=given.number("QUERY_SECONDS", 300),
        query_rows=given.whole("QUERY_ROWS", 10_000_000),
        history=given.age("HISTORY"),
    )


class _Given:
    """What the environment gives, each value checked; SettingError names the variable."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str | None:
        return self._environ.get(f"LAKEHOUSE_{name}") or None

    def number(self, name: str, default: float) -> float:
        given = self.text(name)
        try:
            value = float(given) if given else default
        except ValueError:
            value = 0.0
        if not 0 < value < math.inf:
            raise SettingError(f"LAKEHOUSE_{name} is {given!r}; a number above 0 is meant")
        return value

    def whole(self, name: str, default: int) -> int:
        value = self.number(name, default)
        if value != int(value):
            raise SettingError(f"LAKEHOUSE_{name} is {value:g}; a whole number above 0 is meant")
        return int(value)

    def size(self, name: str, default: str) -> str:
        size = self.text(name) or default
        if not SIZE.fullmatch(size) or not re.search("[1-9]", size):
            raise SettingError(f"LAKEHOUSE_{name} is {size!r}; a size such as 4GB is meant")
        return size

    def age(self, name: str) -> str | None:
        age = self.text(name)
        if age and not interval(age):
            raise SettingError(f"LAKEHOUSE_{name} is {age!r}; an age such as 90d or 2y is meant")
        return age

    def flag(self, name: str) -> bool | None:
        said = (self.text(name) or "").lower()
        if said not in ("", "true", "false"):
            raise SettingError(f"LAKEHOUSE_{name} is {said!r}; true or false is meant")
        return said == "true" if said else None

    def catalog(self, name: str) -> str | None:
        catalog = self.text(name)
        if catalog:
            check_catalog(catalog, f"LAKEHOUSE_{name}")
        return catalog

    def place(self, name: str) -> Path | str | None:
        place = self.text(name)
        if place is None or "://" not in place:
            return _absolute(place) if place else None
        if not S3.fullmatch(place):
            # What was given is not shown: it may hold a key.
            raise SettingError(
                f"LAKEHOUSE_{name} is neither a folder nor a URL s3://bucket/prefix of letters, "
                "digits and . _ - = +; keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        return place


def interval(age: str) -> str | None:
    """An age such as ``90d`` as SQL writes it; None where it is none."""
    found = AGE.fullmatch(age)
    span = length(found[1], found[2]) if found else None
    return span.interval if span else None


def check_catalog(said: str, name: str) -> None:
    """Refuse a catalog that is none.

    Raises:
        SettingError: the message has the setting's name; what was given may hold a password.
    """
    if said not in ("sqlite", "embedded") and not URL.fullmatch(said):
        raise SettingError(
            f"{name} is none of sqlite, embedded and a URL "
            "postgresql://user:password@host:port/database (in a password write @ as %40, / as %2F)"
        )


def _without_password(catalog: str | None) -> str | None:
    """A catalog that may be shown: of a URL scheme, hosts and database, when they are clear."""
    if catalog in (None, "sqlite", "embedded"):
        return catalog
    scheme, _, rest = str(catalog).partition("://")
    if not (rest and URL.fullmatch(str(catalog))):
        return "postgresql://***"
    hosts, slash, database = rest.partition("?")[0].partition("/")
    shown = "***@" * ("@" in hosts) + hosts.rpartition("@")[2]
    return f"{scheme}://{shown}{slash}{'***' if '@' in database else database}"


def _absolute(path: str) -> Path:
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 - links are left as given
