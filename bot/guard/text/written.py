"""In which language people are answered: that of the issue, as the bot has read it, or else as its text alone shows."""

from __future__ import annotations

import re
from typing import Protocol

from markdown_it import MarkdownIt

from bot.errors import UserError
from bot.guard.text.hygiene import visible
from bot.language import detected
from bot.values.github import Issue, Pull
from bot.values.naming import issue_of_branch, status_marker
from bot.values.progress import read_hidden

EMPTY = "_No response_"
"""What GitHub's forms write for a field that was left empty."""
_ENOUGH = 2_000
"""Characters of a text that say in which language all of it is written."""
# Data that a service takes or gives may be in any language. An apostrophe is no quote: French has too many of them.
_QUOTED = re.compile(r"\"[^\"\n]*\"|[„“][^“”\n]*[“”]|«[^»\n]*»")
# Addresses, paths, names of fields and of classes, units, abbreviations: the same in all languages.
_NO_WORD = re.compile(r"\S*[\d_/\\=@#<>{}\[\]|]\S*|\b\w*[a-z][A-Z]\w*\b|\b[A-Z]{2,}s?\b")


def written_in(title: str, body: str) -> str:
    """Return the language of an issue's title and text, as BCP 47 has it; "" where they do not say.

    Code, quotes, addresses and names are left out, and so are headings, because those of the issue form are English.
    """
    parsed = MarkdownIt("commonmark").parse(visible(f"{title}\n\n{body.replace(EMPTY, '')}")[:_ENOUGH])
    shown = [
        " ".join(child.content for child in token.children or () if child.type == "text")
        for before, token in zip([None, *parsed], parsed, strict=False)
        if token.type == "inline" and not (before and before.type == "heading_open")
    ]
    return detected(_NO_WORD.sub(" ", _QUOTED.sub(" ", "\n".join(shown))))


class WithIssues(Protocol):
    """What is asked; `bot.clients.github.Repository` is one."""

    def issue(self, n: int, /) -> Issue: ...

    def comment_text(self, number: int, marker: str) -> str | None: ...


class WithPulls(WithIssues, Protocol):
    """The same, of pull requests."""

    def pull(self, n: int, /) -> Pull: ...


def issue_language(repository: WithIssues, issue: int) -> str:
    """Return the language of an issue, as its status comment has it, or else as its text shows.

    Returns:
        As BCP 47 has it; "" where nothing tells.
    """
    try:
        progress = read_hidden(repository.comment_text(issue, status_marker(issue)) or "")
        if progress is not None and progress.language:
            return progress.language
        read = repository.issue(issue)
    except UserError:
        # It is deleted or transferred by now.
        return ""
    return written_in(read.title, read.body)


def language_on(repository: WithPulls, number: int) -> str:
    """Return the language of an issue, or of the one that a pull request belongs to; see `issue_language`."""
    try:
        issue = issue_of_branch(repository.pull(number).head_ref)
    except UserError:
        # It is an issue.
        issue = number
    return issue_language(repository, issue) if issue is not None else ""
