"""What the bot says in other languages: whole, with the same placeholders and commands, and in every template."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from bot.language import english_name, is_english, language_tag
from bot.render import render, templates_dir
from tests.unit.comment_values import VALUES
from tests.unit.sentences import in_python

COMMENTS, CATALOGUES = templates_dir() / "comments", templates_dir() / "languages"
LANGUAGES = sorted(file.stem for file in CATALOGUES.iterdir())
LITERAL = re.compile(r"%\(\w+\)s|`[^`]+`|\*\*Update branch\*\*|#")
"""What no translation changes: placeholders, commands and what else is code, what GitHub's pages say."""


def texts(value: Any) -> tuple[str, ...]:
    """Return the forms of a message: one, or singular and plural."""
    return (value,) if isinstance(value, str) else tuple(value)


def messages(file: Path) -> list[tuple[str, ...]]:
    """Return the sentences that are marked in a template, each with its plural where it has one."""
    with file.open("rb") as template:
        found = list(extract("jinja2", template))
    return [texts(message) for _, message, _, _ in found]


PARTS = {
    "keys": "status",
    "next": "status",
    "changes": "revised",
    "unmet": "answered",
    "settings": "commands/settings",
    "../figures": "status",
}
"""A template that only others say -> one of them."""
TEMPLATES = [*sorted(COMMENTS.rglob("*.j2")), templates_dir() / "figures.j2"]
MARKED = {
    os.path.relpath(file, COMMENTS).removesuffix(".j2").removesuffix(".md"): found
    for file in TEMPLATES
    if (found := messages(file))
}


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize(
    ("text", "tag"),
    [("de", "de"), ("pt_br", "pt-BR"), ("zh-Hans", "zh-Hans"), (" EN ", "en"), ("German", ""), ("../de", ""), ("", "")],
)
def test_a_language_is_one_that_is_known(text: str, tag: str) -> None:
    assert language_tag(text) == tag


def test_languages_have_names() -> None:
    assert english_name("pt-BR") == "Portuguese (Brazil)"
    assert [is_english(tag) for tag in ("en", "en-GB", "", "de")] == [True, True, True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    wanted = {sentences[0]: sentences for marked in (*MARKED.values(), in_python()) for sentences in marked}
    said = {texts(message.id)[0]: message for message in catalogue(language) if message.id}
    assert said.keys() == wanted.keys()
    for sentences in wanted.values():
        message = said[sentences[0]]
        assert sentences == texts(message.id)
        translated = texts(message.string)
        assert len(translated) == len(sentences)
        for sentence, other in zip(sentences, translated, strict=True):
            assert other and sorted(LITERAL.findall(other)) == sorted(LITERAL.findall(sentence)), other


@cache
def rendered(name: str, **language: str) -> list[str]:
    """Return what a template makes of all its values, in English or in a language."""
    return [render(f"comments/{name}.md.j2", **language, **values) for values in VALUES[name]]


@pytest.mark.parametrize("name", sorted(MARKED))
def test_a_template_says_all_its_sentences_in_each_language(name: str) -> None:
    whole = PARTS.get(name, name)
    english = rendered(whole)
    for language in LANGUAGES:
        said = rendered(whole, language=language)
        translations = catalogue(language)
        for sentences in MARKED[name]:
            message = translations[sentences[0]]
            assert message is not None
            for sentence, other in zip(sentences, texts(message.string), strict=True):
                assert _is_said(sentence, english), f"no value of VALUES makes {name} say: {sentence}"
                assert _is_said(other, said), other


def test_a_language_without_a_catalogue_is_answered_in_english() -> None:
    title = render("comments/gave_up.md.j2", language="ja", **VALUES["gave_up"][0]).splitlines()[0]
    assert title == "### No strategy got green"
    title = render("comments/gave_up.md.j2", language="de-AT", **VALUES["gave_up"][0]).splitlines()[0]
    assert title == "### Keine Strategie wurde grün"


def _is_said(sentence: str, texts: list[str]) -> bool:
    pattern = ".*?".join(map(re.escape, re.split(r"%\(\w+\)s", sentence)))
    return any(re.search(pattern, text, re.DOTALL) for text in texts)
