"""What every `executor.py` must be: it has the shape that its server expects, and it does not fool its tests."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator

from bot.guard import tricks
from bot.guard.names import Function, Names, own_nodes
from bot.guard.source import Source

_CLASSES = ("Input", "Output")
"""What executor.py takes from interface.py."""
# Machine learning needs these around a call. Any other decorator could answer instead of the function.
_DECORATORS = frozenset({"torch.no_grad", "torch.inference_mode"})
_BUILTIN_TYPES = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "set", "bytes", "bytearray"})
# Attributes of standard modules that are set to configure a library.
_SETTINGS = frozenset({"ssl._create_default_https_context"})
_LOOKUPS = frozenset({"shutil.which", "os.environ.get", "os.getenv", "str"})
_AT_IMPORT = frozenset({"threading.Thread", "threading.Timer", "multiprocessing.Process", "subprocess.Popen"})


def executor_faults(source: Source, before: Source | None = None) -> list[str]:
    """Return how the file differs from what the service's server expects, in words for the model.

    Args:
        before: the file on the branch, if there is one; a person may have changed it. A fix may keep what would be
            refused in new code.
    """
    if source.fault:
        return [source.fault]
    if before is not None and before.fault:
        before = None
    try:
        faults = [*_shape(source, before), *_tricks(source)]
        theirs = set(_tricks(before)) if before is not None else set()
    except RecursionError:
        return [source.too_deep]
    return [fault for fault in dict.fromkeys(faults) if fault not in theirs]


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
    return [f"{source.name}: interface.py has no `{name}`; it has {', '.join(known)}" for name in missing]


def undefined_faults(source: Source, before: Source | None = None) -> list[str]:
    """Return which names the file uses and nothing defines, but for those that `before` used in the same way."""
    names = source.undefined.keys() - (before.undefined.keys() if before is not None else set())
    return [f"{source.name} uses `{name}`, which is not defined; define or import it" for name in sorted(names)]


def _shape(source: Source, before: Source | None) -> Iterator[str]:
    for name in _CLASSES:
        # A service of before there was an interface.py has its classes in executor.py.
        own = before is not None and _is_class(before, name)
        if not own and source.names.imported.get(name, set()) != {f"interface.{name}"}:
            yield "executor.py must begin with `from interface import Input, Output`"
    for name in (*_CLASSES, "execute"):
        if len(source.bindings.get(name, ())) > 1:
            yield f"executor.py must define `{name}` once, and leave it so"
    functions = [node for node in source.bare.body if isinstance(node, ast.FunctionDef) and node.name == "execute"]
    if functions:
        yield from (f"executor.py: `execute` must {text}" for text in _signature(functions[-1], source.names))
    else:
        yield "executor.py must define `def execute(input: Input) -> Output` at top level, not async"


def _is_class(source: Source, name: str) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.name == name for node in source.bare.body)


def _signature(function: ast.FunctionDef, names: Names) -> Iterator[str]:
    """Yield what `execute` must do so that the server can call it."""
    arguments = function.args
    wanted = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    if wanted != 1 or any(default is None for default in arguments.kw_defaults):
        yield "take exactly one argument, `input: Input`"
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function)):
        yield "return an Output, not yield"
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not names.dotted(called) & _DECORATORS:
            yield f"not be decorated with `{ast.unparse(called)}`"


def _tricks(source: Source) -> list[str]:
    faults = [
        *tricks.forbidden_names(source, tricks.IN_EXECUTOR),
        *tricks.hidden_names(source),
        *tricks.touched_test_files(source),
        *(f"must not ask whether it is tested: `{text}`" for text in tricks.mentions_of_test_run(source)),
        *_assignments(source),
        *_comparisons(source),
        *_starts_at_import(source),
    ]
    return [f"executor.py {fault}" for fault in faults]


def _assignments(source: Source) -> Iterator[str]:
    """Yield where other code is replaced: in a module of Python or pydantic, or in a class of the service."""
    names = source.names
    own = {*_CLASSES, *(node.name for node in source.bare.body if isinstance(node, ast.ClassDef | Function))}
    for node in source.nodes:
        for target, value in _stores(node):
            if isinstance(target, ast.Subscript):
                owner = target.value.func if isinstance(target.value, ast.Call) else target.value
                if names.dotted(owner) & {"globals", "vars", "sys.modules", "__builtins__"}:
                    yield f"must not assign to `{ast.unparse(target)}`: {tricks.REPLACES}"
                continue
            special = target.attr.startswith("__") and target.attr.endswith("__") and target.attr != "__doc__"
            by_name = isinstance(target.value, ast.Name) and target.value.id in own
            if special or (by_name and not isinstance(value, ast.Constant)) or _replaces(target, value, names):
                yield f"must not assign to `{ast.unparse(target)}`: {tricks.REPLACES}"
        if isinstance(node, ast.Call) and names.dotted(node.func) & {"setattr", "delattr"} and node.args:
            roots = {known.split(".")[0] for known in names.dotted(node.args[0])}
            if roots & names.roots or (isinstance(node.args[0], ast.Name) and node.args[0].id in own):
                yield f"must not use `{ast.unparse(node.func)}` on `{ast.unparse(node.args[0])}`: {tricks.REPLACES}"
        if isinstance(node, ast.Attribute) and node.attr == "model_construct":
            yield "must not use `model_construct`: it leaves out the check of the fields"


def _stores(node: ast.AST) -> Iterator[tuple[ast.Attribute | ast.Subscript, ast.expr | None]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                # What an unpacked part is set to is not known.
                yield from (
                    (p, value if p is target else None) for p in parts if isinstance(p, ast.Attribute | ast.Subscript)
                )
        case ast.AnnAssign(target=ast.Attribute() | ast.Subscript() as target, value=value):
            yield target, value
        case ast.AugAssign(target=ast.Attribute() | ast.Subscript() as target, value=value):
            yield target, value
        case ast.Delete(targets=targets):
            yield from ((part, None) for part in targets if isinstance(part, ast.Attribute | ast.Subscript))
        case ast.For(target=ast.Attribute() as target) | ast.withitem(optional_vars=ast.Attribute() as target):
            yield target, None


def _replaces(target: ast.Attribute, value: ast.expr | None, names: Names) -> bool:
    """Tell whether an assignment replaces a function of a library; a setting (a number, a path, ...) is allowed."""
    if names.dotted(target.value) & {"builtins", "__builtins__"}:
        return True
    known = {name for name in names.dotted(target) if not name.startswith("@")}
    if not known or known & _SETTINGS or not {name.split(".")[0] for name in known} & names.roots:
        return False
    if any(name.split(".")[0] in sys.stdlib_module_names | {"pydantic", "pydantic_core"} for name in known):
        return True
    if isinstance(value, ast.Call):
        return not names.dotted(value.func) & _LOOKUPS
    return not isinstance(
        value, ast.Constant | ast.UnaryOp | ast.BinOp | ast.JoinedStr | ast.List | ast.Dict | ast.Tuple
    )


def _comparisons(source: Source) -> Iterator[str]:
    """Yield methods by which an output could decide the result of a test's comparison."""
    names = source.names
    classes = {node.name: node for node in source.nodes if isinstance(node, ast.ClassDef)}

    def is_builtin(node: ast.ClassDef, depth: int = 0) -> bool:
        return depth < 6 and any(
            names.dotted(base) & _BUILTIN_TYPES
            or (isinstance(base, ast.Name) and base.id in classes and is_builtin(classes[base.id], depth + 1))
            for base in node.bases
        )

    for node in classes.values():
        for part in node.body:
            if isinstance(part, Function):
                yield from _comparing_method(node, part, is_builtin(node))
            elif isinstance(part, ast.Assign):
                yield from _comparing_attribute(node, part)
    for constant in source.nodes:
        if isinstance(constant, ast.Constant) and constant.value in tricks.COMPARISONS:
            yield f"must not use `{constant.value}` as a text: values are compared as they are"


