"""The sample files that tests ask for: made here, because the build has nothing that makes them."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator

from bot.clients.llm import Refused
from bot.generate.samples.catalogue import KINDS, kind_of
from bot.guard.source import Source
from bot.guard.tests import UNREADABLE, Variables, read_value
from bot.values.naming import TESTS

MOST = 20
"""How many sample files the tests of a service may have."""
LONGEST = 100_000
"""Characters of a sample's text."""


def sample_files(source: Source) -> dict[str, bytes]:
    """Return the sample files that a test file asks for, by their names in `fixtures/`; wrong calls ask for none."""
    files: dict[str, bytes] = {}
    for asked in _asked(source):
        if isinstance(asked, tuple):
            kind, text = asked
            files[sample_name(kind, text)] = _made(kind, text)
    return files


def sample_faults(source: Source) -> list[str]:
    """Return what is wrong with the sample files that a test file asks for, in words for the model."""
    asked = list(_asked(source))
    faults = [part for part in asked if isinstance(part, str)]
    if len(set(asked)) > MOST:
        faults.append(f"asks for {len(set(asked))} sample files; at most {MOST} are made")
    return [f"{TESTS} {fault}" for fault in dict.fromkeys(faults)]


def sample_name(kind: str, text: str | None) -> str:
    """Return the name of a sample file; `testing/door.py` makes the same of the same."""
    digest = hashlib.sha256(json.dumps([kind, text]).encode()).hexdigest()[:12]
    return f"sample-{digest}.{kind}"


def _made(kind: str, text: str | None) -> bytes:
    found = next(other for other in KINDS if other.name == kind)
    return found.make(found.text or "" if text is None else text)


def _asked(source: Source) -> Iterator[tuple[str, str | None] | str]:
    """Yield kind and text of each sample that a test file asks for, or what is wrong with how it does."""
    if source.fault or not _is_used(source.tree):
        return
    variables = Variables([source.tree])
    called = set()
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Name(id="sample") as function):
                called.add(id(function))
                try:
                    yield _arguments(node, variables)
                except Refused as refusal:
                    yield f"`{ast.unparse(node)[:80]}`: {refusal}"
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id="sample", ctx=ast.Load()) if id(node) not in called:
                yield 'must call `sample` where it needs the file: `sample("docx", text="...")`'


def _is_used(tree: ast.Module) -> bool:
    """Tell whether a function takes the fixture; other names `sample` are a test's own."""
    return any(isinstance(node, ast.arg) and node.arg == "sample" for node in ast.walk(tree))


def _arguments(call: ast.Call, variables: Variables) -> tuple[str, str | None]:
    """Return kind and text of a sample.

    Raises:
        Refused: they are no literals, or there is no such sample.
    """
    given = dict(zip(("kind", "text"), call.args, strict=False))
    given |= {keyword.arg or "**": keyword.value for keyword in call.keywords}
    if len(call.args) > 2 or not given.keys() <= {"kind", "text"} or "kind" not in given:
        raise Refused('it takes a kind and a text: `sample("docx", text="...")`')
    try:
        values = {name: read_value(node, variables) for name, node in given.items()}
    except UNREADABLE as error:
        raise Refused("write kind and text as literals, because the file is made before the tests run") from error
    kind, text = values["kind"], values.get("text")
    found = kind_of(kind) if isinstance(kind, str) and re.fullmatch(r"[\w./+-]+", kind) else None
    if found is None or kind != found.name:
        instead = f'; write `sample("{found.name}")`' if found else ""
        raise Refused(f"there is no kind {kind!r}{instead}; the kinds are {', '.join(other.name for other in KINDS)}")
    if text is None:
        return kind, None
    if found.text is None:
        raise Refused(f'a sample {kind} holds no text: {found.holds}; write `sample("{kind}")`')
    if not isinstance(text, str) or len(text) > LONGEST:
        raise Refused(f"its text must be a text of at most {LONGEST} characters")
    if text != text.encode(errors="ignore").decode():
        raise Refused("its text has half a surrogate pair, which no file can hold")
    return kind, text
