"""Names in a service that follow from what a person or a model wrote."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

from pydantic import BaseModel

from bot.values.naming import PATHS_OF_GALLERY

_BUILTINS = frozenset({"str", "int", "float", "bool", "list", "dict"})
"""What the annotations of `interface.py` are made of: a field of such a name would hide it in its class."""
_WORDS_OF_DATA = 3
_LONGEST = 40
_EMPTY_WORDS = frozenset({*("and", "are", "for", "from", "into", "not", "the", "with"), "service", "microservice"})
"""Words of a title that tell no service from another one."""
_DATA = re.compile(
    r"(?P<fence>`{3,}|~{3,}).*?(?:(?P=fence)|\Z)|`[^`\n]+`"
    # Objects and lists, three deep.
    r"|\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\}|\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]",
    re.DOTALL,
)


def field_name(name: str) -> str:
    """Return `name` as a field of a pydantic model: an identifier, no keyword, nothing that pydantic has itself."""
    words = _words(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name), "_")[:40].strip("_")
    if not words or words[0].isdigit():
        words = f"field_{words}".strip("_")
    # https://pydantic.dev/docs/validation/latest/api/pydantic/config/#pydantic.config.ConfigDict.protected_namespaces
    if words.startswith(("model_validate", "model_dump")):
        words = f"the_{words}"
    if keyword.iskeyword(words) or hasattr(BaseModel, words) or words in _BUILTINS:
        words = f"{words}_"
    return words


def class_name(name: str) -> str:
    """Return `name` as a class, such as `LineItem` for "line_items"; the last word loses its plural."""
    words = _words(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name), " ").split() or ["part"]
    last = words[-1]
    if last.endswith("ies") and len(last) > 4:
        words[-1] = f"{last[:-3]}y"
    elif last.endswith("s") and not last.endswith(("ss", "us", "is")) and len(last) > 3:
        words[-1] = last[:-1]
    joined = "".join(word.capitalize() for word in words)
    return f"Part{joined}" if joined[0].isdigit() else joined


def slug(proposed: str, title: str, taken: Iterable[str]) -> str:
    """Return a DNS label from the model's proposal, else from the title, that is not `taken`.

    Where it is, a word of the title tells it from the other one, else a number.
    """
    words = _words(proposed, "-") or _words(title, "-") or "service"
    if words[0].isdigit():
        words = f"s-{words}"
    name, used = words[:36].strip("-"), {*taken, *PATHS_OF_GALLERY}
    if name in used:
        known = {*name.split("-"), *_EMPTY_WORDS}
        more = (f"{name}-{word}" for word in _words(title, "-").split("-") if len(word) > 2 and word not in known)
        return next((slug for slug in more if len(slug) <= _LONGEST and slug not in used), unused(name, used, "-"))
    return name


def scenario_name(text: str, taken: Iterable[str]) -> str:
    """Return what the scenario's test is called after `test_`: its first words, or just "scenario".

    Of what stands there as data, only the beginning counts.
    """
    words = _words(_DATA.sub(_begun, text), "_")
    if len(words) > 48:
        words = words[:48].rpartition("_")[0] or words[:48]
    if not words or words[0].isdigit():
        words = f"scenario_{words}".strip("_")
    return unused(words, frozenset(taken), "_")


def _begun(data: re.Match[str]) -> str:
    words = re.findall(r"\w+", data[0])[:_WORDS_OF_DATA]
    return f" {' '.join(words)} "


def _words(text: str, separator: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return separator.join(re.findall(r"[a-z0-9]+", ascii_only))


def unused(name: str, taken: Iterable[str], separator: str) -> str:
    """Return `name`, with a number after it where it is one of those `taken`."""
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}{separator}{number}", number + 1
    return candidate
