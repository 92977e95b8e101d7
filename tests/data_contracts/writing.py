"""Contract files for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from data_contracts.odcs import read

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract

ORDER_ID = {"name": "order_id", "logicalType": "string", "required": True}


def written(
    folder: Path,
    properties: list[dict[str, Any]] | None = None,
    custom: dict[str, Any] | None = None,
    name: str = "orders.odcs.yaml",
    item: dict[str, Any] | None = None,
    **top: Any,
) -> Path:
    """A contract file with one schema object."""
    said = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "shop.orders",
        "version": "1.0.0",
        "status": "active",
        "domain": "shop",
        **top,
    }
    customs = [{"property": key, "value": value} for key, value in (custom or {}).items()]
    said.setdefault(
        "schema",
        [
            {
                "name": "orders",
                "logicalType": "object",
                **({"customProperties": customs} if customs else {}),
                "properties": [ORDER_ID] if properties is None else properties,
                **(item or {}),
            }
        ],
    )
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    return file


def contract(folder: Path, *args: Any, **said: Any) -> Contract:
    """The one contract of such a file."""
    (found,) = read(written(folder, *args, **said))
    return found
