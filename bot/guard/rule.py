"""What all rules for a service's files have in common: an id, a reason, and an example of what is refused and what not.

A rule is data beside its check. A refusal says what to change, why, and the rule's id; `docs/rules.md` lists them all.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.guard.names import imports
from bot.guard.source import Source


@dataclass(frozen=True)
class Rule:
    """A rule for one of a service's files.

    Attributes:
        id: in kebab-case; it begins with the file that the rule is for.
        reason: a sentence that says why the file must not be so.
        bad: source that this rule refuses, and no other.
        good: source that does the same as it should be, and that all rules accept.
    """

    id: str
    reason: str
    bad: str
    good: str

    def refuse(self, fault: str) -> str:
        """Return what a model is told: the fault with what to change, the reason, and the id."""
        return f"{fault}. {self.reason} [{self.id}]"


def forbidden_names(source: Source, forbidden: Mapping[Rule, Collection[str]]) -> Iterator[str]:
    """Yield a refusal for each place where a file uses a name that a rule forbids, or something within it.

    A name is found that is written plainly, or behind a variable, an alias, `getattr` or `__import__` with literal
    names; one that is put together while the code runs is not.
    """
    rules = {name: rule for rule, names in forbidden.items() for name in names}
    for node in source.nodes:
        targets: set[str] = set()
        match node:
            case ast.Import() | ast.ImportFrom():
                targets |= {target for _, target in imports(node)}
                if isinstance(node, ast.Import):
                    targets |= {alias.name for alias in node.names}
            case ast.Name(ctx=ast.Load()) | ast.Attribute() | ast.Subscript() | ast.Call():
                targets |= source.names.dotted(node)
        for target in targets:
            parts = target.split(".")
            for length in range(1, len(parts) + 1):
                name = ".".join(parts[:length])
                if name in rules:
                    yield rules[name].refuse(f"must not use `{name}`; leave it out")
