"""How a source writes numbers: its marks, and the regular expressions of what they make."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_contracts.types import literal

BLANKS = r"[ \t\n\v\f\r]*"
EXPONENT = "[eE][+-]?[0-9]+"


@dataclass(frozen=True, slots=True)
class Marks:
    """How a source writes numbers."""

    decimal: str = "."
    thousands: str = ""
    trailing: bool = False  # a minus may stand after the number
    floats: bool = False  # the texts are those of binary floats, of which 15 digits count

    @property
    def whole(self) -> str:
        """Regular expression of the digits before the decimal mark."""
        if not self.thousands:
            return "[0-9]+"
        return f"(?:[0-9]+|[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+)"

    @property
    def point(self) -> str:
        """Regular expression of the decimal mark."""
        return re.escape(self.decimal)

    def plain(self, text: str) -> str:
        """SQL of the number as SQL itself writes it."""
        if self.trailing:
            moved = f"'-' || trim({text}, ' -')"
            text = f"(case when ends_with(rtrim({text}, ' '), '-') then {moved} else {text} end)"
        if self.thousands:
            text = f"replace({text}, {literal(self.thousands)}, '')"
        return text if self.decimal == "." else f"replace({text}, {literal(self.decimal)}, '.')"

    def form(self, after: str, bare: str = "", exponent: str = "") -> str:
        """Regular expression of a number: `after` the mark, and `bare` where nothing is before."""
        bare = f"|{self.point}{bare}" if bare else ""
        number = f"(?:{self.whole}(?:{self.point}{after})?{bare})"
        if self.trailing:
            return f"{BLANKS}(?:[+-]?{number}{exponent}|{number}{exponent}-){BLANKS}"
        return f"{BLANKS}[+-]?{number}{exponent}{BLANKS}"


def matches(text: str, expression: str) -> str:
    """SQL: the whole text matches."""
    return f"regexp_full_match({text}, {literal(expression)})"
