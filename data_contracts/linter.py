"""What ``datacontract-cli`` has to say of a contract; it is never asked for anything of the net."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from data_contracts.finding import Finding, warning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema.protocols import Validator  # type: ignore[import-untyped]

    from data_contracts.document import Document

LONGEST = 160


def lint(document: Document) -> list[Finding]:
    """Its findings, all as warnings: the standard's newest schema has accepted the contract.

    It holds a contract to the version of the standard that the contract declares, looks into
    values of lists, and knows which quality rules its own tests cannot run.
    """
    from datacontract.data_contract import DataContract
    from datacontract.lint import resolve

    resolve.validators = _Validators  # type: ignore[attr-defined]
    logging.getLogger("datacontract").setLevel(logging.CRITICAL)
    linted = DataContract(
        data_contract_file=str(document.file), inline_references=False, all_errors=True
    ).lint()
    declared: list[str] = []
    others: list[str] = []
    for check in linted.checks or []:
        if check.result in ("failed", "error", "warning"):
            name = str(check.name)
            reason = _short(check.reason or name)
            (declared if "valid against ODCS" in name else others).append(reason)
    found = [warning(document, (), reason) for reason in others]
    if declared:
        more = f" (and {len(declared) - 1} more)" if len(declared) > 1 else ""
        said = (
            f"{document.data['apiVersion']} does not know all that is used: {declared[0]}{more}; "
        )
        found.append(warning(document, ("apiVersion",), said + "declare a newer version"))
    return found


class _Validators:
    """What it takes for ``jsonschema.validators``; the schemas that it brings are taken as right.

    It would check the standard's schema against the schema of schemas before each contract: nine
    tenths of a lint, 0.3 s.
    """

    @staticmethod
    def validator_for(schema: Mapping[str, Any]) -> type[Validator]:
        """A class of validators that takes any schema as right."""
        from jsonschema import validators  # type: ignore[import-untyped]

        of = validators.validator_for(schema)

        class Trusting:
            """Makes validators."""

            check_schema = staticmethod(id)

            def __new__(cls, schema: Mapping[str, Any]) -> Validator:
                return of(schema)

        return Trusting


def _short(reason: str) -> str:
    plain = " ".join(reason.split()).removeprefix("data.")
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}..."
