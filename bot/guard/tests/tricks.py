"""Tricks by which a test file could keep its tests from running or counting, or reach into the code around them.

The rules read source: they find what is written plainly or behind a variable. What is put together while the code runs
is left to the build, which counts a scenario as tested only if its test ran to the end and passed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from bot.guard.names import IMPORTERS, Names, folded
from bot.guard.rule import Rule
from bot.guard.source import Source
from bot.guard.tests.rules import ENDS_EARLY, HIDES_CODE, REACHES_CALLER, REPLACES_CODE, SKIPS, TOUCHES_RUN

FORBIDDEN: Mapping[Rule, frozenset[str]] = {
    ENDS_EARLY: frozenset(
        {
            "os._exit",
            "posix._exit",
            "os.abort",
            "os.kill",
            "os.killpg",
            "os.fork",
            "os.forkpty",
            "os.execv",
            "os.execve",
        }
        | {"os.execvp", "os.execvpe", "os.execl", "os.execlp", "signal.raise_signal", "signal.pthread_kill"}
        | {"signal.signal", "signal.alarm", "signal.setitimer", "faulthandler", "atexit", "sys.exit", "exit", "quit"}
        | {"SystemExit", "KeyboardInterrupt", "pytest.exit"}
    ),
    REACHES_CALLER: frozenset(
        {"sys._getframe", "sys._current_frames", "sys.settrace", "sys.setprofile", "sys.monitoring", "sys.addaudithook"}
        | {"threading.settrace", "threading.setprofile", "inspect.stack", "inspect.currentframe", "inspect.trace"}
        | {"inspect.getouterframes", "traceback.extract_stack", "traceback.walk_stack", "traceback.format_stack"}
        | {"gc.get_objects", "gc.get_referrers"}
    ),
    REPLACES_CODE: frozenset(
        {"sys.modules", "sys.meta_path", "sys.path", "sys.path_hooks", "site", "importlib.reload", "__builtins__"}
        | {"object.__setattr__", "type.__setattr__", "setattr", "delattr", "unittest.mock", "pytest.MonkeyPatch"}
    ),
    HIDES_CODE: frozenset(
        {"exec", "eval", "compile", "globals", "code.interact", "code.InteractiveInterpreter", "runpy", "__import__"}
        | {"importlib.import_module", "importlib.util", "importlib.machinery"}
    ),
    TOUCHES_RUN: frozenset(
        {"_pytest", "pluggy", "conftest", "test_executor", "sys.argv", "sys.orig_argv", "unittest.main", "pytest.main"}
        | {"pytest.hookimpl", "pytest.hookspec", "pytest.register_assert_rewrite"}
    ),
    SKIPS: frozenset({"unittest.SkipTest", "pytest.skip", "pytest.importorskip", "pytest.xfail"}),
}
MARKS = frozenset({"parametrize", "usefixtures", "filterwarnings"})
"""The marks of pytest under which every test runs and counts."""
ESCAPES = frozenset(
    {"skip", "skipif", "skipIf", "skipUnless", "skipTest", "SkipTest", "xfail", "importorskip", "expectedFailure"}
    | {"__test__", "add_marker", "applymarker"}
)
"""Names by which a test could avoid to run or to count, whatever they are attributes of."""
COMPARISONS = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__bool__", "__len__", "__hash__"}
)
"""Methods by which a value decides the result of a comparison with it."""
INTERNALS = frozenset(
    {"__globals__", "__code__", "__closure__", "__defaults__", "__kwdefaults__", "__subclasses__", "__wrapped__"}
    | {"f_back", "f_globals", "f_locals", "f_builtins", "gi_frame", "tb_frame", "cr_frame"}
)
"""Attributes by which code reaches other code."""
_TEST_FILES = ("test_executor.py", "conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "sitecustomize.py")
_TOUCHING = frozenset({"open", "Path", "PurePath", "remove", "unlink", "rename", "replace", "copy", "copyfile", "move"})


def hidden_names(source: Source) -> Iterator[str]:
    """Yield where a file uses a name that the rules cannot read, such as `getattr(os, name)`, or reaches other code."""
    names = source.names
    for node in source.nodes:
        match node:
            case ast.Attribute(attr=attribute) if attribute in INTERNALS:
                yield REACHES_CALLER.refuse(f"must not use `{attribute}`; leave it out")
            case ast.Attribute(value=base, attr="__dict__") if _is_module(base, names):
                yield REPLACES_CODE.refuse(f"must not use `{ast.unparse(node)}`; leave it out")
            case ast.Call():
                yield from _hidden_in_call(node, names)


def _hidden_in_call(call: ast.Call, names: Names) -> Iterator[str]:
    match call:
        case ast.Call(func=function, args=[base, name, *_]) if "getattr" in names.dotted(function):
            if folded(name) in INTERNALS:
                yield REACHES_CALLER.refuse(f"must not use `{folded(name)}`; leave it out")
            elif folded(name) is None and _is_module(base, names):
                yield HIDES_CODE.refuse(f"must not use `getattr({ast.unparse(base)}, ...)`; write the name itself")
        case ast.Call(func=function, args=[module, *_]) if names.dotted(function) & IMPORTERS:
            if folded(module) is None:
                yield HIDES_CODE.refuse(f"must not use `{ast.unparse(function)}`; write `import` with the name itself")
        case ast.Call(func=ast.Name(id="type"), args=[_, _, _]):
            yield HIDES_CODE.refuse("must not make classes with `type(...)`; write a class")
        case ast.Call(func=ast.Name(id="vars"), args=[base]) if _is_module(base, names):
            yield REPLACES_CODE.refuse(f"must not use `{ast.unparse(call)}`; leave it out")


def _is_module(node: ast.expr, names: Names) -> bool:
    return any(target.split(".")[0] in names.roots for target in names.dotted(node))


def touched_test_files(source: Source) -> Iterator[str]:
    """Yield where a file touches files of the test run: it must not read, write or delete them."""
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _TOUCHING:
                parts: list[ast.expr] = [*node.args, *(keyword.value for keyword in node.keywords)]
                if isinstance(node.func, ast.Attribute):
                    parts.append(node.func.value)
                if name == "open" and _writes(node) and any(_is_own_file(part) for part in parts):
                    yield TOUCHES_RUN.refuse("must not write to its own file; use `tmp_path`")
            case ast.BinOp(op=ast.Div()):
                parts = [node.left, node.right]
            case ast.Call(func=ast.Attribute(value=base, attr="write_text" | "write_bytes" | "touch")):
                parts = [base]
                if _is_own_file(base):
                    yield TOUCHES_RUN.refuse("must not write to its own file; use `tmp_path`")
            case _:
                continue
        for part in parts:
            text = (folded(part) or "").replace("\\", "/").rsplit("/", 1)[-1].lower()
            if text in _TEST_FILES or (text.startswith("test_") and text.endswith(".py")):
                yield TOUCHES_RUN.refuse(f"must not touch `{text}`; use `tmp_path`")


def _is_own_file(node: ast.expr) -> bool:
    """Tell whether an expression is the path of the file itself."""
    match node:
        case ast.Name(id="__file__"):
            return True
        case ast.Call(args=[first, *_]):
            return _is_own_file(first)
        case ast.Call(func=ast.Attribute(value=base)):
            return _is_own_file(base)
    return False


def _writes(call: ast.Call) -> bool:
    modes = [folded(part) or "" for part in [*call.args, *(keyword.value for keyword in call.keywords)]]
    return any(mode and set(mode) <= set("rwaxbt+") and set(mode) & set("wax+") for mode in modes)
