"""What a column's name says about its values."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Anywhere in the name.
IDENTIFIERS = _words(
    """
    id ids code codes phone tel telephone mobile fax zip zipcode postcode postal plz iban bic swift
    isbn ean upc gtin sku ssn vin imei pin uuid guid barcode serial siret siren duns passport
    account acct version
    """
)
# As the last of several words.
NUMBERED = _words("no nr num number nbr key ref reference msisdn hash")
# As the last word: a quantity, whatever it is of.
COUNTED = _words(
    """
    count cnt qty quantity total sum avg mean min max amount balance rate ratio pct percent share
    size length days hours minutes seconds years
    """
)
MONEY = _words(
    """
    price prices amount amt total subtotal cost costs balance fee fees fare charge charges payment
    revenue sales turnover salary wage wages tax vat net gross discount credit debit income profit
    margin premium spend budget deposit freight commission refund money
    """
)
DAYS = _words(
    """
    date day dt datum datetime time timestamp ts birth birthday dob created updated changed modified
    deleted posted valid from until since due expires expiry start end begin on at
    """
)
LINES = _words("line item seq sequence position pos row cycle step index")
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
