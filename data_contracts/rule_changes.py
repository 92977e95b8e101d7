"""Changes of quality rules: which are new, gone, or held tighter than before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data_contracts.change import DELIVERERS, NOBODY, Change
from data_contracts.words import rule_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Rule

UP = ("mustBeGreaterThan", "mustBeGreaterOrEqualTo")
DOWN = ("mustBeLessThan", "mustBeLessOrEqualTo")


def rule_changes(where: str, old: tuple[Rule, ...], new: tuple[Rule, ...]) -> Iterator[Change]:
    """Every change of rules; what only has another name is no change."""
    same = {id(a) for a in old for b in new if replace(a, name=b.name) == b}
    kept = {id(b) for b in new for a in old if replace(a, name=b.name) == b}
    before = [rule for rule in old if id(rule) not in same]
    for rule in [rule for rule in new if id(rule) not in kept]:
        earlier = next((a for a in before if _is_about(a, rule)), None)
        if earlier is None:
            broken = DELIVERERS if rule.severity == "error" else NOBODY
            yield Change(where, f"new rule: {rule_in_words(rule)}", broken)
        else:
            before.remove(earlier)
            broken = DELIVERERS if _is_tighter(earlier, rule) else NOBODY
            words = f"rule was: {rule_in_words(earlier)}; is now: {rule_in_words(rule)}"
            yield Change(where, words, broken)
    for rule in before:
        yield Change(where, f"rule taken off: {rule_in_words(rule)}")


def _is_about(old: Rule, new: Rule) -> bool:
    return old.type == new.type and (old.name == new.name or old.metric == new.metric is not None)


def _is_tighter(old: Rule, new: Rule) -> bool:
    """Whether a load that kept the old rule may be refused by the new one."""
    if new.severity == "warning":
        return False
    if old.severity == "warning":
        return True
    alike = replace(old, name=new.name, comparisons=(), arguments={}) == replace(
        new, comparisons=(), arguments={}
    )
    return not (alike and _allows_more(old, new) and _is_held_looser(old, new))


def _allows_more(old: Rule, new: Rule) -> bool:
    """Whether the arguments are the same, or name more valid values."""
    valid = (set(map(str, rule.arguments.get("validValues", []))) for rule in (old, new))
    before, after = valid
    others = ({k: v for k, v in r.arguments.items() if k != "validValues"} for r in (old, new))
    return before <= after and next(others) == next(others)


def _is_held_looser(old: Rule, new: Rule) -> bool:
    if [name for name, _ in old.comparisons] != [name for name, _ in new.comparisons]:
        return False
    for (name, before), (_, after) in zip(old.comparisons, new.comparisons, strict=True):
        if name in UP:
            looser = after <= before
        elif name in DOWN:
            looser = after >= before
        elif name == "mustBeBetween":
            looser = after[0] <= before[0] and after[1] >= before[1]
        else:
            looser = after == before
        if not looser:
            return False
    return True
