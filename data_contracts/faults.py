"""Several faults told at once, so that a contract is not mended one run at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from data_contracts.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def gathered(calls: Iterable[Callable[[], T]]) -> list[T]:
    """The results of all calls.

    Raises:
        ContractError: what every call that failed has to say, a line each.
    """
    results, faults = [], []
    for call in calls:
        try:
            results.append(call())
        except ContractError as error:
            faults.append(str(error))
    if faults:
        raise ContractError("\n".join(faults))
    return results
