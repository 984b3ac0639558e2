"""Failures that a test expects: what `pytest.raises` shows, and what a handler lets pass."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from bot.guard.names import Names, folded

# What is raised by a mistake in a test as easily as by the service: expecting it shows nothing.
_MISTAKES = frozenset(
    {"Exception", "BaseException", "AssertionError", "TypeError", "AttributeError", "NameError", "ImportError"}
    | {"UnboundLocalError", "SyntaxError", "RecursionError", "SystemExit", "KeyboardInterrupt", "ExceptionGroup"}
)


def is_telling(raises: ast.Call, names: Names) -> bool:
    """Tell whether `pytest.raises(...)` expects something that the service must do on purpose."""
    matching = [folded(keyword.value) for keyword in raises.keywords if keyword.arg == "match"]
    if any(text and text.strip(".*^$+") for text in matching):
        return True
    return bool(raises.args) and _on_purpose(raises.args[0], names)


def only_calls(body: Sequence[ast.stmt], names: Names, own: Collection[str]) -> bool:
    """Tell whether a block does nothing that could fail but `execute`, or a function of the file (one of `own`)."""
    first = body[0] if len(body) == 1 else None
    call = first.value if isinstance(first, ast.Expr | ast.Assign) else None
    if not isinstance(call, ast.Call):
        return False
    return "executor.execute" in names.dotted(call.func) or (isinstance(call.func, ast.Name) and call.func.id in own)


def is_telling_handler(handler: ast.ExceptHandler, names: Names) -> bool:
    """Tell the same of `except ...`."""
    return handler.type is not None and _on_purpose(handler.type, names)


def _on_purpose(kinds: ast.expr, names: Names) -> bool:
    parts = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
    known = [target.split(".")[-1].lstrip("@") for part in parts for target in names.dotted(part)]
    return bool(known) and not _MISTAKES.intersection(known)


def fails(statements: Sequence[ast.stmt]) -> bool:
    """Tell whether a block always ends in a failure of the test."""
    match statements[-1] if statements else None:
        case ast.Raise() | ast.Assert(test=ast.Constant(value=False | 0 | None)):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="fail"))):
            return True
    return False


def leaves(statements: Sequence[ast.stmt]) -> bool:
    """Tell whether a `finally` throws away what was raised before it."""
    return any(
        isinstance(part, ast.Return | ast.Break | ast.Continue) for node in statements for part in ast.walk(node)
    )
