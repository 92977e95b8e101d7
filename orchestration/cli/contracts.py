"""`lakehouse contracts`: list, check, show, compare, document and draft them."""

from __future__ import annotations

import typer

from orchestration.cli import contracts_write
from orchestration.cli.contracts_write import JSON, PLACES

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What datasets promise: list, check, show, compare, document and draft contracts.",
)


@app.command("list")
def list_(json: bool = JSON) -> None:
    """List the contracts that are found by name.

    They are looked for in data_contracts/<domain>/ and in the folders of LAKEHOUSE_CONTRACTS.
    Exit status: 0 all can be read, 1 one is broken; it is listed with what is wrong.

    Example: lakehouse contracts list --json
    """
    from catalog.settings import load
    from data_contracts.find import files_in
    from data_contracts.inventory import inventory
    from orchestration.cli.contracts_output import watched
    from orchestration.cli.contracts_view import print_list

    files = list(files_in(load().contracts))
    entries = list(inventory(watched(files, "reading", quiet=json)))
    print_list(entries, as_json=json)
    if any(entry.fault for entry in entries):
        raise typer.Exit(1)


@app.command()
def check(places: list[str] = PLACES, json: bool = JSON) -> None:
    """Hold contracts against the standard, against what the gate needs, and against DuckDB.

    Every fault is told, with file, line and key. Warnings are worth a second look: no owner, no
    description, what seems to be personal data or money and does not say so. Exit status: 0 all
    are accepted, 2 one is refused.

    Examples: lakehouse contracts check; lakehouse contracts check erp.sales_order ./drafts
    """
    from catalog.settings import load
    from data_contracts.check import check_all, files_meant
    from orchestration.cli.contracts_check_view import print_checked
    from orchestration.cli.contracts_output import watched

    files = files_meant(places or [], load().contracts)
    checked = list(check_all(watched(files, "checking", quiet=json), _looks_personal))
    print_checked(checked, as_json=json)
    if not all(one.accepted for one in checked):
        raise typer.Exit(2)


@app.command()
def show(
    name: str = typer.Argument(..., metavar="NAME|PATH", help="Of one contract, or FILE#SCHEMA."),
    json: bool = JSON,
) -> None:
    """Show a contract in plain words: its columns, their rules, how files are read.

    Example: lakehouse contracts show erp.sales_order
    """
    from catalog.settings import load
    from data_contracts.find import find
    from data_contracts.show import show as shown
    from orchestration.cli.contract_view import print_shown

    print_shown(shown(find(name, load().contracts)), as_json=json)


@app.command()
def diff(
    old: str = typer.Argument(..., metavar="OLD", help="The contract as it was, name or path."),
    new: str = typer.Argument(..., metavar="NEW", help="The contract as it is now."),
    json: bool = JSON,
) -> None:
    """Say what changed from OLD to NEW, and what of it breaks whom.

    Readers query the table; deliverers hand in its files. Exit status: 0 nothing breaks, 1
    something does, 2 one of the two cannot be read.

    Example: lakehouse contracts diff old/sales_order.odcs.yaml erp.sales_order
    """
    from catalog.settings import load
    from data_contracts.comparison import compare
    from orchestration.cli.contract_view import print_comparison
    from orchestration.cli.contracts_output import waiting

    with waiting("comparing", quiet=json):
        comparison = compare(old, new, load().contracts)
    print_comparison(comparison, as_json=json)
    if comparison.is_breaking:
        raise typer.Exit(1)


def _looks_personal(name: str) -> str | None:
    from orchestration.init.personal import personal

    found = personal(name.lower(), {})
    return found[0] if found else None


app.command()(contracts_write.docs)
app.command()(contracts_write.init)
