"""Personal data, by the name of a column and by the shape of its values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orchestration.init.names import snake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from orchestration.init.property import Property

PERSON = (
    "customer|client|contact|employee|patient|person|member|student|user|subscriber|passenger|guest"
    "|driver|account_holder|card_?holder|recipient|sender|author|owner|manager|spouse|cashier|buyer"
    "|seller|assignee|salesperson|sales_rep"
)
NAMES = (  # over the words of a snake_case name, and what it says; the first that fits
    (rf"({PERSON})_?(id|no|nr|number|num|key|code|uuid|ref)", "number of a person"),
    (r"ssn|social_security|passport|(national|tax)_id|driver_licen[cs]e", "number of a person"),
    (r"e_?mail|mail_address", "e-mail address"),
    (r"(tele)?phone|tel|mobile|fax|msisdn", "phone number"),
    (r"ip|ip_addr(ess)?|ipv4|ipv6|mac_address|device_id|imei|cookie", "address of a device"),
    (r"iban|bic|card_?(no|number)|pan|credit_card|account_(no|nr|number)", "bank account or card"),
    (r"(first|last|middle|full|given|family|maiden|sur|fore|user|nick)_?name", "name of a person"),
    (rf"({PERSON})(_name)?|login|vorname|nachname|nom|prenom", "name of a person"),
    (r"dob|birth|birthday|birthdate|born|geburtsdatum", "date of birth"),
    (r"gender|sex|age|nationality|citizenship|religion|ethnicity|race|disability|senior_citizen"
     r"|marital(_status)?", "trait of a person"),
    (r"address|addr|street|house_(no|number)|(zip|post)_?code|zip|postal|plz|adresse", "address"),
    (r"salary|wages?|diagnosis|blood_type|allerg(y|ies)", "private circumstance of a person"),
)  # fmt: skip
ENDS = r"_(id|no|nr|number|code|text|raw|hash|date|day|year|place|name|address|group|line(_\d)?|\d)"
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
PHONE = re.compile(r"(\+|00)\d[\d ()./-]{6,18}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}")
SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
IP = re.compile(r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
CARD = re.compile(r"\d{13,19}")
LEAST = {"e-mail address": 0.01}  # share of the rows: one address in a remark is one too many
MOST = 0.8
BY_NAME = 0.8  # how sure a name alone makes


def personal(name: str, texts: Mapping[str, int]) -> tuple[str, float] | None:
    """What personal data a column seems to hold, and how sure that is; else None.

    Args:
        name: its snake_case name.
        texts: its texts, with the rows of each.
    """
    shapes = _shares(texts)
    for what, share in shapes.items():
        if share >= LEAST.get(what, MOST):
            return what, max(share, 0.5)
    for expression, what in NAMES:
        if re.fullmatch(f"(.*_)?({expression})({ENDS})?_?", name):
            return what, BY_NAME
    return None


def personal_inside(found: Property, said: Iterable[Any]) -> str | None:
    """What personal data nested values hold: by the fields, else by the keys that they have."""
    parts = [*found.fields, *([found.items] if found.items else [])]
    if parts:
        inside = (part.personal or personal_inside(part, ()) for part in parts)
        return next((what for what in inside if what), None)
    keys = {key for value in said for key in _keys(value)}
    named = (personal(snake(key), {}) for key in sorted(keys))
    return next((about[0] for about in named if about), None)


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


def _shares(texts: Mapping[str, int]) -> dict[str, float]:
    rows = sum(texts.values())
    tests: dict[str, Callable[[str], bool]] = {
        "e-mail address": lambda t: "@" in t and EMAIL.search(t) is not None,
        "phone number": lambda t: PHONE.fullmatch(t) is not None,
        "number of a person": lambda t: SSN.fullmatch(t) is not None,
        "address of a device": lambda t: IP.fullmatch(t) is not None,
        "bank account or card": lambda t: len(t) >= 13 and (_is_iban(t) or _is_card(t)),
    }
    return {
        what: sum(count for text, count in texts.items() if test(text)) / rows if rows else 0.0
        for what, test in tests.items()
    }


def _is_iban(text: str) -> bool:
    """ISO 13616: the check digits make the number 1 modulo 97."""
    plain = text.replace(" ", "")
    if not IBAN.fullmatch(plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """ISO/IEC 7812: the check digit is Luhn's."""
    plain = re.sub("[ -]", "", text)
    if not CARD.fullmatch(plain) or len(set(plain)) < 2:
        return False
    twice = [int(d) * (1 + at % 2) for at, d in enumerate(reversed(plain))]
    return sum(d - 9 if d > 9 else d for d in twice) % 10 == 0
