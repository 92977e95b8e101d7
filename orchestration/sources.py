"""Sources by name: where each is and what reads it, in YAML; its password elsewhere."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from catalog.storage import put
from orchestration.connectors.databases.address import address_of
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.settings import Settings
    from orchestration.connectors.databases.address import Address

NAME = re.compile(r"[a-z][a-z0-9_]*")
KEYS = {"url": str, "contracts": str, "tables": list, "origin": str, "password_file": str,
        "password_env": str}  # fmt: skip
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Source:
    """A source and how it is read.

    Attributes:
        name: of it; None where it was given by its URL.
        contracts: folder or file of its contracts.
        tables: that are read; all that have a contract where none are named.
        origin: what bronze calls this instance, in `_origin`.
        file: that says all this.
    """

    address: Address
    contracts: Path
    name: str | None = None
    tables: tuple[str, ...] = ()
    origin: str | None = None
    file: Path | None = field(default=None)


def folder_of(settings: Settings) -> Path:
    """The folder of the sources' files."""
    return settings.sources or settings.home / "sources"


def known(settings: Settings) -> list[str]:
    """Names of all sources."""
    return sorted(file.stem for file in folder_of(settings).glob("*.yaml"))


def source_of(settings: Settings, name: str) -> Source:
    """The source of a name.

    Raises:
        InputError: there is none, or its file or its password is not as it has to be.
    """
    file = folder_of(settings) / f"{name}.yaml"
    if not NAME.fullmatch(name) or not file.is_file():
        there = ", ".join(known(settings)) or "none"
        raise InputError(
            f"there is no source {name}; there are {there}. Add one: lakehouse sources add "
            "NAME URL --contracts DIR"
        )
    said = _read(file)
    return Source(
        address=address_of(said["url"], _password(name, file, said)),
        contracts=_beside(file, said["contracts"]),
        name=name,
        tables=tuple(map(str, said.get("tables") or ())),
        origin=said.get("origin"),
        file=file,
    )


def add(
    settings: Settings,
    name: str,
    url: str,
    contracts: Path,
    *,
    tables: Sequence[str] = (),
    origin: str | None = None,
    password_env: str | None = None,
    password_file: Path | None = None,
) -> Source:
    """Write a source's file; a password in its URL goes to one that only its owner reads.

    Raises:
        InputError: there is one of that name, or something of it is wrong.
    """
    folder = folder_of(settings)
    file = folder / f"{name}.yaml"
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a source; letters a to z, digits and _ are meant")
    if file.exists():
        raise InputError(f"{file}: is there already; change it, or remove it first")
    address = address_of(url)
    if not contracts.exists():
        raise InputError(f"{contracts}: there is no such file or folder of contracts")
    said: dict[str, Any] = {"url": _bare(address), "contracts": str(contracts.resolve())}
    said |= {"tables": list(tables)} if tables else {}
    said |= {"origin": origin} if origin else {}
    said |= {"password_env": password_env} if password_env else {}
    said |= {"password_file": str(password_file.resolve())} if password_file else {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if address.password:
            _keep_secret(folder / f"{name}.password", address.password)
        put(file, yaml.safe_dump(said, sort_keys=False, allow_unicode=True))
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be written: {error.strerror}") from error
    return source_of(settings, name)


def _keep_secret(file: Path, password: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - it is open already
        os.fchmod(descriptor, 0o600)
        stream.write(password + "\n")


def _bare(address: Address) -> str:
    """The URL without its password."""
    if address.kind in ("sqlite", "dlt"):
        return address.shown
    if any(re.search("pass|pwd|secret|token", name, re.IGNORECASE) for name in address.options):
        raise InputError(
            f"{address.shown}: its parameters hold a secret; put it into a variable and name that "
            "with --password-env"
        )
    place, _, query = address.url.partition("?")
    scheme, _, rest = place.partition("://")
    who, at, where = rest.rpartition("@")
    bare = f"{scheme}://{who.partition(':')[0]}{at}{where}"
    query = "&".join(part for part in query.split("&") if not part.startswith("password="))
    return f"{bare}?{query}" if query else bare


def _read(file: Path) -> dict[str, Any]:
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{file}: cannot be read: {why}") from None
    if not isinstance(said, dict):
        raise InputError(f"{file}: is no source; url and contracts are meant")
    for key, value in said.items():
        if key not in KEYS:
            raise InputError(f"{file}: {key} is unknown; known are {', '.join(KEYS)}")
        if not isinstance(value, KEYS[key]):
            raise InputError(f"{file}: {key} is not as it should be; a {KEYS[key].__name__} is")
    for key in ("url", "contracts"):
        if key not in said:
            raise InputError(f"{file}: {key} is missing")
    if re.match(r"[^/]*://[^/@:]*:[^/@]+@", said["url"]):
        raise InputError(
            f"{file}: its url holds a password; name a variable with it as password_env, or a file "
            "that only you can read as password_file"
        )
    return said


def _password(name: str, file: Path, said: dict[str, Any]) -> str | None:
    """What it is let in by: from a variable, or from a file that nobody else can read."""
    variable = said.get("password_env") or f"LAKEHOUSE_SOURCE_{name.upper()}_PASSWORD"
    if given := os.environ.get(variable):
        return given
    if "password_env" in said:
        raise InputError(f"{file}: password_env is {variable}, which is not set")
    secret = _beside(file, said.get("password_file") or f"{name}.password")
    if not secret.exists():
        if "password_file" in said:
            raise InputError(f"{secret}: is missing, the password of {name}")
        return None
    try:
        if secret.stat().st_mode & OTHERS:
            raise InputError(f"{secret}: others can read it; chmod 600 {secret}")
        return secret.read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise InputError(f"{secret}: cannot be read: {error.strerror}") from error


def _beside(file: Path, place: str) -> Path:
    return (file.parent / Path(place).expanduser()).absolute()
