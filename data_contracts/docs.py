"""The static site of all contracts: an index and a page a contract, viewable without any net."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data_contracts.page import Page, pages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from jinja2 import Environment

    from data_contracts.check import Checked


def write_site(
    checked: Sequence[Checked], out: Path, progress: Callable[[str], None] = lambda _: None
) -> Path:
    """Write the site into `out`, which is made; files of the same names are replaced.

    Args:
        checked: the contracts; refused ones are listed with their faults and get no page.
        out: the folder.
        progress: told the name of each contract before its page is written.

    Returns:
        The site's index.
    """
    out.mkdir(parents=True, exist_ok=True)
    environment = _environment()
    pages: list[Page] = []
    for found in checked:
        for page in pages_of(found, {page.stem for page in pages}) if found.accepted else ():
            progress(page.shown.name)
            pages.append(page)
            (out / page.yaml).write_text(page.text, encoding="utf-8")
            (out / page.markdown).write_text(_markdown(page), encoding="utf-8")
            html = environment.get_template("contract.html").render(page=page)
            (out / page.href).write_text(html, encoding="utf-8")
    pages.sort(key=lambda page: page.shown.name)
    domains: dict[str, list[Page]] = {}
    for page in pages:
        domains.setdefault(page.domain, []).append(page)
    index = out / "index.html"
    html = environment.get_template("index.html").render(
        pages=pages,
        domains=domains,
        columns=sum(len(page.shown.columns) for page in pages),
        refused=[found for found in checked if not found.accepted],
    )
    index.write_text(html, encoding="utf-8")
    return index


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("data_contracts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _markdown(page: Page) -> str:
    """The whole contract file in Markdown, as ``datacontract-cli`` writes it."""
    from datacontract.data_contract import DataContract
    from datacontract.export.exporter import ExportFormat
    from open_data_contract_standard.model import OpenDataContractStandard

    model = OpenDataContractStandard(**page.data)
    text = DataContract(data_contract=model, inline_references=False).export(ExportFormat.markdown)
    return re.sub(r"\n{3,}", "\n\n", str(text)).rstrip() + "\n"
