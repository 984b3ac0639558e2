"""Read the scenarios in a section of Markdown, in whatever form people write tests: list, lines, table, steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt

_ITEM = re.compile(r"(?P<indent>\s*)(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>\S.*)")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_GHERKIN = {"gherkin", "cucumber", "feature"}
_NUMBERING = {"#", "no", "no.", "nr", "nr."}
"""The headers of a column that only numbers its rows."""
# A heading that only numbers the scenario below it.
_COUNTED = re.compile(r"(?:(?:test|scenario|case|example)\s*)*#?\d*", re.IGNORECASE)

# A letter for each kind of line that is a part of a scenario, from Gherkin (https://cucumber.io/docs/gherkin/) and from
# pairs of labels, also in German.
_LABELS = {
    "s": r"scenario(?: outline)?:|szenario:",
    "g": r"given\b|angenommen\b|gegeben\b",
    "w": r"when\b|wenn\b",
    "t": r"then\b|dann\b",
    "a": r"(?:and|but|und|aber)\b",
    "i": r"(?:input|request|body|eingabe|anfrage)s?(?: \w+)?\s*:",
    "o": r"(?:expected |the )*(?:output|result|response|answer|expect(?:ed)?|ausgabe|ergebnis|antwort)s?(?: \w+)?\s*:",
}
_LABEL = re.compile(
    "[*_]*(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()) + ")", re.IGNORECASE
)
_FENCE_ALONE = re.compile(r"(?P<marks>`{3,}|~{3,})[^\n]*\n(?:(?!(?P=marks)).*\n)*(?P=marks)")
# No sentence begins like this.
_GOES_ON = re.compile(r"[a-zäöü]|->|=>|→|⇒")
# The lines that make one scenario: steps up to the last "Then", and inputs with the outputs after them.
_TOGETHER = re.compile(r"s?(?:ga*)?(?:wa*)?(?:ta*)+|i+o+")


def read_scenarios(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the text of each scenario.

    A scenario is an item of a list, a line, a row of a table ("header: cell, header: cell"), the steps from Given to
    Then, an input with its output, or what is under a heading. What is indented below it or fenced belongs to it.
    """
    lines = _without_gherkin_fences(lines)
    blocks = _blocks(lines)
    parts = [_Part()]
    end = 0
    for number, line in enumerate(lines):
        if number < end:
            continue
        block = blocks.get(number)
        if block is None:
            parts[-1].add_line(line)
            continue
        end = block.end
        if block.kind == "table":
            parts[-1].add_rows(block.rows)
        elif block.kind == "heading":
            parts.append(_Part(title=block.rows[0][0].strip("*_: ")))
        elif block.kind == "underlined":
            for text in lines[number : end - 1]:
                parts[-1].add_line(text)
    return tuple(scenario for part in parts for scenario in part.read())


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


def _without_gherkin_fences(lines: Sequence[str]) -> list[str]:
    """Return the lines, with those in a fence of Gherkin as if they stood in no fence."""
    plain = list(lines)
    for token in MarkdownIt("commonmark").parse("\n".join(lines)):
        if token.type == "fence" and token.level == 0 and token.map and token.info.strip().lower() in _GHERKIN:
            first, end = token.map
            steps = [line.strip() for line in token.content.splitlines()]
            plain[first:end] = [""] * (end - first)
            plain[first + 1 : first + 1 + len(steps)] = [
                "" if step.lower().startswith(("feature:", "#", "@")) else step for step in steps
            ]
    return plain


@dataclass
class _Part:
    """What stands under one heading.

    Attributes:
        title: the heading's text; "" for what stands before the first.
        scenarios: what was read so far.
        listed: it holds a list or a table, so each entry is a scenario.
        intro: a line that ends with a colon and belongs to what follows it; `followed` tells whether anything did.
        indent: the column of the last item of a list; None where that list has ended.
        fence: the marks of the fence that is open, or "".
    """

    title: str = ""
    scenarios: list[str] = field(default_factory=list)
    listed: bool = False
    intro: str = ""
    followed: bool = False
    indent: int | None = None
    fence: str = ""

    def read(self) -> Iterator[str]:
        """Yield the scenarios."""
        self._end_intro()
        title = "" if _COUNTED.fullmatch(self.title) else self.title
        scenarios = list(_joined([scenario.strip() for scenario in self.scenarios if scenario.strip()]))
        if self.title and not self.listed:
            scenarios = [" ".join(scenarios)] if scenarios else []
        yield from (f"{title}: {scenario}" if title else scenario for scenario in scenarios)
        if title and not scenarios:
            yield title

    def add_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Add a scenario for each row of a table but the first, which holds the headers."""
        headers = [header.strip("*_: ") for header in rows[0]]
        self.listed = True
        for row in rows[1:]:
            cells = [
                f"{header}: {cell or '(empty)'}" if header else cell
                for header, cell in zip(headers, row, strict=False)
                if header.casefold() not in _NUMBERING and (header or cell)
            ]
            self._start(", ".join(cells))
        self._end_intro()
        self.indent = None

    def add_line(self, line: str) -> None:
        """Add a line that is no part of a table."""
        item = _ITEM.fullmatch(line)
        depth = len(line) - len(line.lstrip())
        marker = _FENCE.match(line)
        if self.fence or marker:
            self._add_fenced(line, marker)
        elif not line.strip():
            return
        elif self.indent is not None and depth > self.indent + 1:
            self.scenarios[-1] += " " + (item["text"] if item else line).strip()
        elif self.scenarios and _FENCE_ALONE.fullmatch(self.scenarios[-1]) and _GOES_ON.match(line):
            # A request in a fence, "gives", and then the answer in another one.
            self.scenarios[-1] += f"\n{line.strip()}"
        elif item:
            self.indent, self.listed = len(item["indent"]), True
            self._start(item["text"])
        elif line.rstrip("*_ ").endswith(":"):
            self._end_intro()
            self.indent, self.intro = None, line.strip()
        else:
            if self.followed:
                self._end_intro()
            self.indent = None
            self._start(line)
            self._end_intro()

    def _add_fenced(self, line: str, marker: re.Match[str] | None) -> None:
        if self.fence or (self.scenarios and not self.intro):
            self.scenarios[-1] += "\n" + line
        else:
            self._start(line)
            self._end_intro()
        closes = bool(marker and self.fence and marker[1].startswith(self.fence))
        self.fence = "" if closes else self.fence or (marker[1] if marker else "")

    def _start(self, text: str) -> None:
        separator = "\n" if self.intro and _FENCE.match(text) else " "
        self.scenarios.append(f"{self.intro}{separator}{text.strip()}".strip())
        self.followed = True

    def _end_intro(self) -> None:
        if self.intro and not self.followed:
            self.scenarios.append(self.intro)
        self.intro, self.followed = "", False


def _joined(scenarios: Sequence[str]) -> Iterator[str]:
    """Yield the scenarios, those together that are steps or labels of one."""
    labels = [str(match.lastgroup) if (match := _LABEL.match(scenario)) else "x" for scenario in scenarios]
    position = 0
    for match in _TOGETHER.finditer("".join(labels)):
        yield from scenarios[position : match.start()]
        together, position = scenarios[match.start() : match.end()], match.end()
        yield ("\n" if any("\n" in text for text in together) else " ").join(together)
    yield from scenarios[position:]
