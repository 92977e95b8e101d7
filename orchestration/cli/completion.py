"""What the shell completes: tables, columns, words and functions of SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prompt_toolkit.completion import WordCompleter

from catalog import allowed
from catalog.listing import listing

if TYPE_CHECKING:
    from catalog.session import Session

KEYWORDS = """
    all and as asc asof at between by case cast count cross cube desc distinct else end escape
    except exclude exists extract filter first following from full group grouping having ilike
    in inner intersect interval is join last lateral left like limit materialized natural not
    null nulls offset on or order outer over partition pivot positional preceding qualify range
    recursive replace right rollup rows select semi sets similar then try_cast unbounded union
    unpivot using values when where window with within
"""


def completer(session: Session) -> WordCompleter:
    """Completes by what is in the lake now."""
    tables = listing(session)
    columns = {column for found in tables.values() for column in found}
    functions = {name for name in allowed.functions() if name.isidentifier()}
    words = [*tables, *sorted(columns), *KEYWORDS.split(), *sorted(functions)]
    return WordCompleter(words, ignore_case=True, pattern=re.compile(r"[\w.]+"))
