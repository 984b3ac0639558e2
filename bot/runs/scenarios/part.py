"""The scenarios below one heading, taken line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.runs.scenarios.gherkin import step_kinds

_ITEM = re.compile(r"(?P<indent>\s*)(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>\S.*)")
_FENCE = re.compile(r"\s*(`{3,}|~{3,}|\"{3})")
_ENDS_WITH_FENCE = re.compile(r"(?:`{3,}|~{3,}|\"{3})\s*\Z")
_NUMBERING = {"#", "no", "no.", "nr", "nr."}
"""The headers of a column that only numbers its rows."""
# A heading that only numbers the scenario below it.
_COUNTED = re.compile(r"(?:(?:test|scenario|case|example|beispiel|exemple)\s*)*#?\d*", re.IGNORECASE)
_ARROW = re.compile(r"->|=>|→|⇒")

# A letter for each label of a scenario's halves. Steps have theirs from Gherkin.
_LABELS = {
    "i": r"(?:input|request|body|eingabe|anfrage|entrée|requête|entrada|solicitud)s?(?: \w+)?",
    "o": r"(?:expected |the )*(?:output|result|response|answer|expect(?:ed)?|ausgabe|ergebnis|antwort|erwartet|sortie"
    r"|réponse|résultat|attendu|salida|respuesta|resultado)s?(?: \w+)?",
}
_LABEL = re.compile(
    rf"[*_]*(?:{'|'.join(f'(?P<{kind}>{words})' for kind, words in _LABELS.items())})"
    r"[*_]*\s*(?:\([^()\n]*\)\s*)?(?::|\n|\Z)",
    re.IGNORECASE,
)
# The lines that make one scenario: steps up to the last "Then", and inputs or data with the outputs after them.
_TOGETHER = re.compile(r"s?(?:ga*)?(?:wa*)?(?:ta*)+e*|(?:i+|d)o+")
_SETUP = re.compile(r"b(?:g?a*)*|f")
_FOR_ALL = re.compile(
    r"\b(?:all|each|every|both|alle[nrs]?|jede[rsnm]?|beiden?|tous|toutes|chaque|todos|todas|cada|tutti|ogni)\b",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\b(?:same|above|gleichen?|selben?|dasselbe|dieselben?|oben|même|ci-dessus|mism[oa]|stess[oa])\b", re.IGNORECASE
)
# An object or a list begins a line: a request, which is a test by itself.
_JSON = re.compile(r"^\s*[{\[]", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """A line that is no part of a table; `kind` is the letter of the step that it begins, or "" (see `step_kinds`)."""

    text: str
    kind: str = ""


@dataclass
class Part:
    """What stands under one heading.

    Attributes:
        title: the heading's text; "" for what stands before the first.
        scenarios: what was read so far.
        listed: it holds a list or a table, so each entry is a scenario.
        intro: a line that ends with a colon and belongs to what follows it; `followed` tells whether anything did.
        indent: the column of the last item of a list; None where that list has ended.
        fence: the marks of the fence that is open, or "".
        is_in_steps: the last line was a step, so that a table below it is its data; takes_items: and so is a list.
        setup: what the scenarios share.
    """

    title: str = ""
    scenarios: list[str] = field(default_factory=list)
    listed: bool = False
    intro: str = ""
    followed: bool = False
    indent: int | None = None
    fence: str = ""
    is_in_steps: bool = False
    takes_items: bool = False
    setup: list[str] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The text before what comes next."""
        return self.intro if self.intro and not self.followed else self.scenarios[-1] if self.scenarios else ""

    def read(self) -> tuple[list[str], list[str]]:
        """Return the scenarios, and what they share."""
        self._end_intro()
        title = "" if _COUNTED.fullmatch(self.title) else self.title
        setup = list(self.setup)
        scenarios = list(_joined([scenario.strip() for scenario in self.scenarios if scenario.strip()], setup))
        if self.title and not self.listed and scenarios:
            scenarios = [_together(scenarios)]
        if title and not scenarios:
            return [title], setup
        return [_together([f"{title}:", scenario]) if title else scenario for scenario in scenarios], setup

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

    def add_data(self, lines: Sequence[str], *, shared: bool = False) -> None:
        """Add a table or a list that belongs to the line before it; `shared` with all scenarios below."""
        self._end_intro()
        self.scenarios[-1] = "\n".join([self.scenarios[-1], *(line.strip() for line in lines)])
        if shared:
            self.setup.append(self.scenarios.pop())

    def add_line(self, line: Line) -> None:
        """Add a line that is no part of a table."""
        text = line.text
        item = _ITEM.fullmatch(text)
        depth = len(text) - len(text.lstrip())
        marker = _FENCE.match(text)
        if self.fence or marker:
            self._add_fenced(text, marker)
        elif not text.strip():
            return
        elif not line.kind and ((item and self.takes_items) or (self.is_in_steps and text.lstrip().startswith("|"))):
            self.add_data([text])
        elif self.indent is not None and depth > self.indent + 1:
            self.scenarios[-1] += " " + (item["text"] if item else text).strip()
        elif self.scenarios and _ENDS_WITH_FENCE.search(self.scenarios[-1]) and not item and _goes_on(text):
            # A request in a fence, "gives", and then the answer in another one.
            self.scenarios[-1] += f"\n{text.strip()}"
        elif item:
            self.indent, self.listed = len(item["indent"]), True
            self._start(item["text"])
        elif text.rstrip("*_ ").endswith(":") and not line.kind:
            self._end_intro()
            self.indent, self.intro = None, text.strip()
        else:
            if self.followed or line.kind:
                self._end_intro()
            self.indent = None
            self._start(text)
            self._end_intro()
            self.is_in_steps = line.kind not in ("", "f")
            self.takes_items = self.is_in_steps and text.rstrip("*_ ").endswith(":")

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
        self.is_in_steps = self.takes_items = False

    def _end_intro(self) -> None:
        if self.intro and not self.followed:
            self.scenarios.append(self.intro)
        self.intro, self.followed = "", False


