"""Read a section of Markdown: which of its lines are scenarios, and which belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.runs.scenarios.fences import split_fence
from bot.runs.scenarios.gherkin import step_kinds
from bot.runs.scenarios.part import Line, Part

_GHERKIN = {"gherkin", "cucumber", "feature"}
# A line in bold letters is a heading, and so is the numbered beginning of one.
_BOLD = re.compile(r"(?P<mark>\*\*|__)(?P<number>\d{1,3}[.)])?(?P<title>(?:(?!(?P=mark)).)*)(?P=mark)(?P<rest>.*)")
_LABEL = re.compile(r"(?:\w+ )?\w+")
"""A short line in bold letters that more likely is the label of what follows it."""
_ARROW = re.compile(r"->|=>|→|⇒")
_OF_DATA = re.compile(
    r"\b(?:rows?|columns?|sheets?|csv|tables?|workbook|zeilen?|spalten?|blatt|tabelle|datei"
    r"|lignes?|colonnes?|feuille|tableau|filas?|columnas?|hoja|tabla)\b",
    re.IGNORECASE,
)
"""Words before a table whose rows are the data of tests, and no tests."""
_OUTCOME = re.compile(
    r"expect|output|result|response|answer|status|returns?|gives|erwartet|ausgabe|ergebnis|antwort|attendu|sortie"
    r"|réponse|résultat|esperad|salida|respuesta|resultado",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Section:
    """What a section of tests says.

    Attributes:
        scenarios: the text of each.
        setup: what several of them share, such as a file that each of them sends. It is no test by itself.
    """

    scenarios: tuple[str, ...]
    setup: tuple[str, ...] = ()


def read_scenarios(lines: Sequence[str]) -> Section:
    """Return the text of each scenario.

    A scenario is an item of a list, a line, a row of a table ("header: cell, header: cell"), the steps from Given to
    Then, an input with its output, what is under a heading, or in a fence one of several commands, test functions, or
    lines with arrows. What is indented below it or fenced belongs to it.
    """
    lines = _without_fences(lines)
    blocks = _blocks(lines)
    kinds = step_kinds(lines)
    parts = [Part()]
    end = 0
    for number, line in enumerate(lines):
        if number < end:
            continue
        block = blocks.get(number)
        if block is None:
            bold = None if parts[-1].fence else _bold_heading(line, lines[number + 1 :], kinds[number])
            if bold:
                parts.append(Part(title=bold[0]))
            parts[-1].add_line(Line(bold[1] if bold else line, kinds[number]))
            continue
        end = block.end
        if block.kind == "table":
            _add_table(parts[-1], block.rows, lines[number:end], lines[end:])
        elif block.kind == "heading":
            parts.append(Part(title=block.rows[0][0].strip("*_: ")))
        elif block.kind == "underlined":
            for at in range(number, end - 1):
                parts[-1].add_line(Line(lines[at], kinds[at]))
    read = [part.read() for part in parts]
    return Section(
        tuple(scenario for scenarios, _ in read for scenario in scenarios),
        tuple(text for _, setup in read for text in setup),
    )


def _add_table(part: Part, rows: Sequence[Sequence[str]], lines: Sequence[str], following: Sequence[str]) -> None:
    """Add a table as tests, or as the data of what stands before it, which may be all tests after it."""
    if part.is_in_steps:
        part.add_data(lines)
    elif _is_data(part.last, rows[0], following):
        part.add_data(lines, shared=True)
    else:
        part.add_rows(rows)


def _bold_heading(line: str, following: Sequence[str], kind: str) -> tuple[str, str] | None:
    """Return the title and the rest of a line that heads what follows it, though it is no heading in Markdown."""
    match = _BOLD.fullmatch(line.rstrip())
    if match is None or kind:
        return None
    title, rest = match["title"].strip(), match["rest"].strip()
    if match["number"]:
        return title.rstrip(": "), rest.lstrip(":–- ")
    after = next((text for text in following if text.strip()), "")
    if rest or title.endswith(":") or _LABEL.fullmatch(title) or not after or _BOLD.match(after):
        return None
    return title, ""


def _is_data(before: str, headers: Sequence[str], following: Sequence[str]) -> bool:
    """Tell whether a table is what tests send, and no list of tests, from the line before it and those after it."""
    if _ARROW.search(before) or any(map(_OUTCOME.search, headers)):
        return False
    return bool(_OF_DATA.search(before)) and any(map(_ARROW.search, following))


@dataclass
class _Block:
    """A table, a heading, underlined text, or a ruler; `rows` are the texts in it and `end` the line after it."""

    kind: str
    end: int
    rows: list[list[str]]


def _blocks(lines: Sequence[str]) -> dict[int, _Block]:
    """Return by their first lines the blocks that are no plain text and in no list, quote or fence."""
    kinds = {"table_open": "table", "heading_open": "heading", "hr": "ruler"}
    blocks: dict[int, _Block] = {}
    block: _Block | None = None
    for token in MarkdownIt("commonmark").enable("table").parse("\n".join(lines)):
        if token.level == 0 and token.nesting != -1:
            block = None
            if token.map and token.type in kinds:
                block = _Block(kinds[token.type], token.map[1], [])
                blocks[token.map[0]] = block
            if block and block.kind == "heading":
                block.rows.append([])
                # A ruler directly below a line makes a heading of it, which people seldom mean in a list of tests.
                block.kind = "heading" if token.markup.startswith("#") else "underlined"
        elif block and token.type == "tr_open":
            block.rows.append([])
        elif block and token.type == "inline":
            block.rows[-1].append(token.content)
    return blocks


def _without_fences(lines: Sequence[str]) -> list[str]:
    """Return the lines, with steps and commands that stand in a fence as if they stood in none."""
    plain = list(lines)
    fences = [token for token in MarkdownIt("commonmark").parse("\n".join(lines)) if token.type == "fence"]
    for token in reversed(fences):
        if token.level == 0 and token.map:
            begin, end = token.map
            inner = _unfenced(token)
            if inner is not None:
                plain[begin:end] = ["", *inner, ""]
    return plain


def _unfenced(token: Token) -> list[str] | None:
    """Return the lines that a fence holds, or None where it has to stay."""
    steps = [line.strip() for line in token.content.splitlines()]
    language = token.info.strip().lower()
    if language in _GHERKIN or (not language and {"s", "t"} <= set(step_kinds(steps))):
        return ["" if step.startswith(("#", "@")) else step for step in steps]
    tests = split_fence(token.content)
    if tests is None:
        return None
    return [line for test in tests for line in f"- {test}".split("\n")]
