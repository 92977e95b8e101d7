"""What a contract says of its files and deliveries: our ``customProperties`` of a schema object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from data_contracts.contract import Duplicates, Format, Redelivery, UnknownColumns
from data_contracts.loading import Mode
from data_contracts.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from open_data_contract_standard.model import CustomProperty

    from data_contracts.document import Document
    from data_contracts.errors import ContractError
    from data_contracts.standard import Path_

CHOICES: dict[str, tuple[str, ...]] = {
    "format": get_args(Format),
    "redelivery": get_args(Redelivery),
    "duplicates": get_args(Duplicates),
    "unknownColumns": get_args(UnknownColumns),
    "load": get_args(Mode),
    "preset": tuple(PRESETS),
}
MARKS = {"delimiter", "quote", "escape", "decimalMark", "thousandsMark"}
TEXTS = {"encoding", "sheet", "path", "periodBy", "deliveryOrder", "deleteWhen", "operation"}
FLAGS = {"header", "keepRaw", "compareKeys", "trailingMinus"}
LISTS = {"nullValues", "deliveryKey", "orderBy", "period", "watermark"}
NUMBERS = {"skipLines"}
PERCENTS = {"allowShrink"}
MAPS = {"operations"}
SPANS = {"overlap"}
OURS = {*CHOICES, *MARKS, *TEXTS, *FLAGS, *LISTS, *NUMBERS, *PERCENTS, *MAPS, *SPANS}


@dataclass(frozen=True, slots=True)
class Custom:
    """The values of one schema object, and where in the file each is said."""

    document: Document
    where: Path_
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Path_] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """What is said under `name`, `default` where nothing is."""
        return self.values.get(name, default)

    def fault(self, name: str, message: str) -> ContractError:
        """An error that names the place where `name` is said."""
        return self.document.fault(self.places.get(name, self.where), message)


def custom_of(document: Document, where: Path_, said: Iterable[CustomProperty]) -> Custom:
    """Read and judge them; those that are not ours are left to whom they concern.

    Raises:
        ContractError: a value is none of those meant, or is given twice.
    """
    custom = Custom(document, where)
    for index, found in enumerate(said):
        name, value = found.property or "", found.value
        if name not in OURS:
            continue
        place = (*where, "customProperties", index)
        if name in custom.values:
            raise document.fault(place, f"{name} is given twice; keep one")
        if name in LISTS and isinstance(value, str):
            value = [value]
        if meant := _meant(name, value):
            raise document.fault(place, f"{name} is {value!r}; {meant} is meant")
        custom.values[name], custom.places[name] = value, place
    for name, value in PRESETS.get(custom.get("preset"), {}).items():
        custom.values.setdefault(name, value)
    return custom


def _meant(name: str, value: Any) -> str | None:
    """What is meant instead of a wrong value, None where it is right."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name in CHOICES:
        return None if value in CHOICES[name] else f"one of {', '.join(CHOICES[name])}"
    if name in FLAGS:
        return None if isinstance(value, bool) else "true or false"
    if name in NUMBERS:
        return None if whole and value >= 0 else "a number of lines"
    if name in PERCENTS:
        right = isinstance(value, (int, float)) and not isinstance(value, bool)
        return None if right and 0 <= value <= 100 else "percent from 0 to 100"
    if name in MAPS:
        return None if _is_map(value) else "an operation with its names: delete: [D, X]"
    if name in SPANS:
        right = (whole and value >= 0) or isinstance(value, str)
        return None if right else "a span such as 10 minutes, or a whole number"
    if name in MARKS:
        return None if isinstance(value, str) and len(value) <= 1 else "one character in quotes"
    if name in TEXTS:
        return None if isinstance(value, str) and value else "a text"
    right = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return None if right else "a list of texts in quotes"


def _is_map(value: Any) -> bool:
    """Whether it is names by operations."""
    return isinstance(value, dict) and all(
        isinstance(names, str)
        or (isinstance(names, list) and all(isinstance(n, str) for n in names))
        for names in value.values()
    )
