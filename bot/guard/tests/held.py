"""The texts and numbers that a test holds as literals, wherever it writes them."""

from __future__ import annotations

import ast
import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from bot.guard.tests.literal import UNREADABLE, Variables, read_value

_CASES = frozenset({"lower", "upper", "casefold", "title", "capitalize", "swapcase"})
_SPACES = frozenset({"split", "splitlines", "replace", "sub", "translate"})
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){2,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_LONGEST = 200_000
"""Characters of a text within which other texts are looked for in other spellings."""
_MOST_VALUES = 100_000
"""How many values of a test are read; lists that hold each other may be far more than what is written."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "`": "`", "/": "/"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")


class Held:
    """What stands as data in a test.

    Args:
        parts: the test, and what it uses of the file. Docstrings and the messages of asserts do not count.
    """

    def __init__(self, parts: Sequence[ast.AST]) -> None:
        methods = {node.attr for part in parts for node in ast.walk(part) if isinstance(node, ast.Attribute)}
        self._any_case = bool(methods & _CASES)
        self._any_space = bool(methods & _SPACES)
        self._texts: dict[str, None] = {}
        self._numbers: set[int | float] = set()
        self._room = _MOST_VALUES
        for value in _values(parts):
            self._add(value)
        self._spellings = "\0".join(map(self._spelled, self._texts))

    def holds_number(self, number: float) -> bool:
        return number in self._numbers

    def holds_text(self, text: str) -> bool:
        """Tell whether a text stands in the test, also within a longer one; white space may differ."""
        return self._spelled(text) in self._spellings

    def holds_quote(self, quote: str) -> bool:
        r"""Tell whether a text that a person quotes stands in the test: as a text, a number, or line by line.

        A backslash may stand for itself, or begin an escape such as `\n`.
        """
        if re.fullmatch(r"-?\d+(?:\.\d+)?", quote) and self.holds_number(float(quote)):
            return True
        return any(
            all(self.holds_text(line) for line in spelling.splitlines() if line.strip())
            for spelling in dict.fromkeys((quote, _unescaped(quote), json.dumps(quote)[1:-1]))
        )

    def _add(self, value: Any) -> None:
        self._room -= 1
        match value:
            case _ if isinstance(value, bool) or self._room < 0:
                return
            case int() | float():
                self._numbers.add(value)
            case bytes():
                self._add(value.decode("utf-8", "replace"))
            case str() if value not in self._texts:
                self._texts[value] = None
                self._add_inner(value)
            case dict():
                for key, part in value.items():
                    self._add(key)
                    self._add(part)
            case list() | tuple():
                for part in value:
                    self._add(part)

    def _add_inner(self, text: str) -> None:
        """Add what a text holds as JSON or as base64."""
        if len(text) > _LONGEST:
            return
        try:
            if text.lstrip()[:1] in ("{", "[", '"'):
                self._add(json.loads(text))
            elif _BASE64.fullmatch(text):
                self._add(base64.b64decode(text).decode())
        except (ValueError, RecursionError):
            return

    def _spelled(self, text: str) -> str:
        plain = ("" if self._any_space else " ").join(unicodedata.normalize("NFC", text).split())
        return plain.casefold() if self._any_case else plain


def _unescaped(text: str) -> str:
    """Return a text with the characters that its escapes stand for."""

    def replaced(match: re.Match[str]) -> str:
        return chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[0])

    return _ESCAPE.sub(replaced, text)


def _values(parts: Sequence[ast.AST]) -> Iterator[Any]:
    """Yield the literals in parts of a file, each with all that is within it."""
    variables = Variables(parts)
    waiting = list(parts)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr) and not isinstance(node, ast.Name):
            with suppress(*UNREADABLE):
                yield read_value(node, variables)
                continue
        for child in ast.iter_child_nodes(node):
            is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if not is_docstring and not (isinstance(node, ast.Assert) and child is node.msg):
                waiting.append(child)
