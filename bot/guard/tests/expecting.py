"""Exceptions that a test expects: whether `pytest.raises` or a handler shows that the service raised on purpose."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from bot.guard.names import Names, folded

# Exceptions that a mistake in the test raises as easily as the service does: to expect one shows nothing.
_MISTAKES = frozenset(
    {"Exception", "BaseException", "AssertionError", "TypeError", "AttributeError", "NameError", "ImportError"}
    | {"UnboundLocalError", "SyntaxError", "RecursionError", "SystemExit", "KeyboardInterrupt", "ExceptionGroup"}
)


def is_telling(raises: ast.Call, names: Names) -> bool:
    """Tell whether `pytest.raises(...)` expects an exception that the service must raise on purpose."""
    matching = [folded(keyword.value) for keyword in raises.keywords if keyword.arg == "match"]
    if any(text and text.strip(".*^$+") for text in matching):
        return True
    return bool(raises.args) and _on_purpose(raises.args[0], names)


def only_calls(body: Sequence[ast.stmt], names: Names, own: Collection[str]) -> bool:
    """Tell whether a block only calls `execute`, or a function of the file (one of `own`); nothing else can fail."""
    first = body[0] if len(body) == 1 else None
    call = first.value if isinstance(first, ast.Expr | ast.Assign) else None
    if not isinstance(call, ast.Call):
        return False
    return "executor.execute" in names.dotted(call.func) or (isinstance(call.func, ast.Name) and call.func.id in own)


def is_telling_handler(handler: ast.ExceptHandler, names: Names) -> bool:
    """Tell whether `except ...` expects an exception that the service must raise on purpose."""
    return handler.type is not None and _on_purpose(handler.type, names)


def _on_purpose(kinds: ast.expr, names: Names) -> bool:
    parts = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
    known = [target.split(".")[-1].lstrip("@") for part in parts for target in names.dotted(part)]
    return bool(known) and not _MISTAKES.intersection(known)


def fails(statements: Sequence[ast.stmt]) -> bool:
    """Tell whether a block always ends with a failure of the test."""
    match statements[-1] if statements else None:
        case ast.Raise() | ast.Assert(test=ast.Constant(value=False | 0 | None)):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="fail"))):
            return True
    return False


def leaves(statements: Sequence[ast.stmt]) -> bool:
    """Tell whether a `finally` drops an exception that was raised before it."""
    return any(
        isinstance(part, ast.Return | ast.Break | ast.Continue) for node in statements for part in ast.walk(node)
    )
