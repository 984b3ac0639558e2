"""Render the templates: prompts, comments, service files. A missing variable is an error, never an empty string."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.language import catalogue

COMMENT_LIMIT = 65_536
"""Characters GitHub takes in a comment or description (https://github.com/orgs/community/discussions/27190)."""

_LONGEST_EXAMPLE = 600
"""Characters above which a curl command takes its body from elsewhere."""
_MARKER = re.compile(r"<!-- gptdeploy:(.+?) -->")
_CUT = "\n\n… (cut: too long for a comment)"


@cache
def templates_dir() -> Path:
    """Return the folder of templates: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


@cache
def _environment(language: str) -> Environment:
    # The results are Markdown and source files, not HTML; escaping would corrupt them.
    environment = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(templates_dir()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
    environment.filters |= {"code": code, "cell": cell}
    translations = catalogue(templates_dir() / "languages", language)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return environment


def render(template: str, language: str = "", **values: Any) -> str:
    """Render `template` (a path below the templates folder) with `values`.

    Args:
        language: of the sentences that are marked in the template, as BCP 47 has it; English where there is no
            catalogue of it.

    Raises:
        jinja2.UndefinedError: the template uses a value that was not given.
    """
    return _environment(language).get_template(template).render(**values)


def code(text: str) -> str:
    """Return a text of anybody's as a code span on one line: nobody is mentioned in it, and it is no Markdown.

    https://spec.commonmark.org/0.31.2/#code-spans
    """
    text = " ".join(text.split()).replace("<!--", "<! --")
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def cell(text: str) -> str:
    """Return a text as it can stand in a cell of a table: on one line, and its bars do not end the cell.

    https://github.github.com/gfm/#tables-extension-
    """
    return " ".join(text.split()).replace("|", "\\|").replace("<!--", "<! --")


def curl(url: str, example: Mapping[str, Any], *, otherwise: str) -> str:
    """Return the command that posts an example to `url`.

    Args:
        otherwise: where a body comes from that is too long to show, as curl takes it, e.g. "@request.json".
    """
    text = json.dumps(example, ensure_ascii=False)
    data = otherwise if len(text) > _LONGEST_EXAMPLE else "'" + text.replace("'", "'\\''") + "'"
    return f"curl {url} -H 'Content-Type: application/json' --data-binary {data}"


def comment(template: str, marker: str, *, data: str = "", **values: Any) -> str:
    """Render `comments/<template>` as a comment that holds `marker`, cut to the length that GitHub takes.

    Args:
        data: what programs read in it; it is never cut.
        values: for `render`; a `language` among them is that of its sentences.
    """
    tail = (f"\n{data}" if data else "") + "\n" + hidden(marker)
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
