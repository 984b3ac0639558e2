"""The rules for `executor.py`: each with its reason, its examples, and its check.

What the service answers is shown by the build, which asks it over HTTP and lets nothing of it near the tests. These
rules say what such a run cannot show, or what would cost a build for certain.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

from bot.foreign import find_keys
from bot.guard.names import IMPORTERS
from bot.guard.rule import Rule, forbidden_names
from bot.guard.source import Source

_CLASSES = ("Input", "Output")
"""What executor.py takes from interface.py."""
_GOOD = "def execute(input: Input) -> Output: return Output(result=input.text.upper())"

INTERFACE = Rule(
    "executor-interface",
    "The server reads requests and writes answers with these two classes.",
    bad="class Output(dict): pass",
    good="class Part(dict): pass",
)
UNKNOWN_IMPORT = Rule(
    "executor-unknown-import",
    "The service would not start.",
    bad="from interface import Size",
    good="from decimal import Decimal",
)
EXECUTE = Rule(
    "executor-execute",
    "The server calls this function, and this one alone.",
    bad=f"async {_GOOD}",
    good=_GOOD,
)
UNDEFINED = Rule(
    "executor-undefined-name",
    "The service would fail when it comes there.",
    bad="def size(text): return math.sqrt(len(text))",
    good="import math\ndef size(text): return math.sqrt(len(text))",
)
UNCHECKED = Rule(
    "executor-unchecked-output",
    "Such an answer may be another than the service's description promises.",
    bad="def answer(): return Output.model_construct(result=5)",
    good='def answer(): return Output(result="5")',
)
ENDS_SERVICE = Rule(
    "executor-ends-service",
    "One request must not end the service for all others.",
    bad="import sys\ndef stop(): sys.exit(1)",
    good='def stop(): raise ValueError("the text is empty")',
)
RUNS_TEXT = Rule(
    "executor-runs-text",
    "Text that a caller sends could become code.",
    bad="def computed(text): return eval(text)",
    good="import ast\ndef computed(text): return ast.literal_eval(text)",
)
KNOWS_TESTS = Rule(
    "executor-knows-tests",
    "A service does the same whether it is tested or not.",
    bad='import os\nTESTED = os.path.isdir("/usr/local/lib/testing")',
    good='import os\nLEVEL = os.environ.get("LEVEL", "1")',
)
HOLDS_SECRET = Rule(
    "executor-holds-secret",
    "Everybody can read the repository, and a service needs no secret.",
    bad='KEY = "AKIAQ7ZPW3XN5R2JT4VD"',
    good='WORD = "hello"',
)
RULES = (
    *(INTERFACE, UNKNOWN_IMPORT, EXECUTE, UNDEFINED, UNCHECKED, ENDS_SERVICE, RUNS_TEXT, KNOWS_TESTS, HOLDS_SECRET),
)

_FORBIDDEN: Mapping[Rule, frozenset[str]] = {
    ENDS_SERVICE: frozenset(
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
        | {"os.execvp", "os.execvpe", "os.execl", "os.execlp", "signal.raise_signal", "sys.exit", "exit", "quit"}
        | {"SystemExit", "KeyboardInterrupt"}
    ),
    RUNS_TEXT: frozenset({"exec", "eval", "compile", "code.interact", "code.InteractiveInterpreter", "runpy"}),
    KNOWS_TESTS: frozenset({"sys.argv", "sys.orig_argv"}),
}
_OF_TESTS = "lib/testing"
"""What the image has in its test stage alone. Of pytest itself a service sees nothing, in whatever way it asks."""


def executor_faults(source: Source, before: Source | None = None) -> list[str]:
    """Return what the rules refuse of the file, in words for the model.

    Args:
        before: the file on the branch, if there is one; a person may have changed it. A fix may keep what would be
            refused in new code.
    """
    if source.fault:
        return [source.fault]
    if before is not None and before.fault:
        before = None
    try:
        faults = [*_shape(source, before), *_behaviour(source)]
        theirs = set(_behaviour(before)) if before is not None else set()
    except RecursionError:
        return [source.too_deep]
    return [f"{source.name} {fault}" for fault in dict.fromkeys(faults) if fault not in theirs]


def interface_faults(source: Source, known: Collection[str]) -> list[str]:
    """Return what the file imports from interface.py although that does not define it.

    Args:
        known: the names that interface.py defines.
    """
    asked = [
        alias.name
        for node in source.nodes
        if isinstance(node, ast.ImportFrom) and node.module == "interface"
        for alias in node.names
    ]
    missing = [name for name in dict.fromkeys(asked) if name not in known and name != "*"]
    return [
        UNKNOWN_IMPORT.refuse(f"{source.name}: interface.py has no `{name}`; it has {', '.join(known)}")
        for name in missing
    ]


def undefined_faults(source: Source, before: Source | None = None) -> list[str]:
    """Return which names the file uses and nothing defines, but for those that `before` used in the same way."""
    names = source.undefined.keys() - (before.undefined.keys() if before is not None else set())
    return [
        UNDEFINED.refuse(f"{source.name} uses `{name}`, which is not defined; define or import it")
        for name in sorted(names)
    ]


def _shape(source: Source, before: Source | None) -> Iterator[str]:
    for name in _CLASSES:
        # A service of before there was an interface.py has its classes in executor.py.
        own = before is not None and _is_class(before, name)
        if not own and source.names.imported.get(name, set()) != {f"interface.{name}"}:
            yield INTERFACE.refuse("must begin with `from interface import Input, Output`")
        if len(source.bindings.get(name, ())) > 1:
            yield INTERFACE.refuse(f"must define `{name}` once, and leave it so")
    if len(source.bindings.get("execute", ())) > 1:
        yield EXECUTE.refuse("must define `execute` once, and leave it so")
    functions = [node for node in source.bare.body if isinstance(node, ast.FunctionDef) and node.name == "execute"]
    if not functions:
        yield EXECUTE.refuse("must define `def execute(input: Input) -> Output` at top level, not async")
    elif not _takes_one(functions[-1].args):
        yield EXECUTE.refuse("must have an `execute` that takes exactly one argument, `input: Input`")


def _is_class(source: Source, name: str) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.name == name for node in source.bare.body)


def _takes_one(arguments: ast.arguments) -> bool:
    wanted = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    return wanted == 1 and None not in arguments.kw_defaults


def _behaviour(source: Source) -> Iterator[str]:
    yield from forbidden_names(source, _FORBIDDEN)
    for node in source.nodes:
        match node:
            case ast.Attribute(attr="model_construct"):
                yield UNCHECKED.refuse("must not use `model_construct`; call the class")
            case ast.Call(func=function, args=[module, *_]) if source.names.dotted(function) & IMPORTERS:
                if not isinstance(module, ast.Constant):
                    yield RUNS_TEXT.refuse(f"must not use `{ast.unparse(function)}` here; import a module by its name")
            case ast.Constant(value=str(text)) if _OF_TESTS in text:
                yield KNOWS_TESTS.refuse(f"must not ask whether it is tested: `{text[:60]}`; leave it out")
    for key in find_keys(source.text):
        yield HOLDS_SECRET.refuse(f"must not hold a secret: {key.place}; leave it out")
