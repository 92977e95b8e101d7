"""What a sample shows of a column beside its type: values missing, enum, range, examples."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration.init import numbers, words
from orchestration.init.personal import personal, personal_inside
from orchestration.init.property import confidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from orchestration.init.numbers import Marks
    from orchestration.init.property import Property
    from orchestration.init.sample import Sample

REQUIRED_FROM = 20  # rows, where the sample is the whole; else SURE_FROM
SURE_FROM = 1000
MOST_VALUES = 12  # of an enum that is a rule
MOST_SHOWN = 25  # of one that is a remark
RAREST = 20  # rows that each value of an enum has at least
PARTS = 4  # of a sample that is not the whole: each shows every value of an enum
LONGEST = 24  # characters of an example
NESTED = ("object", "array")
SHAPED = ("string", "integer")  # types whose values may have the shape of an address or number


def with_facts(
    found: Property, values: Sequence[Any], sample: Sample, nulls: frozenset[str], marks: Marks
) -> Property:
    """The property with what its values show; `nulls` are the texts that stand for none."""
    said = [value for value in values if value is not None]
    if found.type.logical in NESTED:
        missing = len(values) - len(said)
        return replace(found, missing=missing, personal=personal_inside(found, said))
    said = [value for value in said if value not in nulls]
    missing = len(values) - len(said)
    texts = Counter(map(text_of, said))
    totals = sample.totals.get(found.source, set()) if not missing else set()
    about = personal(found.name, texts if found.type.logical in SHAPED else {})
    about = None if found.type.logical == "boolean" else about
    enum, remarks = _enum(found, values, texts, sample) if not about else ((), ())
    if about:
        remarks = (f"personal data: {about[0]} ({about[1]:.2f})",)
    else:
        remarks += _range(found, texts, marks)
    return replace(
        found,
        confidence=found.confidence or confidence(len(said), len(said)),
        required=not missing and (sample.rows >= enough(sample) or "" in totals),
        # The rule is one of required values too.
        totals=tuple(sorted(totals - {""})) if found.type.logical == "string" else (),
        enum=enum,
        personal=about and about[0],
        remarks=(*found.remarks, *remarks),
        examples=() if about else _examples(texts),
        missing=missing,
        distinct=len(texts),
    )


def text_of(value: Any) -> str:
    """A value as it is shown."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return str(value).lower() if isinstance(value, bool) else str(value)


def enough(sample: Sample) -> int:
    """How many rows without an exception make a rule."""
    return REQUIRED_FROM if sample.complete else SURE_FROM


def _enum(
    found: Property, values: Sequence[Any], texts: Mapping[str, int], sample: Sample
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Values as a rule where they are surely all, else as a remark."""
    few = 1 < len(texts) <= MOST_SHOWN and sum(texts.values()) >= 4 * len(texts)
    if not few or found.type.logical not in ("string", "integer"):
        return (), ()
    listed = tuple(sorted(texts))
    size = -(-len(values) // PARTS)
    parts = [values[at : at + size] for at in range(0, len(values), size)]
    steady = sample.complete or all(set(texts) <= {text_of(v) for v in part} for part in parts)
    sure = len(texts) <= MOST_VALUES and min(texts.values()) >= RAREST and steady
    is_text = found.type.logical == "string" and not words.is_identifier(found.name)
    if sure and is_text and sum(texts.values()) >= SURE_FROM:
        return listed, ()
    shown = ", ".join(map(shown_as, listed[:MOST_VALUES]))
    more = f" and {len(listed) - MOST_VALUES} more" if len(listed) > MOST_VALUES else ""
    return (), (f"an enum? seen were {shown}{more}",)


def _range(found: Property, texts: Mapping[str, int], marks: Marks) -> tuple[str, ...]:
    kind = found.type.logical
    if not texts or kind not in ("integer", "number", "date", "timestamp"):
        return ()
    if found.type.format and not found.type.format.startswith("yyyy"):
        return ()

    def size(text: str) -> Decimal:
        return numbers.value(text, marks)

    in_order = sorted(texts, key=None if kind in ("date", "timestamp") else size)
    least, most = in_order[0], in_order[-1]
    same = size(least) == size(most) if kind in ("integer", "number") else least == most
    return (f"always {shown_as(least)}" if same else f"from {shown_as(least)} to {shown_as(most)}",)


def _examples(texts: Counter[str]) -> tuple[str, ...]:
    return tuple(shown_as(text) for text, _ in texts.most_common(3))


def shown_as(text: str) -> str:
    """A value on one line, cut short."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    cut = plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
    return f"'{cut}'" if cut != cut.strip() or "," in cut or "#" in cut or not cut else cut