def _comparing_method(node: ast.ClassDef, method: Function, of_builtin: bool) -> Iterator[str]:
    if method.name in {"__getattr__", "__getattribute__"}:
        yield f"must not define `{method.name}` in the class {node.name}: it answers to any name"
    elif method.name in tricks.COMPARISONS and (of_builtin or _ignores(method)):
        yield f"must not define `{method.name}` in the class {node.name}: values are compared as they are"


def _comparing_attribute(node: ast.ClassDef, assignment: ast.Assign) -> Iterator[str]:
    # `__hash__ = None` is the usual way to say that objects have no hash.
    if isinstance(assignment.value, ast.Constant) and assignment.value.value is None:
        return
    for target in assignment.targets:
        if isinstance(target, ast.Name) and target.id in tricks.COMPARISONS:
            yield f"must not set `{target.id}` in the class {node.name}: values are compared as they are"


def _ignores(method: Function) -> bool:
    """Tell whether a comparison method ignores what it compares."""
    parameters = {argument.arg for argument in [*method.args.posonlyargs, *method.args.args]}
    looked_at = {node.id for part in method.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    two = method.name in {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}
    return len(parameters & looked_at) < (2 if two else 1)


def _starts_at_import(source: Source) -> Iterator[str]:
    for node in own_nodes(source.bare):
        if isinstance(node, ast.Call) and source.names.dotted(node.func) & _AT_IMPORT:
            yield f"must not start `{ast.unparse(node.func)}` when it is imported; do it in `execute`"
