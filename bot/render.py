"""Render the templates: prompts, comments, service files. A missing variable is an error, never an empty string."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

COMMENT_LIMIT = 65_536
"""Characters GitHub takes in a comment or description (https://github.com/orgs/community/discussions/27190)."""

_MARKER = re.compile(r"<!-- gptdeploy:(.+?) -->")
_CUT = "\n\n… (cut: too long for a comment)"


@cache
def templates_dir() -> Path:
    """Return the folder of templates: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


@cache
def _environment() -> Environment:
    # The results are Markdown and source files, not HTML; escaping would corrupt them.
    return Environment(
        loader=FileSystemLoader(templates_dir()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )


def render(template: str, **values: Any) -> str:
    """Render `template` (a path below the templates folder) with `values`.

    Raises:
        jinja2.UndefinedError: the template uses a value that was not given.
    """
    return _environment().get_template(template).render(**values)


def comment(template: str, marker: str, **values: Any) -> str:
    """Render `comments/<template>` as a comment that holds `marker`, cut to the length that GitHub takes."""
    tail = "\n" + hidden(marker)
    body = render(f"comments/{template}", **values).strip()
    room = COMMENT_LIMIT - len(tail)
    if len(body) > room:
        body = body[: room - len(_CUT)] + _CUT
    return body + tail


def hidden(marker: str) -> str:
    """Return the HTML comment that holds a marker: people do not see it, and the bot finds its own comment by it."""
    return f"<!-- gptdeploy:{marker} -->"


def markers(body: str) -> list[str]:
    """Return the markers in a comment."""
    return _MARKER.findall(body)
