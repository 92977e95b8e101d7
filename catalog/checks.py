"""The rules of a whole load, worked out before its commit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from catalog.receipts import insert
from catalog.tables import bronze
from data_contracts.errors import ContractError
from data_contracts.quality import is_of_rows
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract, Rule

HOLDS: dict[str, Callable[[float, Any], bool]] = {
    "mustBe": lambda figure, bound: figure == bound,
    "mustNotBe": lambda figure, bound: figure != bound,
    "mustBeGreaterThan": lambda figure, bound: figure > bound,
    "mustBeGreaterOrEqualTo": lambda figure, bound: figure >= bound,
    "mustBeLessThan": lambda figure, bound: figure < bound,
    "mustBeLessOrEqualTo": lambda figure, bound: figure <= bound,
    "mustBeBetween": lambda figure, bound: bound[0] <= figure <= bound[1],
    "mustNotBeBetween": lambda figure, bound: not bound[0] <= figure <= bound[1],
}
PLACEHOLDER = re.compile(r"""(["']?)\$?\{(\w+)\}\1""")  # {object}, "${object}"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's result for one load."""

    batch: int | None  # none where the load was refused
    rule: str
    severity: str
    passed: bool
    figure: float | None
    expected: str

    @property
    def told(self) -> str:
        """The result in words."""
        figure = "nothing" if self.figure is None else f"{self.figure:.15g}"
        return f"rule {self.rule}: is {figure}, {self.expected}"


def load_rules(contract: Contract) -> list[Rule]:
    """The contract's rules that judge a load and not a row."""
    of_columns = [rule for column in contract.columns for rule in column.rules]
    return [rule for rule in (*contract.rules, *of_columns) if not is_of_rows(rule)]


def check_loads(
    connection: DuckDBPyConnection,
    contract: Contract,
    batches: list[int],
    of: str | None = None,
) -> list[Check]:
    """Work out every rule for every load; the loads' rows are in the open transaction's table.

    Args:
        connection: with the open transaction.
        contract: whose rules they are.
        batches: the loads.
        of: the table that their rows are in, where it is not yet the contract's.

    Raises:
        ContractError: a rule's SQL does not run.
    """
    results, table = [], of or bronze(contract)
    for rule in load_rules(contract):
        library = rule.type == "library"
        figures = _library(connection, contract, rule, batches[0], table) if library else {}
        for batch in batches:
            if rule.type == "sql":
                figures[batch] = _sql(connection, contract, rule, batch, table)
            figure = figures.get(batch, 0.0)
            passed = figure is not None and all(
                HOLDS[name](figure, bound) for name, bound in rule.comparisons
            )
            results.append(Check(batch, rule.name, rule.severity, passed, figure, _expected(rule)))
    return results


def record(
    connection: DuckDBPyConnection, contract: Contract, run: str, results: list[Check]
) -> None:
    """Write results to ``ops.check``, in the open transaction."""
    if results:
        columns = {
            "table_name": [contract.table] * len(results),
            "batch": pa.array([r.batch for r in results], pa.int64()),
            "rule": [r.rule for r in results],
            "stage": ["load"] * len(results),
            "severity": [r.severity for r in results],
            "passed": [r.passed for r in results],
            "figure": pa.array([r.figure for r in results], pa.float64()),
            "expected": [r.expected for r in results],
            "run": [run] * len(results),
        }
        insert(connection, "check", columns)


def _library(
    connection: DuckDBPyConnection, contract: Contract, rule: Rule, first_batch: int, table: str
) -> dict[int, float | None]:
    column = quoted(rule.column) if rule.column else None
    listed = rule.arguments.get("properties") or ([rule.column] if rule.column else [])
    keys = ", ".join(quoted(str(name)) for name in listed)
    if rule.metric == "rowCount":
        measure = "count(*)"
    elif rule.metric == "duplicateValues" and keys:
        # As in UNIQUE of SQL, where a part is null there is no value to repeat.
        given = " and ".join(f"{quoted(str(name))} is not null" for name in listed)
        measure = f"count(*) filter ({given}) - count(distinct ({keys})) filter ({given})"
    elif column and rule.metric == "nullValues":
        measure = f"count(*) filter ({column} is null)"
    elif column and rule.metric == "missingValues":
        words = _words(rule.arguments.get("missingValues", []))
        measure = f"count(*) filter ({column} is null or {column}::varchar in ({words}))"
    elif column and rule.metric == "invalidValues":
        measure = (
            f"count(*) filter ({column} is not null and not ({_valid(column, rule.arguments)}))"
        )
    else:
        raise ContractError(f"{contract.file}: rule {rule.name}: {rule.metric} needs a property")
    if rule.unit == "percent":
        measure = f"100.0 * ({measure}) / count(*)"
    rows = connection.execute(
        f"select _batch, ({measure})::double from {table} "
        f"where _batch >= {first_batch} group by _batch"
    ).fetchall()
    return dict(rows)


def _sql(
    connection: DuckDBPyConnection, contract: Contract, rule: Rule, batch: int, table: str
) -> float | None:
    """Run a rule's SQL with the schema's name standing for the load's rows."""
    names = {
        "object": contract.name,
        "table": contract.name,
        "model": contract.name,
        "schema": contract.name,
    }
    if rule.column:
        names |= {"property": rule.column, "column": rule.column, "field": rule.column}
    query = PLACEHOLDER.sub(lambda found: _name(found, names), rule.query or "")
    rows = f"select * from {table} where _batch = {batch}"
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ContractError(f"{contract.file}: rule {rule.name}: is not one SELECT")
        found = connection.execute(
            f"with {quoted(contract.name)} as ({rows}) "
            f"select * from (\n{_bare(statements[0].query)}\n)"
        ).fetchone()
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise ContractError(
            f"{contract.file}: rule {rule.name}: its SQL does not run: {first}"
        ) from error
    try:
        return float(found[0]) if found and found[0] is not None else None
    except (TypeError, ValueError):
        told = f"its SQL yields {found[0]!r}, which is no number" if found else ""
        raise ContractError(f"{contract.file}: rule {rule.name}: {told}") from None


def _name(found: re.Match[str], names: dict[str, str]) -> str:
    """What a placeholder stands for: an identifier, or as it is where it stands in quotes."""
    quote, name = found[1], names.get(found[2])
    if name is None:
        return found[0]
    return f"{quote}{name}{quote}" if quote else quoted(name)


def _bare(query: str) -> str:
    return query.rstrip().removesuffix(";")


def _expected(rule: Rule) -> str:
    words = [
        re.sub(r"(?<!^)([A-Z])", r" \1", name).lower() + f" {bound}"
        for name, bound in rule.comparisons
    ]
    return " and ".join(words) + (" percent" if rule.unit == "percent" else "")


def _valid(column: str, arguments: Any) -> str:
    tests = []
    if arguments.get("validValues") is not None:
        tests.append(f"{column}::varchar in ({_words(arguments['validValues'])})")
    if arguments.get("pattern"):
        tests.append(f"regexp_matches({column}::varchar, {literal(arguments['pattern'])})")
    return " and ".join(tests) or "true"


def _words(values: list[Any]) -> str:
    return ", ".join(literal(str(value)) for value in values if value is not None) or "null"
