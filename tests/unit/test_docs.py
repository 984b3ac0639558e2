"""The pages say what the code does now: generated tables, paths, links, and the architecture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import reference
from tests.reference import PAGES, ROOT
from tests.unit.test_layers import APART, LAYERS, MODULES, SOURCES, imports, inside

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
README = (ROOT / "README.md").read_text()
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_OURS = re.compile(r"(?:bot|tests|templates|docs|\.github/workflows)/[\w./-]+")

every_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


@every_page
def test_generated_tables_are_the_codes(page: Path) -> None:
    assert page.read_text() == reference.filled(page.read_text()), "`make docs` writes them"


@pytest.mark.parametrize("part", reference.PARTS)
def test_every_generated_table_is_on_a_page(part: str) -> None:
    assert any(f"<!-- generated: {part} -->\n|" in page.read_text() for page in PAGES)


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    linked = [(page.parent / path if path else page, anchor) for path, anchor in _LINK.findall(page.read_text())]
    assert [str(path) for path, _ in linked if not path.exists()] == []
    assert [f"{path}#{anchor}" for path, anchor in linked if anchor and anchor not in anchors(path)] == []


def anchors(page: Path) -> set[str]:
    """Return what GitHub makes of a page's headings, to lead to them."""
    headings = _HEADING.findall(_BLOCK.sub("", page.read_text()))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_paths_exist(page: Path) -> None:
    """A path in code style that begins with one of our folders names something that is there."""
    named = [code for code in _CODE.findall(page.read_text()) if _OURS.fullmatch(code)]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_folder_says_what_it_is() -> None:
    silent = [name for name, path in MODULES.items() if path.name == "__init__.py" and not reference.first_line(path)]
    assert silent == []


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table after a line of the architecture page, cell by cell."""
    after = ARCHITECTURE.split(heading, 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", after, re.MULTILINE)
    assert lines is not None
    return [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in lines[0].splitlines()[2:]]


FLOW = [[cell.strip(" |") for cell in row] for row in table("## Where the flow lives")]


def boxes_and_arrows(diagram: str) -> Iterator[str]:
    """Yield the text of every box, up to its colon, and of every arrow."""
    for text in re.findall(r"\w+[\[{]([^\]}]+)[\]}]|-- ([^>-]+) -->|-\. ([^>]+) \.->", diagram):
        yield next(filter(None, text)).partition(":")[0]


def test_the_flow_of_the_readme_is_told_file_by_file() -> None:
    diagram = README.split("```mermaid", 1)[1].split("```", 1)[0]
    told = {row[0] for row in FLOW}
    # Yes and no are told with their question.
    assert set(boxes_and_arrows(diagram)) - {"yes", "no"} == told


@pytest.mark.parametrize("row", FLOW, ids=[row[0] for row in FLOW])
def test_what_to_look_for_is_in_the_files(row: list[str]) -> None:
    files = [ROOT / path for path in _CODE.findall(row[1])]
    assert files
    names = [name for name in _CODE.findall(row[2]) if name.isidentifier()] if len(row) > 2 else []
    text = "\n".join(path.read_text() for path in files)
    assert [name for name in names if not re.search(rf"(?:def|class) {name}\b", text)] == []


DIAGRAM = ARCHITECTURE.split("```mermaid", 1)[1].split("```", 1)[0].replace("main[__main__]", "__main__")
COMMON = set(re.findall(r"\w+", DIAGRAM.partition("common[")[2].partition("]")[0]))
"""The places that everybody uses: in one box of the diagram."""


def arrows() -> set[tuple[str, str]]:
    """Return the diagram's arrows between places; those to what everybody uses are for the eye only."""
    lines = re.findall(r"^ +(.+) --> (.+)$", DIAGRAM, re.MULTILINE)
    drawn = {(start, end) for starts, ends in lines for start in starts.split(" & ") for end in ends.split(" & ")}
    return {(start, end) for start, end in drawn if not end.startswith("common[")}


def place(module: str) -> str | None:
    """Return the place a module is in, without `bot.`."""
    places = [name for row in LAYERS for name in row] + list(APART)
    return next((name.removeprefix("bot.") for name in places if inside(module, name)), None)


@cache
def used() -> set[tuple[str, str]]:
    """Return which place imports from which; a command names what it imports when it is called."""
    pairs = set()
    for module, source in SOURCES.items():
        named = {*imports(source), *(re.findall(r'"(bot\.\w+)', source) if module == "bot.__main__" else ())}
        pairs |= {(place(module), place(name)) for name in named}
    return {(start, end) for start, end in pairs if start and end and start != end and end not in COMMON}


def test_the_diagram_has_every_place() -> None:
    places = {name.removeprefix("bot.") for row in LAYERS for name in row} | {"hub"}
    assert {place for arrow in arrows() for place in arrow} | COMMON == places


def test_the_diagrams_arrows_are_the_imports() -> None:
    """Each arrow is an import, and each import an arrow or a way along arrows."""
    assert arrows() - used() == set()
    assert {(start, end) for start, end in used() if start not in COMMON and end not in reached(start)} == set()


def reached(start: str) -> set[str]:
    ends = {end for begin, end in arrows() if begin == start}
    return ends.union(*(reached(end) for end in ends)) if ends else set()
