"""Tricks by which a file could make its tests pass without doing what they test: names it must not use, with reasons.

The rules read source. They find a name that is written plainly, or behind a variable, an alias, `getattr` or
`__import__` with literal names. They cannot find a name that is put together while the code runs. The image's build
finds that the tests did not run: it compares the report of the test run with the scenarios in service.json, so that a
scenario counts as tested only if its test ran to the end and passed. The rules are here because a refusal costs one
reply, and a failed build costs much more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from bot.guard.names import IMPORTERS, Names, folded, imports
from bot.guard.source import Source

ENDS = "it ends the process in the middle of its tests"
FRAMES = "it reaches into the code that calls it"
HIDDEN = "it runs code that cannot be read here; write the code itself"
REPLACES = "it changes what other code means"
RUNNER = "the service and its tests leave the test run alone"
SIGNALS = "it works in the main thread only, and a service runs in others"

_BOTH: Mapping[str, str] = {
    "os._exit": ENDS,
    "posix._exit": ENDS,
    "os.abort": ENDS,
    "os.kill": ENDS,
    "os.killpg": ENDS,
    "os.execv": ENDS,
    "os.execve": ENDS,
    "os.execvp": ENDS,
    "os.execvpe": ENDS,
    "os.execl": ENDS,
    "os.execlp": ENDS,
    "os.fork": ENDS,
    "os.forkpty": ENDS,
    "signal.raise_signal": ENDS,
    "signal.pthread_kill": ENDS,
    "faulthandler": ENDS,
    "sys.exit": ENDS,
    "exit": ENDS,
    "quit": ENDS,
    "SystemExit": ENDS,
    "KeyboardInterrupt": ENDS,
    "atexit": ENDS,
    "signal.signal": SIGNALS,
    "signal.alarm": SIGNALS,
    "signal.setitimer": SIGNALS,
    "sys._getframe": FRAMES,
    "sys._current_frames": FRAMES,
    "sys.settrace": FRAMES,
    "sys.setprofile": FRAMES,
    "sys.monitoring": FRAMES,
    "sys.addaudithook": FRAMES,
    "threading.settrace": FRAMES,
    "threading.setprofile": FRAMES,
    "inspect.stack": FRAMES,
    "inspect.currentframe": FRAMES,
    "inspect.getouterframes": FRAMES,
    "inspect.trace": FRAMES,
    "traceback.extract_stack": FRAMES,
    "traceback.walk_stack": FRAMES,
    "traceback.format_stack": FRAMES,
    "gc.get_objects": FRAMES,
    "gc.get_referrers": FRAMES,
    "sys.modules": REPLACES,
    "sys.meta_path": REPLACES,
    "sys.path_hooks": REPLACES,
    "sys.argv": RUNNER,
    "sys.orig_argv": RUNNER,
    "site": REPLACES,
    "importlib.reload": REPLACES,
    "__builtins__": REPLACES,
    "object.__setattr__": REPLACES,
    "type.__setattr__": REPLACES,
    "exec": HIDDEN,
    "eval": HIDDEN,
    "compile": HIDDEN,
    "globals": HIDDEN,
    "code.interact": HIDDEN,
    "code.InteractiveInterpreter": HIDDEN,
    "runpy": HIDDEN,
    "_pytest": RUNNER,
    "pluggy": RUNNER,
    "conftest": RUNNER,
    "test_executor": RUNNER,
}
IN_TESTS: Mapping[str, str] = {
    **_BOTH,
    "sys.path": "executor.py is in the same folder, so that nothing is needed to import it",
    "importlib.import_module": HIDDEN,
    "importlib.util": HIDDEN,
    "importlib.machinery": HIDDEN,
    "__import__": HIDDEN,
    "setattr": REPLACES,
    "delattr": REPLACES,
    "unittest.mock.ANY": "it equals everything",
    "unittest.mock.sentinel": REPLACES,
    "unittest.SkipTest": "every test runs",
    "unittest.main": RUNNER,
    "pytest.skip": "every test runs",
    "pytest.importorskip": "every test runs",
    "pytest.xfail": "every test runs",
    "pytest.exit": ENDS,
    "pytest.main": RUNNER,
    "pytest.hookimpl": RUNNER,
    "pytest.hookspec": RUNNER,
    "pytest.register_assert_rewrite": RUNNER,
    "pytest.MonkeyPatch": REPLACES,
}
IN_EXECUTOR: Mapping[str, str] = {
    **_BOTH,
    "pytest": RUNNER,
    "unittest": RUNNER,
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


def forbidden_names(source: Source, rules: Mapping[str, str]) -> Iterator[str]:
    """Yield a fault for each place where a file uses one of the names in `rules`."""
    names = source.names
    for node in source.nodes:
        targets: set[str] = set()
        match node:
            case ast.Import() | ast.ImportFrom():
                targets |= {target for _, target in imports(node)}
                if isinstance(node, ast.Import):
                    targets |= {alias.name for alias in node.names}
            case ast.Name(ctx=ast.Load()) | ast.Attribute() | ast.Subscript() | ast.Call():
                targets |= names.dotted(node)
        for target in targets:
            parts = target.split(".")
            for length in range(1, len(parts) + 1):
                rule = ".".join(parts[:length])
                if rule in rules:
                    yield f"must not use `{rule.removeprefix('pytest.')}`: {rules[rule]}"


def hidden_names(source: Source) -> Iterator[str]:
    """Yield where a file uses a name that the rules cannot read, such as `getattr(os, name)`, or reaches other code."""
    names = source.names
    for node in source.nodes:
        match node:
            case ast.Attribute(attr=attribute) if attribute in INTERNALS:
                yield f"must not use `{attribute}`: {FRAMES}"
            case ast.Attribute(value=base, attr="__dict__") if _is_module(base, names):
                yield f"must not use `{ast.unparse(node)}`: {REPLACES}"
            case ast.Call():
                yield from _hidden_in_call(node, names)


def _hidden_in_call(call: ast.Call, names: Names) -> Iterator[str]:
    match call:
        case ast.Call(func=function, args=[base, name, *_]) if "getattr" in names.dotted(function):
            if folded(name) in INTERNALS:
                yield f"must not use `{folded(name)}`: {FRAMES}"
            elif folded(name) is None and _is_module(base, names):
                yield f"must not use `getattr({ast.unparse(base)}, ...)` with a name that is no literal: {HIDDEN}"
        case ast.Call(func=function, args=[module, *_]) if names.dotted(function) & IMPORTERS:
            if folded(module) is None:
                yield f"must not use `{ast.unparse(function)}` with a name that is no literal: {HIDDEN}"
        case ast.Call(func=ast.Name(id="type"), args=[_, _, _]):
            yield "must not make classes with `type(...)`: write a class"
        case ast.Call(func=ast.Name(id="vars"), args=[base]) if _is_module(base, names):
            yield f"must not use `{ast.unparse(call)}`: {REPLACES}"


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
                    yield f"must not write to its own file: {RUNNER}"
            case ast.BinOp(op=ast.Div()):
                parts = [node.left, node.right]
            case ast.Call(func=ast.Attribute(value=base, attr="write_text" | "write_bytes" | "touch")):
                parts = [base]
                if _is_own_file(base):
                    yield f"must not write to its own file: {RUNNER}"
            case _:
                continue
        for part in parts:
            text = (folded(part) or "").replace("\\", "/").rsplit("/", 1)[-1].lower()
            if text in _TEST_FILES or (text.startswith("test_") and text.endswith(".py")):
                yield f"must not touch `{text}`: {RUNNER}"


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


def mentions_of_test_run(source: Source) -> Iterator[str]:
    """Yield the texts in a file that code needs only to find out whether it is being tested."""
    for node in source.nodes:
        text = folded(node) if isinstance(node, ast.Constant | ast.BinOp | ast.JoinedStr) else None
        if text is not None and ("pytest" in text.lower() or "test_executor" in text.lower()):
            yield text[:60]
