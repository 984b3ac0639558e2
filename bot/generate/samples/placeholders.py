"""What stands in an example for a file, and the file in its place."""

from __future__ import annotations

import base64
import json
from typing import Any

from bot.clients.llm import Refused
from bot.generate.samples.catalogue import closest, described, kind_of

TEXT = "$text"
FILE = "$file"
_OTHER_TEXT = ("text", TEXT)


def filled(value: Any) -> Any:
    """Return an example's value with the base64 of files in place of their placeholders.

    `{"$text": "a,b"}` stands for a file that holds exactly that text, `{"$file": "png"}` for a sample file of that
    kind, `{"$file": "docx", "text": "Hello"}` for one that says this. A media type does for a kind.

    Raises:
        Refused: there is no such sample; the text says which there are.
    """
    if isinstance(value, dict):
        if set(value) == {TEXT}:
            return base64.b64encode(_as_text(value[TEXT]).encode()).decode()
        if FILE in value:
            return base64.b64encode(_file(value)).decode()
        return {key: filled(part) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part) for part in value]
    return value


def placeholder(media_type: str) -> dict[str, str]:
    """Return what a prompt shows for a file of a media type; `filled` takes it."""
    kind = kind_of(media_type)
    return {FILE: kind.name} if kind else {TEXT: "..."}


def listed(schema: dict[str, Any]) -> list[str]:
    """Return a line for each kind of sample file that a JSON schema asks for, at any depth."""
    return described(_media_types(schema))


def listed_for_tests(schema: dict[str, Any]) -> list[str]:
    """Return a line for each kind of sample file that tests of a JSON schema may ask for."""
    return described(_media_types(schema), for_tests=True)


def sample(name: str, text: str | None = None) -> bytes:
    """Return a small valid file.

    Args:
        name: a kind such as "docx", or a media type such as "image/png".
        text: what it says instead of the usual text.

    Raises:
        Refused: there is no sample of that kind, or it cannot say the text.
    """
    kind = kind_of(name)
    if kind is None:
        raise Refused(
            f'there is no sample file of {name}; take {{"$file": ...}} with one of {", ".join(closest(name))},'
            ' or give base64, or {"$text": "the text that it holds"}'
        )
    if text is not None and kind.text is None:
        raise Refused(f'a sample file of {name} holds no text; write {{"$file": "{kind.name}"}}')
    return kind.make(kind.text or "" if text is None else text)


def _file(value: dict[str, Any]) -> bytes:
    others = [key for key in value if key not in (FILE, *_OTHER_TEXT)]
    if others:
        raise Refused(f'beside "{FILE}" only "text" may stand, not {", ".join(map(json.dumps, others))}')
    texts = [_as_text(value[key]) for key in _OTHER_TEXT if key in value]
    return sample(str(value[FILE]), *texts[:1])


def _as_text(value: Any) -> str:
    """Return a text as it is, and any other value as JSON; half a surrogate pair, which UTF-8 lacks, becomes `?`."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode(errors="replace").decode()


def _media_types(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [media for part in schema for media in _media_types(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema["contentMediaType"]] if "contentEncoding" in schema and "contentMediaType" in schema else []
    return [*own, *(media for part in schema.values() for media in _media_types(part))]
