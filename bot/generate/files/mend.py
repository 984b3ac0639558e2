"""What is mended without asking the model: an import that was forgotten, and the package an import is known to need."""

from __future__ import annotations

import ast
import builtins

from bot.guard.names import free
from bot.guard.packages.famous import FAMOUS

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


def with_imports(name: str, source: str) -> str:
    """Return a file with the imports it lacks, as far as a name leaves no doubt; unchanged where it does not parse.

    Args:
        name: "executor.py" or "test_executor.py", which also may use what it tests, and pytest.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    known = dict(_NAMES)
    if name == "test_executor.py":
        known |= {"pytest": "import pytest"}
        known |= {part: f"from executor import {part}" for part in ("Input", "Output", "execute")}
    lacking = sorted(free(tree) - set(dir(builtins)) - _assigned(tree))
    modules = _MODULES | (_reached_into(tree) & FAMOUS)
    lines = [known.get(word) or f"import {word}" for word in lacking if word in known or word in modules]
    if not lines:
        return source
    at = _first_line(tree)
    text = source.split("\n")
    return "\n".join([*text[:at], *lines, *text[at:]])


def with_classes(source: str, classes: str) -> str:
    """Return executor.py with each of `Input`, `Output` and `execute` once: the last of several, and the classes as
    they have to be where there is none; unchanged where it does not parse.

    Args:
        classes: source of the classes `Input` and `Output`.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    lacking = [node for node in ast.parse(classes).body if isinstance(node, ast.ClassDef) and node.name not in defined]
    lines = source.split("\n")
    for node in reversed(_repeated(tree)):
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        del lines[first - 1 : node.end_lineno]
    if not lacking:
        return "\n".join(lines)
    at = max((node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)), default=0)
    added = [f"\n\n{ast.get_source_segment(classes, node)}\n" for node in lacking]
    return "\n".join([*lines[:at], *added, *lines[at:]])


def _repeated(tree: ast.Module) -> list[ast.ClassDef | ast.FunctionDef]:
    """Return the definitions of a service's parts that a later one replaces, in order."""
    parts = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in ("Input", "Output", "execute")
    ]
    return [node for number, node in enumerate(parts) if node.name in {later.name for later in parts[number + 1 :]}]


def _reached_into(tree: ast.Module) -> set[str]:
    """Return the names of which only parts are used, as in `qrcode.make(...)`."""
    whole = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    parts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {node.id for node in whole} - {node.id for node in whole if id(node) not in parts}


def _assigned(tree: ast.Module) -> set[str]:
    """Return the names given a value anywhere: one of another scope may be meant, so no import is guessed for it."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}


def _first_line(tree: ast.Module) -> int:
    """Return after how many lines an import can stand: behind the docstring and `from __future__`."""
    at = 0
    for number, node in enumerate(tree.body):
        docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        at = node.end_lineno or at
    return at
