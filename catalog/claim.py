"""What a catalog says of its data before a home is tied to both, and the secret that it keeps."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from catalog.errors import LakeError
from catalog.storage import Folder, storage
from data_contracts.types import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake

METADATA = "__ducklake_metadata_lake.ducklake_metadata"
SECRET = "lakehouse_secret"  # that the keys of deliveries' copies are made of


def claim(lake: Lake, connection: DuckDBPyConnection, *, made: bool) -> None:
    """Make sure that catalog and data belong together, and give an encrypted lake its secret.

    Args:
        lake: that is being made.
        connection: on which its catalog is attached.
        made: whether another home has made a lake of this catalog.

    Raises:
        LakeError: the catalog has its data elsewhere or encrypted, or the data is another lake's.
    """
    if not made and next(lake.data.files("tables"), None):
        raise LakeError(
            f"{lake.data.url} has files of another lake; give LAKEHOUSE_DATA a place of its own"
        )
    if _value(connection, "encrypted") == "true" and not lake.encrypted:
        raise LakeError("the catalog is of an encrypted lake; set LAKEHOUSE_ENCRYPTED=true")
    known = storage((_value(connection, "data_path") or "").rstrip("/").removesuffix("/tables"))
    if known.url != lake.data.url:
        is_moved = type(known) is type(lake.data) is Folder and (
            next(lake.data.files("tables"), None) or not next(known.files("tables"), None)
        )
        if made and not is_moved:
            raise LakeError(
                f"the catalog is that of a lake with its data in {known.url}; "
                "let LAKEHOUSE_DATA say so"
            )
        place = literal(lake.data.at("tables/"))
        connection.execute(f"update {METADATA} set value = {place} where key = 'data_path'")
    if lake.data.file_size and not made:
        size = literal(lake.data.file_size)
        connection.execute(f"call lake.set_option('target_file_size', {size})")
    if lake.encrypted and _value(connection, SECRET) is None:
        given = f"({literal(SECRET)}, {literal(secrets.token_hex(32))})"
        connection.execute(f"insert into {METADATA} (key, value) values {given}")


def secret_of(connection: DuckDBPyConnection) -> bytes:
    """The secret of an encrypted lake."""
    return bytes.fromhex(_value(connection, SECRET) or "")


def _value(connection: DuckDBPyConnection, key: str) -> str | None:
    query = f"select value from {METADATA} where key = {literal(key)}"
    found = connection.execute(query).fetchone()
    return str(found[0]) if found else None
