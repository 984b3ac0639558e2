"""An issue that names a service of the repository: it asks for a change of that service, not for a new one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from bot.errors import UserError
from bot.guard.text import EMPTY, visible
from bot.runs.ideas import NAMED, read_idea
from bot.sentence import joined, sentence
from bot.values.github import Issue
from bot.values.revision import Point
from bot.values.service import Idea

_NAME = r"(?:services/)?(?P<slug>[a-z][a-z0-9-]{0,39})/?"
_LINE = re.compile(
    rf"^ {{0,3}}(?:[-*+] )?[*_]*service[*_]*[ \t]*:[*_ \t]*`?{_NAME}`?[*_ \t]*\.?[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_FIELD = re.compile(
    rf"^#{{1,6}}[ \t]+{NAMED}[ \t]*\n+[ \t]*`?(?P<slug>[^\n`]+?)`?[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_FENCED = re.compile(r"^ {0,3}(?P<fence>```|~~~).*?(?:^ {0,3}(?P=fence)|\Z)", re.MULTILINE | re.DOTALL)


def named_service(issue: Issue, services: Sequence[str]) -> str | None:
    """Return the service that an issue wants to be changed; None where it asks for a new one.

    It is named by a line of its own, `service: qr-code`, or by the issue form's field. A line that names no service of
    the repository is part of the description.

    Args:
        services: the slugs of those there are.

    Raises:
        UserError: the form's field names a service that is not there.
    """
    body = _FENCED.sub("", visible(issue.body))
    if (field := _FIELD.search(body)) and field["slug"] != EMPTY:
        slug = field["slug"].strip().lower().removeprefix("services/").strip("/")
        if slug not in services:
            parts = [sentence("There is no service `%(slug)s` to change in this repository.", slug=slug)]
            if near := difflib.get_close_matches(slug, services, 1):
                parts.append(sentence("Did you mean `%(meant)s`?", meant=near[0]))
            what_next = sentence(
                "Edit the issue: name one that `/list` shows, or leave the field empty for a new one. Then type "
                "`/retry`."
            )
            raise UserError(joined([*parts, what_next]))
        return slug
    return next((slug for line in _LINE.finditer(body) if (slug := line["slug"].lower()) in services), None)


def asked_in(issue: Issue, hint: str = "") -> Point:
    """Return what an issue that names a service asks for.

    Args:
        hint: what somebody with write access said when it was tried again.

    Raises:
        UserError: there is no description.
    """
    return asked_by(read_idea(issue).model_copy(update={"hint": hint}), issue.author)


def asked_by(idea: Idea, author: str) -> Point:
    """Return what an idea asks to be changed: its title, its description, its scenarios, and what was said later."""
    description = _LINE.sub("", idea.description).strip()
    tests = "\n".join(f"- {scenario}" for scenario in idea.scenarios)
    parts = [idea.title, description, f"Tests:\n{tests}" if tests else "", *idea.answers, idea.hint]
    return Point(id="issue", author=author, text="\n\n".join(part for part in parts if part))
