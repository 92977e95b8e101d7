"""What a contract's page of the site shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data_contracts.document import Document
from data_contracts.quality import is_kept
from data_contracts.show import Shown, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.check import Checked

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """One schema object: the facts of `show`, and what the file says for people."""

    stem: str  # name of its files, without their endings
    domain: str
    shown: Shown
    data: dict[str, Any]  # the file's content
    text: str  # the file as it is written
    terms: Pairs
    more: dict[str, Pairs]  # further sections by title
    said_rules: tuple[str, ...]  # rules in words and of custom engines

    @property
    def href(self) -> str:
        """Name of the HTML file."""
        return f"{self.stem}.html"

    @property
    def yaml(self) -> str:
        """Name of the copied contract."""
        return f"{self.stem}.odcs.yaml"

    @property
    def markdown(self) -> str:
        """Name of the Markdown file."""
        return f"{self.stem}.md"

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of a whole load, and those that others hold."""
        return (*self.shown.rules, *self.said_rules)

    @property
    def delivery(self) -> Pairs:
        """What a delivery means, with the key and partitions where there are any."""
        pairs = list(self.shown.delivery.items())
        if self.shown.key:
            pairs.insert(0, ("Primary key", ", ".join(self.shown.key)))
        if self.shown.partition:
            pairs.append(("Partitioned by", ", ".join(self.shown.partition)))
        return pairs

    @property
    def words(self) -> str:
        """What a search looks through."""
        named = (self.shown.name, self.shown.table, self.shown.description, self.shown.owner)
        columns = (f"{column.name} {column.source}" for column in self.shown.columns)
        return " ".join(word for word in (*named, *columns) if word).lower()


def pages_of(checked: Checked, taken: set[str]) -> Iterator[Page]:
    """The pages of an accepted file; a stem that is in `taken` is numbered."""
    document = Document(checked.file)
    data = document.data
    text = checked.file.read_text(encoding="utf-8-sig")
    for at, contract in enumerate(checked.contracts):
        shown = show(contract)
        stem, number = shown.name, 1
        while stem in taken:
            number += 1
            stem = f"{shown.name}-{number}"
        taken.add(stem)
        yield Page(
            stem=stem,
            domain=contract.domain,
            shown=shown,
            data=data,
            text=text,
            terms=_terms(data, shown),
            more={title: pairs for title, pairs in _more(data) if pairs},
            said_rules=tuple(_said_rules(data["schema"][at], "")),
        )


def _terms(data: dict[str, Any], shown: Shown) -> Pairs:
    said = data.get("description") or {}
    labels = (("purpose", "Purpose"), ("usage", "Meant for"), ("limitations", "Limitations"))
    pairs = [(label, str(said[name])) for name, label in labels if said.get(name)]
    return [(label, value) for label, value in pairs if value != shown.description]


def _more(data: dict[str, Any]) -> Iterator[tuple[str, Pairs]]:
    levels = [
        (
            str(level.get("property")),
            " ".join(str(level[n]) for n in ("value", "unit") if n in level),
        )
        for level in data.get("slaProperties") or []
    ]
    yield "Service levels", levels
    team = data.get("team") or []
    members = (team.get("members") or []) if isinstance(team, dict) else team
    people = [
        (str(member.get("role") or "member"), str(member.get("name") or member.get("username")))
        for member in members
        if not member.get("dateOut")
    ]
    yield "Team", people
    support = [
        (str(item.get("channel")), str(item.get("url") or item.get("tool") or ""))
        for item in data.get("support") or []
    ]
    yield "Support", support


def _said_rules(item: dict[str, Any], path: str) -> Iterator[str]:
    for rule in item.get("quality") or []:
        if not is_kept(rule):
            words = rule.get("description") or rule.get("name") or rule.get("engine") or "a rule"
            by = f" (by {rule['engine']})" if rule.get("engine") else ""
            yield f"{path}{words}{by}"
    for found in item.get("properties") or []:
        yield from _said_rules(found, f"{found.get('name')}: ")
