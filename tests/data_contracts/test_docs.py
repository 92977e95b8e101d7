from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from data_contracts.check import check_all
from data_contracts.docs import write_site
from tests.data_contracts.writing import ORDER_ID, written

if TYPE_CHECKING:
    from pathlib import Path


class Links(HTMLParser):
    """What a page loads or links to, and whether each element is closed."""

    VOID = ("meta", "input", "br", "link", "img")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the contracts."""
    return tmp_path_factory.mktemp("contracts")


@pytest.fixture(scope="module")
def site(folder: Path) -> Path:
    files = [
        written(
            folder,
            [
                {**ORDER_ID, "description": "<b>Number</b> & more", "primaryKey": True},
                {"name": "note", "logicalType": "string", "logicalTypeOptions": {"pattern": "[<]"}},
            ],
            description={"purpose": "For tests.", "usage": "Reports."},
            slaProperties=[{"property": "freshness", "value": 24, "unit": "h"}],
            team={"name": "ops", "members": [{"username": "ada", "role": "Owner"}]},
            support=[{"channel": "#orders", "tool": "slack"}],
            item={
                "description": "One row an order.",
                "quality": [
                    {"metric": "rowCount", "mustBeGreaterThan": 10},
                    {"type": "text", "description": "Agrees with the ledger."},
                ],
            },
        ),
        written(folder, name="again.odcs.yaml"),
        written(
            folder, name="several.odcs.yaml", domain="hr", schema=[{"name": "a"}, {"name": "b"}]
        ),
        written(folder, name="wrong.odcs.yaml", status=7),
    ]
    return write_site(list(check_all(files)), folder / "out" / "site").parent


def test_every_contract_has_its_page_and_is_linked_from_the_index(site: Path) -> None:
    pages = {file.name for file in site.glob("*.html")}
    assert pages == {
        "index.html",
        "shop.orders.html",
        "shop.orders-2.html",  # of another file that means the same table
        "hr.a.html",
        "hr.b.html",
    }
    links = Links()
    links.feed((site / "index.html").read_text())
    assert pages <= {*links.found, "index.html"}


def test_every_link_of_every_page_leads_somewhere_in_the_site(site: Path) -> None:
    for page in site.glob("*.html"):
        links = Links()
        links.feed(page.read_text())
        assert links.open == []
        for link in links.found:
            assert (site / link).is_file(), (page.name, link)


def test_the_site_needs_nothing_of_the_net(site: Path) -> None:
    for page in site.glob("*.html"):
        text = page.read_text()
        assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\(""", text)


def test_a_page_shows_what_the_contract_says(site: Path) -> None:
    page = (site / "shop.orders.html").read_text()
    for words in (
        "One row an order.",
        "For tests.",
        "Reports.",
        "bronze.shop_orders",
        "number of rows must be above 10",
        "Agrees with the ledger.",
        "24 h",
        "owner ada",
        "#orders",
        "comma ,",
    ):
        assert words in page


def test_what_a_contract_says_is_never_markup(site: Path) -> None:
    page = (site / "shop.orders.html").read_text()
    assert "&lt;b&gt;Number&lt;/b&gt; &amp; more" in page
    assert "matches [&lt;]" in page
    assert "<b>Number</b>" not in page


def test_the_contract_itself_and_its_markdown_can_be_taken_along(site: Path, folder: Path) -> None:
    original = (folder / "orders.odcs.yaml").read_text()
    assert (site / "shop.orders.odcs.yaml").read_text() == original
    assert (site / "shop.orders.md").read_text().startswith("# shop.orders\n## Info\n")


def test_a_refused_contract_is_listed_with_its_fault(site: Path) -> None:
    index = (site / "index.html").read_text()
    assert "wrong.odcs.yaml" in index
    assert "line 5: status: the standard refuses it" in index


def test_a_search_looks_through_columns_too(site: Path) -> None:
    index = (site / "index.html").read_text()
    assert re.search(
        'data-text="shop.orders bronze.shop_orders one row an order. ada order_id', index
    )


def test_the_same_contracts_make_the_same_site(site: Path, folder: Path, tmp_path: Path) -> None:
    files = [folder / f"{name}.odcs.yaml" for name in ("orders", "again", "several", "wrong")]
    again = write_site(list(check_all(files)), tmp_path / "again").parent
    for file in site.iterdir():
        assert file.read_bytes() == (again / file.name).read_bytes()


def test_progress_is_told_each_contract(tmp_path: Path) -> None:
    told: list[str] = []
    write_site(list(check_all([written(tmp_path)])), tmp_path / "site", told.append)
    assert told == ["shop.orders"]
