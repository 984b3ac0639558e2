"""The issue form, `.github/ISSUE_TEMPLATE/microservice.yml`, as GitHub renders what was filled in."""

from __future__ import annotations

import re

HEADINGS = ("Description", "Service to change", "Test scenarios")
"""The form's labels, in its order. GitHub makes a heading of each: "### Description"."""

_FIRST, _LAST = (re.compile(rf"^### {re.escape(name)}[ \t]*$", re.MULTILINE) for name in (HEADINGS[0], HEADINGS[-1]))


def is_by_form(body: str) -> bool:
    """Return whether an issue's text is what the form makes: it begins with the first heading, and has the last.

    An older form has no field for the service to change.
    """
    text = body.replace("\r\n", "\n").lstrip()
    first = _FIRST.match(text)
    return first is not None and _LAST.search(text, first.end()) is not None
