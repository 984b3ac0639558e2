"""What is mended without asking the model: imports that were forgotten, and classes that stand in interface.py."""

from __future__ import annotations

import ast
from collections.abc import Collection

from bot.guard.names import line_range
from bot.guard.packages import FAMOUS
from bot.guard.source import Source
from bot.values.naming import INTERFACE, TESTS

_MODULES = frozenset(
    {
        "base64", "binascii", "bisect", "calendar", "collections", "colorsys", "csv", "datetime", "decimal", "difflib",
        "enum", "fractions", "functools", "gzip", "hashlib", "heapq", "html", "io", "itertools", "json", "math",
        "operator", "os", "pathlib", "random", "re", "secrets", "statistics", "string", "struct", "subprocess", "sys",
        "tempfile", "textwrap", "time", "typing", "unicodedata", "urllib", "uuid", "wave", "zipfile", "zlib",
    }
)  # fmt: skip
_NAMES = {
    "BytesIO": "from io import BytesIO",
    "StringIO": "from io import StringIO",
    "Path": "from pathlib import Path",
    "Counter": "from collections import Counter",
    "defaultdict": "from collections import defaultdict",
    "Decimal": "from decimal import Decimal",
    "Any": "from typing import Any",
    "Dict": "from typing import Dict",
    "List": "from typing import List",
    "Optional": "from typing import Optional",
    "BaseModel": "from pydantic import BaseModel",
    "Field": "from pydantic import Field",
    "HTTPException": "from fastapi import HTTPException",
    "Image": "from PIL import Image",
    "ImageDraw": "from PIL import ImageDraw",
    "ImageFont": "from PIL import ImageFont",
    "BeautifulSoup": "from bs4 import BeautifulSoup",
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "sns": "import seaborn as sns",
}


def with_imports(source: Source, interface: Collection[str] = ()) -> Source:
    """Return a file with the imports that it lacks and that leave no doubt; unchanged where it cannot be parsed.

    "test_executor.py" can also get an import of pytest.

    Args:
        interface: the names that interface.py defines.
    """
    known = _NAMES | {name: f"from interface import {name}" for name in interface}
    if source.name == TESTS:
        known |= {"pytest": "import pytest"}
    lacking = sorted(source.undefined.keys() - _assigned(source.tree))
    modules = _MODULES | (_reached_into(source.tree) & FAMOUS)
    imports = [known.get(word) or f"import {word}" for word in lacking if word in known or word in modules]
    if not imports:
        return source
    at = _first_place(source.tree)
    text = source.text.split("\n")
    return Source.read(source.name, "\n".join([*text[:at], *imports, *text[at:]]))


def with_interface(source: Source, interface: Collection[str]) -> Source:
    """Return executor.py with `Input` and `Output` from interface.py, and without classes that interface.py has.

    Of several definitions of `execute`, only the last stays. A file that cannot be parsed stays as it is.

    Args:
        interface: the names that interface.py defines.
    """
    if source.fault:
        return source
    imported = {
        alias.asname or alias.name
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "interface"
        for alias in node.names
    }
    needless = [node for node in source.tree.body if isinstance(node, ast.ClassDef) and node.name in interface]
    executes = [node for node in source.tree.body if isinstance(node, ast.FunctionDef) and node.name == "execute"]
    lacking = [name for name in ("Input", "Output") if name not in imported]
    removed = sorted([*needless, *executes[:-1]], key=lambda node: node.lineno, reverse=True)
    if not removed and not lacking:
        return source
    text = source.text.split("\n")
    for node in removed:
        del text[line_range(node).start - 1 : line_range(node).stop - 1]
    if lacking:
        at = _first_place(source.tree)
        text[at:at] = [f"from interface import {', '.join(lacking)}"]
    return Source.read(source.name, "\n".join(text))


def defined_names(interface: str) -> tuple[str, ...]:
    """Return the types and classes that the source of an interface.py defines; none where it cannot be parsed."""
    body = Source.read(INTERFACE, interface).tree.body
    named = [node.targets[0] for node in body if isinstance(node, ast.Assign)]
    classes = [node.name for node in body if isinstance(node, ast.ClassDef)]
    return (*(target.id for target in named if isinstance(target, ast.Name)), *classes)


def _reached_into(tree: ast.Module) -> set[str]:
    """Return the names that are used only before a dot, as in `qrcode.make(...)`."""
    whole = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    parts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {node.id for node in whole} - {node.id for node in whole if id(node) not in parts}


def _assigned(tree: ast.Module) -> set[str]:
    """Return the names that are assigned in any scope: such a variable may be meant, so no import is guessed."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}


def _first_place(tree: ast.Module) -> int:
    """Return the number of lines before the first place for an import: after the docstring and `from __future__`."""
    at = 0
    for number, node in enumerate(tree.body):
        docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        at = node.end_lineno or at
    return at
