"""What ``datacontract-cli`` has to say of a contract; it is never asked for anything of the net."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from data_contracts.finding import Finding, warning

if TYPE_CHECKING:
    from data_contracts.document import Document

LONGEST = 160


def lint(document: Document) -> list[Finding]:
    """Its findings, all as warnings: the standard's newest schema has accepted the contract.

    It holds a contract to the version of the standard that the contract declares, looks into
    values of lists, and knows which quality rules its own tests cannot run.
    """
    from datacontract.data_contract import DataContract

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


def _short(reason: str) -> str:
    plain = " ".join(reason.split()).removeprefix("data.")
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}..."
