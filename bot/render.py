"""Render the templates: prompts, comments, service files. A missing variable is an error, never an empty string.

What a comment's template is given leaves for GitHub, so that every value that is no `Markdown` is made fit for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context, Macro

from bot.errors import UserError
from bot.foreign import Markdown, block, cell, code, code_block, composed, fit, link, plain, quoted
from bot.language import catalogue
from bot.sentence import Sentence, spoken

COMMENT_LIMIT = 65_536
"""Characters GitHub takes in a comment or description (https://github.com/orgs/community/discussions/27190)."""

_LONGEST_EXAMPLE = 600
"""Characters above which a curl command takes its body from elsewhere."""
_MARKER = re.compile(r"<!-- gptdeploy:(.+?) -->")
_COMMENTS = "comments/"
_CUT = "\n\n… (cut: too long for a comment)"


@cache
def templates_dir() -> Path:
    """Return the folder of templates: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


class _Context(Context):
    """What a comment's template knows; what a macro returns was made fit inside of it."""

    def call(self, obj: Any, *args: Any, **kwargs: Any) -> Any:
        said = super().call(obj, *args, **kwargs)
        return Markdown(said) if isinstance(obj, Macro) else said


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


@cache
def _files() -> Environment:
    return _environment()


@cache
def _comments(language: str) -> Environment:
    environment = _environment()
    environment.context_class = _Context
    environment.finalize = Markdown.escape
    environment.filters |= {
        "block": block,
        "cell": cell,
        "code": code,
        "code_block": code_block,
        "composed": composed,
        "link": link,
        "quoted": quoted,
    }
    known = _translations(language)

    def gettext(message: str, **values: Any) -> Markdown:
        return Markdown(known.gettext(message)) % values

    def ngettext(one: str, several: str, number: int, **values: Any) -> Markdown:
        return Markdown(known.ngettext(one, several, number)) % {"num": number, **values}

    environment.globals |= {"_": gettext, "gettext": gettext, "ngettext": ngettext}
    return environment


@cache
def _translations(language: str) -> NullTranslations:
    return catalogue(templates_dir() / "languages", language)


def render(template: str, language: str = "", **values: Any) -> str:
    """Render `template` (a path below the templates folder) with `values`.

    Args:
        language: of the sentences that are marked in a comment's template and among its values, as BCP 47 has it;
            English where there is no catalogue of it.

    Raises:
        jinja2.UndefinedError: the template uses a value that was not given.
    """
    if template.startswith(_COMMENTS):
        return markdown(template.removeprefix(_COMMENTS), language, **values)
    return _files().get_template(template).render(**values)


def markdown(template: str, language: str = "", **values: Any) -> Markdown:
    """Render `comments/<template>`, with every value in it made fit for GitHub's Markdown; see `render`."""
    with spoken(_translations(language)):
        return Markdown(_comments(language).get_template(f"{_COMMENTS}{template}").render(**values))


def said(what: Sentence | UserError, language: str) -> str:
    """Return what a sentence says in a language, fit for `composed`; in English where there is no catalogue of it."""
    with spoken(_translations(language)):
        return str(fit(what.sentence if isinstance(what, UserError) else what))


def curl(url: str, example: Mapping[str, Any], *, otherwise: str) -> str:
    """Return the command that posts an example to `url`.

    Args:
        otherwise: where a body comes from that is too long to show, as curl takes it, e.g. "@request.json".
    """
    text = json.dumps(example, ensure_ascii=False)
    data = otherwise if len(text) > _LONGEST_EXAMPLE else "'" + text.replace("'", "'\\''") + "'"
    return f"curl {url} -H 'Content-Type: application/json' --data-binary {data}"


def comment(template: str, marker: str, *, data: str = "", **values: Any) -> Markdown:
    """Render `comments/<template>` as a comment that holds `marker`, cut to the length that GitHub takes.

    Args:
        data: what programs read in it; it is never cut.
        values: for `markdown`; a `language` among them is that of its sentences.
    """
    tail = (f"\n{data}" if data else "") + "\n" + hidden(marker)
    return Markdown(_cut(str(markdown(template, **values)).strip(), COMMENT_LIMIT - len(tail)) + tail)


def _cut(body: str, room: int) -> str:
    """Return the beginning of a body that is too long, up to the end of a line: what is without effect is so as long as
    its line is whole."""
    if len(body) <= room:
        return body
    kept = body[: room - len(_CUT)]
    whole, _, rest = kept.rpartition("\n")
    return (whole if len(whole) > len(rest) else f"{whole}\n{plain(rest)}".strip()) + _CUT


def hidden(marker: str) -> str:
    """Return the HTML comment that holds a marker: people do not see it, and the bot finds its own comment by it."""
    return f"<!-- gptdeploy:{marker} -->"


def markers(body: str) -> list[str]:
    """Return the markers in a comment."""
    return _MARKER.findall(body)
