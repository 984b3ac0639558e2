"""Every rule refuses its bad example, by its own id and no other, and every good example passes all rules."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from bot.guard import executor, tests
from bot.guard.executor import executor_faults, interface_faults, undefined_faults
from bot.guard.executor import rules as of_executor
from bot.guard.rule import Rule
from bot.guard.source import Source
from bot.guard.tests import rules as of_tests
from bot.guard.tests import scenario_faults

RULES = (*tests.RULES, *executor.RULES)
EXECUTOR = """\
from interface import Input, Output


def execute(input: Input) -> Output:
    return Output(result=input.text.upper())
"""
TESTS = f"import pytest\n\n\n{of_tests.MISSING.good}\n"


def refused_by(rule: Rule, example: str) -> set[str]:
    """Return the ids of the rules that refuse an example, put into a file that is good apart from it."""
    if rule in tests.RULES:
        whole = f"import pytest\n{example}\n" if "def test_" in example else f"{TESTS}\n\n{example}\n"
        faults = scenario_faults(Source.read("test_executor.py", whole), [of_tests.SCENARIO])
    else:
        imported, _, function = EXECUTOR.partition("\n")
        source = Source.read("executor.py", f"{imported}\n{example}\n{'' if 'def execute' in example else function}")
        faults = [*executor_faults(source), *interface_faults(source, ("Input", "Output")), *undefined_faults(source)]
    ids = [re.search(r"\. [A-Zp`].*\. \[([a-z-]+)\]$", fault, re.DOTALL) for fault in faults]
    assert None not in ids, faults
    return {found[1] for found in ids if found}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_refuses_what_it_says_and_nothing_else(rule: Rule) -> None:
    assert refused_by(rule, rule.bad) == {rule.id}
    assert refused_by(rule, rule.good) == set()


@pytest.mark.parametrize(("module", "rules"), [(of_tests, tests.RULES), (of_executor, executor.RULES)])
def test_every_rule_is_in_the_list(module: ModuleType, rules: tuple[Rule, ...]) -> None:
    assert set(rules) == {value for value in vars(module).values() if isinstance(value, Rule)}


def test_a_rule_is_told_by_its_id() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(re.fullmatch(r"(?:test|executor)(?:-[a-z]+)+", rule.id) for rule in RULES)
    assert all(re.fullmatch(r"[A-Zp`].*\.", rule.reason) for rule in RULES)