def _goes_on(text: str) -> bool:
    """Tell whether no sentence begins like this line."""
    return text[:1].islower() or _ARROW.match(text) is not None


def _together(texts: Sequence[str]) -> str:
    return ("\n" if any("\n" in text for text in texts) else " ").join(texts)


def _joined(scenarios: Sequence[str], setup: list[str]) -> Iterator[str]:
    """Yield the scenarios, those together that are steps or labels of one; add to `setup` what is none of them."""
    labels = _labels(scenarios)
    position = 0
    for match in re.finditer(f"(?P<setup>{_SETUP.pattern})|{_TOGETHER.pattern}", labels):
        yield from scenarios[position : match.start()]
        together, position = _together(scenarios[match.start() : match.end()]), match.end()
        if match["setup"] is None:
            yield together
        elif match["setup"] != "f":
            setup.append(together)
    yield from scenarios[position:]


def _labels(scenarios: Sequence[str]) -> str:
    """Return a letter for each scenario: a kind of step, a label, d(ata) for what ends with a fence, or x.

    A setup that several share is a b, like the background of steps.
    """
    labels = []
    for number, (text, kind) in enumerate(zip(scenarios, step_kinds(scenarios), strict=True)):
        match = _LABEL.match(text)
        if not kind and _is_setup(text, scenarios[number + 1 :]):
            labels.append("b")
        else:
            labels.append(kind or (str(match.lastgroup) if match else "d" if _ENDS_WITH_FENCE.search(text) else "x"))
    if "t" not in labels:
        # A line that begins like the title of a feature is as good as any other where there are no steps.
        labels = ["x" if label == "f" else label for label in labels]
    return "".join(labels)


def _is_setup(text: str, following: Sequence[str]) -> bool:
    """Tell whether a text is data that the tests after it share: it says nothing of an answer, and they do."""
    words, _, data = text.partition("\n")
    if not _ENDS_WITH_FENCE.search(data) or _ARROW.search(text) or not any(map(_ARROW.search, following)):
        return False
    if _FOR_ALL.search(words):
        return True
    shared = any(map(_SAME.search, following))
    return shared and _LABEL.match(text) is None and _JSON.search(data) is None
