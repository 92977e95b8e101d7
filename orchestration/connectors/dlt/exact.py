"""Numbers with all their digits, where dlt's readers parse JSON into binary floats.

`19.99` is the same number as a float. `1234567890123456.78` is not: it stays a float for a source
that computes with it, and knows how it was written.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from orchestration.connectors.files.json_record import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class Exact(float):
    """A float that another number was written for.

    Attributes:
        text: that number.
    """

    text: str


def parsed(digits: str) -> float:
    """A number of JSON."""
    number = number_of(digits)
    if isinstance(number, float):
        return number
    found = Exact(digits)
    found.text = digits
    return found


def floats(value: Any) -> Any:
    """A value of JSON with plain floats, for a state that is compared with the next run's."""
    if isinstance(value, dict):
        return {key: floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [floats(inner) for inner in value]
    return float(value) if isinstance(value, Exact) else value


@contextmanager
def exact_numbers() -> Iterator[None]:
    """Meanwhile the answers of `requests` and what dlt reads of files keep their digits."""
    import requests
    from dlt.common import json as dlt_json

    answers: Any = requests.Response
    its_json: Any = dlt_json
    encoder = getattr(sys.modules["dlt.common.json"], "_custom_encoder", None)  # the source's own
    answered, loads, loadb = answers.json, its_json.loads, its_json.loadb

    def answer(response: Any, **options: Any) -> Any:
        return answered(response, **{"parse_float": parsed, **options})

    def load(text: str | bytes | bytearray | memoryview) -> Any:
        text = bytes(text) if isinstance(text, memoryview) else text
        return json.loads(text, parse_float=parsed)

    def encode(value: Any) -> Any:
        if isinstance(value, Exact):
            return value.text
        if encoder:
            return encoder(value)
        raise TypeError(repr(value))

    its_json.set_custom_encoder(encode)  # dlt hashes rows to know those of the last cursor again
    answers.json = answer
    its_json.loads = its_json.loadb = load
    try:
        yield
    finally:
        answers.json = answered
        its_json.loads, its_json.loadb = loads, loadb
        its_json.set_custom_encoder(encoder)
