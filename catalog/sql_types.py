"""DuckDB's types by what they are, as DuckDBPyType.id names them."""

INTEGERS = frozenset(
    {
        *("tinyint", "smallint", "integer", "bigint", "hugeint", "bignum"),
        *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    }
)
FLOATS = frozenset({"float", "double"})
NUMBERS = INTEGERS | FLOATS | {"decimal"}
TIMESTAMPS = frozenset(
    {"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"}
)
