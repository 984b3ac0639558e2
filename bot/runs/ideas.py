"""Read what a person asks for from an issue: from the form's sections, or from whatever was typed instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt

from bot.errors import UserError
from bot.guard.text import EMPTY, visible
from bot.runs.scenarios import read_scenarios
from bot.values.github import Issue
from bot.values.service import Idea

# The headings that `.github/ISSUE_TEMPLATE/microservice.yml` writes come first; the others are what people type, and
# what they make of the form in their languages.
_DESCRIPTION = frozenset(
    {"description", "beschreibung", "descripción", "descrição", "descrizione", "beschrijving", "opis", "описание"}
    | {"描述", "说明", "說明", "説明", "概要", "설명"}
)
_SCENARIOS = frozenset(
    {"test scenarios", "test scenario", "tests", "test", "test cases", "scenarios"}
    | {"testszenarien", "testszenario", "test-szenarien", "testfälle", "szenarien"}
    | {"scénarios de test", "scénario de test", "cas de test", "scénarios"}
    | {"escenarios de prueba", "escenarios de pruebas", "casos de prueba", "pruebas", "escenarios"}
    | {"cenários de teste", "casos de teste", "testes", "cenários"}
    | {"scenari di test", "casi di test", "scenari", "testscenario's", "testgevallen", "scenario's"}
    | {"scenariusze testowe", "przypadki testowe", "testy", "scenariusze"}
    | {"тестовые сценарии", "тесты", "сценарии"}
    | {"测试", "测试用例", "测试场景", "測試", "測試案例", "測試情境"}
    | {"テスト", "テストケース", "テストシナリオ", "테스트", "테스트 케이스", "테스트 시나리오"}
)

NAMED = "service to change"
"""The heading, in lower case, under which an issue names a service that is there already (`bot.runs.named`)."""

# A link definition that leads nowhere is how people write comments that Markdown does not show. Possessive
# quantifiers: an issue that was made to be slow to read must not be.
_LINK_COMMENT = re.compile(
    r"^ {0,3}\[[^\]\n]++\]:[ \t]*+(?:#|<>)[ \t]*+(?:\([^\n]*\)|\"[^\n]*\"|'[^\n]*')?[ \t]*+$", re.MULTILINE
)


def read_idea(issue: Issue) -> Idea:
    """Return what an issue asks for.

    The sections of the issue form are recognised by their headings, of whatever level; text under no such heading
    belongs to the description, and so does what several scenarios share. What GitHub does not show (HTML comments,
    zero-width characters) is left out.

    Raises:
        UserError: there is no description.
    """
    described: list[str] = []
    scenarios: list[str] = []
    setup: list[str] = []
    for heading, lines in _sections(_visible(issue.body)):
        text = "\n".join(lines).strip()
        if text == EMPTY or heading == NAMED:
            continue
        if heading in _SCENARIOS:
            section = read_scenarios(lines)
            scenarios += section.scenarios
            setup += section.setup
        elif text:
            described.append(text)
    if not described:
        raise UserError(
            "I need a description to start with. Edit the issue and say in its text what the service takes and what it "
            'returns, for example "Generate a QR code from a given text or URL". Then type `/retry`.'
        )
    title = " ".join(_visible(issue.title).split())
    if setup:
        described += ["For the tests:", *setup]
    return Idea(title=title, description="\n\n".join(described), scenarios=tuple(scenarios))


def _visible(text: str) -> str:
    return _LINK_COMMENT.sub("", visible(text))


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of a body, each with the heading it stands under ("" for one that is not a section's).

    A section of scenarios ends at the next heading of its level or above; other headings stay in the text.
    """
    lines = text.split("\n")
    current, level, start = "", 0, 0
    for begin, end, depth, title in _headings(text):
        known = title in _DESCRIPTION | _SCENARIOS | {NAMED}
        if not known and not (current and depth <= level):
            continue
        yield current, lines[start:begin]
        current, level = (title, depth) if known else ("", 0)
        start = end if known else begin
    yield current, lines[start:]


def _headings(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Yield first line, line after, depth and plain title of each heading that is in no list and no quote."""
    tokens = MarkdownIt("commonmark").parse(text)
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            yield token.map[0], token.map[1], int(token.tag[1:]), content.content.strip("*_:： ").casefold()
