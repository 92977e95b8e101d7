"""What a column's name says about its values."""

from __future__ import annotations

IDENTIFIERS = frozenset(
    "id ids code codes phone tel telephone mobile fax zip zipcode postcode postal plz iban bic "
    "swift isbn ean upc gtin sku ssn vin imei pin uuid guid barcode serial siret siren duns "
    "passport account acct version".split()
)  # anywhere in the name
NUMBERED = frozenset("no nr num number nbr key ref reference msisdn hash".split())  # as the last word
COUNTED = frozenset(
    "count cnt qty quantity total sum avg mean min max amount balance rate ratio pct percent share "
    "size length days hours minutes seconds years".split()
)  # as the last word: a number, whatever is numbered
MONEY = frozenset(
    "price prices amount amt total subtotal cost costs balance fee fees fare charge charges payment "
    "revenue sales turnover salary wage wages tax vat net gross discount credit debit income profit "
    "margin premium spend budget deposit freight commission refund money".split()
)
DAYS = frozenset(
    "date day dt datum datetime time timestamp ts birth birthday dob created updated changed modified "
    "deleted posted valid from until since due expires expiry start end begin on at".split()
)
LINES = frozenset("line item seq sequence position pos row cycle step version index".split())
NO_IDENTIFIER = ("paid", "grid", "valid", "hybrid", "liquid", "fluid", "android", "solid")


def is_identifier(name: str) -> bool:
    """Whether a snake_case name is that of a key, code or number that is no quantity."""
    words = name.rstrip("_").split("_")
    if words[-1] in COUNTED:
        return False
    if IDENTIFIERS & set(words) or (len(words) > 1 and words[-1] in NUMBERED):
        return True
    last = words[-1]
    return len(last) > 6 and last.endswith(("id", "code")) and not last.endswith(NO_IDENTIFIER)


def is_key(name: str) -> bool:
    """Whether a name may be that of a key: an identifier, or the line of one."""
    words = name.rstrip("_").split("_")
    return is_identifier(name) or words[-1] in LINES | NUMBERED


def is_money(name: str) -> bool:
    """Whether a name is that of an amount of money."""
    words = name.rstrip("_").split("_")
    is_count = words[-1] in COUNTED - MONEY or bool({"count", "qty", "quantity"} & set(words))
    return bool(MONEY & set(words)) and not is_count


def is_day(name: str) -> bool:
    """Whether a name is that of a date or time."""
    return bool(DAYS & set(name.rstrip("_").split("_")))
