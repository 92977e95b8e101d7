"""Whether the bytes of deliveries are kept, by their contracts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from data_contracts.errors import ContractError
from data_contracts.find import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.settings import Settings


def keeps_raw(settings: Settings) -> Callable[[str], bool]:
    """A function of a contract's id; one that is gone or wrong promises nothing."""

    @cache
    def keeps(id_: str) -> bool:
        try:
            return find(id_, settings.contracts).keep_raw
        except ContractError:
            return False

    return keeps
