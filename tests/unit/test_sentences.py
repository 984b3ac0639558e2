"""Nothing is said to people on GitHub that is not marked for the catalogues: neither by a template nor by the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from bot.render import render, said, templates_dir
from bot.sentence import counted, either, joined, sentence, verbatim
from tests.unit.sentences import glued, unmarked

COMMENTS = templates_dir() / "comments"
TEMPLATES = [*sorted(COMMENTS.rglob("*.j2")), templates_dir() / "figures.j2"]
VALUE = "\0"
NAMES = {"x", "API", "OpenAPI", "USD", "MB", "s", "ms"}
"""What is called the same in all languages."""
NO_SENTENCE = re.compile(
    r"```.*?```|\0text$|`[^`]*`|<!--.*?-->|</?\w+[^>]*>|\]\([^)]*\)|%[.\d]*[a-z]|\{:[^}]*\}|(?<!\w)/\w+[\w/]*|\w+/|#L",
    re.DOTALL | re.MULTILINE,
)
"""Code, hidden comments, tags, where links lead, patterns of figures, commands and paths."""
MARKS, JOINING = {"_", "ngettext"}, {"join", "default"}
SILENT = nodes.Name | nodes.Compare | nodes.Test | nodes.Getitem | nodes.Getattr | nodes.FromImport | nodes.Include
"""What decides, or names a value or another template."""


def said_by(source: str) -> list[str]:
    """Return the words that a template says in English whatever the language."""
    parser = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)  # noqa: S701 (is not rendered)
    text = "".join(_texts(parser.parse(source)))
    return [word for word in re.findall(r"[^\W\d_]+", NO_SENTENCE.sub(" ", text)) if word not in NAMES]


def _texts(node: nodes.Node) -> Iterator[str]:
    """Yield all that may come out of a template, in any branch, with `VALUE` for each value."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Const):
        yield node.value if isinstance(node.value, str) else VALUE
    elif isinstance(node, nodes.Call | SILENT):
        yield VALUE
    for part in _parts(node):
        yield from _texts(part)


def _parts(node: nodes.Node) -> list[nodes.Node]:
    """Return the parts of a part of a template from which texts may come."""
    match node:
        case nodes.Call():
            values: list[nodes.Node] = [pair.value for pair in node.kwargs]
            is_marked = isinstance(node.node, nodes.Name) and node.node.name in MARKS
            return values if is_marked else [*node.args, *values]
        case nodes.Filter():
            return [part for part in (node.node, *(node.args if node.name in JOINING else ())) if part is not None]
        case nodes.Dict():
            return [pair.value for pair in node.items]
        case nodes.CondExpr() | nodes.If():
            return list(node.iter_child_nodes(exclude=("test",)))
        case nodes.For():
            return list(node.iter_child_nodes(exclude=("target", "iter", "test")))
    return [] if isinstance(node, SILENT) else list(node.iter_child_nodes())


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_a_template_says_nothing_in_english_alone(file: Path) -> None:
    assert said_by(file.read_text()) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Hello {{ name }}", ["Hello"]),
        ("{{ 'Hello ' ~ name if name else 'You' }}", ["Hello", "You"]),
        ("{{ name or 'nobody' }}", ["nobody"]),
        ("{{ _('Hello %(name)s', name='you') }}", ["you"]),
        ("{% set hello = 'Hello' %}{{ hello }}", ["Hello"]),
        ("{% if a == 'hello' %}`/retry` <sub>{{ _('Hello') }}</sub>{% endif %}", []),
        ("{{ _('Hello') }} `code` [{{ _('Link') }}](https://x.y) {{ '%.2f' | format(a) }} USD", []),
        ("```sh\nls\n```\n<!-- marker -->{{ names | join(' and ') }}", ["and"]),
    ],
)
def test_what_a_template_says_in_english_alone_is_found(source: str, words: list[str]) -> None:
    assert said_by(source) == words


def test_the_code_says_nothing_in_english_alone() -> None:
    assert list(unmarked()) == []


def test_no_sentence_is_glued_together() -> None:
    assert list(glued()) == []


def test_sentences_within_sentences_are_said_in_one_language() -> None:
    access = sentence("no access")
    refused = sentence(
        "@%(author)s, a review changes this pull request if its author has write access to this repository, and you "
        "have %(access)s.",
        author="ada",
        access=access,
    )
    assert said(refused, "de").endswith("und du hast keinen Zugriff.")
    assert str(refused).endswith("and you have no access.")
    assert said(joined([access, verbatim("100 %")], ", "), "es") == "ningún acceso, 100 %"
    choice = either([verbatim("`a`"), verbatim("`b`"), verbatim("`c`")])
    assert [said(choice, tag) for tag in ("", "fr-CA")] == ["`a`, `b` or `c`", "`a`, `b` ou `c`"]
    many = [counted("%(num)s commit", "%(num)s commits", num) for num in (1, 2)]
    assert [said(commits, "de") for commits in many] == ["1 Commit", "2 Commits"]


def test_a_sentence_among_the_values_of_a_template_is_said_in_its_language() -> None:
    why = sentence("#%(number)s was closed", number=1)
    assert "angehalten: #1 wurde geschlossen." in render("comments/ended.md.j2", "de", why=why)
    assert "stopped: #1 was closed." in render("comments/ended.md.j2", why=why)
