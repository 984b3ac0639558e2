"""A file of Python source: parsed once, with everything that the rules derive from it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pyflakes.checker import Checker
from pyflakes.messages import UndefinedName

from bot.guard.names import Function, Names, module_bindings

_Node = TypeVar("_Node", bound=ast.AST)


@dataclass(frozen=True)
class Source:
    """A file of Python source.

    Attributes:
        name: the file's name, such as "executor.py".
        tree: its syntax tree; an empty module where the text cannot be parsed. Nobody changes it.
        fault: why the text cannot be parsed, as a sentence; "" where it can.
    """

    name: str
    text: str
    tree: ast.Module = field(compare=False, repr=False)
    fault: str = ""

    @classmethod
    def read(cls, name: str, text: str) -> Source:
        """Parse the text of the file `name`."""
        try:
            return cls(name, text, ast.parse(text, filename=name))
        except SyntaxError as error:
            fault = f"{name} cannot be parsed: {error.msg}"
            if error.lineno is not None:
                fault = f"{name}, line {error.lineno}: {error.msg}: `{(error.text or '').strip()[:200]}`"
        except (ValueError, RecursionError, MemoryError) as error:
            # A null character, or nesting that no person writes.
            fault = f"{name} cannot be parsed: {error or type(error).__name__}"
        return cls(name, text, ast.Module(body=[], type_ignores=[]), fault)

    @property
    def too_deep(self) -> str:
        """The fault of a file for which a rule raises RecursionError."""
        return f"{self.name} is nested too deeply; write it in simpler steps"

    @cached_property
    def bare(self) -> ast.Module:
        """The tree without docstrings and without `if __name__ == "__main__":` blocks: no test run and no server enters
        such a block. Expressions are shared with `tree`."""
        statements = [node for node in self.tree.body if not _is_main(node)]
        return _without_docstrings(ast.Module(body=statements, type_ignores=[]))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the bare tree."""
        return tuple(ast.walk(self.bare))

    @cached_property
    def names(self) -> Names:
        """What the names of the bare tree stand for."""
        return Names(self.nodes)

    @cached_property
    def bindings(self) -> Mapping[str, list[ast.AST]]:
        """What binds each name of the bare tree's own scope, see `module_bindings`."""
        return module_bindings(self.bare)

    @cached_property
    def undefined(self) -> Mapping[str, list[int]]:
        """The names that the file uses and nothing defines, each with the lines where it is used.

        Empty where that cannot be known: in a file that imports `*`, or is nested too deeply.
        """
        try:
            messages = Checker(self.tree, filename=self.name).messages
        except RecursionError:
            return {}
        # Pyflakes also reports names in quoted annotations. Python does not look those up.
        written = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        lines: dict[str, list[int]] = {}
        for message in messages:
            if isinstance(message, UndefinedName) and message.message_args[0] in written:
                lines.setdefault(str(message.message_args[0]), []).append(message.lineno)
        return lines


def _is_main(node: ast.stmt) -> bool:
    match node:
        case ast.If(
            test=ast.Compare(
                left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]
            ),
            orelse=[],
        ):
            return True
    return False


def _without_docstrings(node: _Node) -> _Node:
    """Return a copy of a node that holds statements. Its expressions are not copied, because that is slow."""
    plain = copy.copy(node)
    for name, parts in ast.iter_fields(node):
        if isinstance(parts, list) and parts and isinstance(parts[0], ast.stmt | ast.ExceptHandler | ast.match_case):
            setattr(plain, name, [_without_docstrings(part) for part in parts])
    if isinstance(plain, ast.Module | ast.ClassDef | Function) and ast.get_docstring(plain) is not None:
        plain.body = plain.body[1:] or ([] if isinstance(plain, ast.Module) else [ast.Pass()])
    return plain
