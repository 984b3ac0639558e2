"""What `executor.py` must be, whatever it does: the shape its server expects, and nothing that fools its tests."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator

from bot.guard import tricks
from bot.guard.executor.fields import Classes, Declared, differences
from bot.guard.names import Function, Names, bare, bound, free, own_nodes
from bot.values.service import Spec

_TOO_DEEP = "executor.py is nested too deeply; write it in simpler steps"
# What machine learning needs around every call; any other decorator could answer instead of the function.
_DECORATORS = frozenset({"torch.no_grad", "torch.inference_mode"})
_BUILTIN_TYPES = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "set", "bytes", "bytearray"})
# Some libraries are set up by an attribute of a standard module.
_SETTINGS = frozenset({"ssl._create_default_https_context"})
_LOOKUPS = frozenset({"shutil.which", "os.environ.get", "os.getenv", "str"})
_AT_IMPORT = frozenset({"threading.Thread", "threading.Timer", "multiprocessing.Process", "subprocess.Popen"})


def parse(name: str, source: str) -> ast.Module | str:
    """Return the syntax tree of a file, or what is wrong with it."""
    try:
        return ast.parse(source, filename=name)
    except SyntaxError as error:
        if error.lineno is None:
            return f"{name} cannot be parsed: {error.msg}"
        return f"{name}, line {error.lineno}: {error.msg}: `{(error.text or '').strip()[:200]}`"
    except (ValueError, RecursionError, MemoryError) as error:
        # A null byte, or nesting that no person writes.
        return f"{name} cannot be parsed: {error or type(error).__name__}"


def problems(tree: ast.Module, spec: Spec, *, same_fields: bool = False, before: ast.Module | None = None) -> list[str]:
    """Return how the file differs from what the service's server and its specification expect, in words for the model.

    Args:
        same_fields: the fields are those of the file before, whatever the specification says.
        before: the file on the branch, if there is one: what it does that is refused in new code is a person's, and
            stays.
    """
    try:
        found = [*_shape(bare(tree), spec, same_fields), *_tricks(bare(tree))]
        if before is not None:
            theirs = set(_tricks(bare(before)))
            found = [problem for problem in found if problem not in theirs]
    except RecursionError:
        return [_TOO_DEEP]
    return list(dict.fromkeys(found))


def undefined(tree: ast.Module) -> list[str]:
    """Return which names the file uses and nothing defines, as far as that can be told."""
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
        return []
    known = {*dir(builtins), "__file__", "__name__", "__doc__"}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    names = sorted(free(tree) - known - stored)
    return [f"executor.py uses `{name}`, which is not defined; define or import it" for name in names]


def fields(tree: ast.Module, name: str) -> frozenset[tuple[str, Declared]]:
    """Return the fields of class `name`, each with its type; empty where there is no such class."""
    return frozenset(Classes(tree).declared(name).items())


def _shape(tree: ast.Module, spec: Spec, same_fields: bool) -> Iterator[str]:
    classes = Classes(tree)
    definitions = bound(tree)
    for name, schema in (("Input", spec.input_schema), ("Output", spec.output_schema)):
        if name not in classes.classes:
            yield f"executor.py must define `class {name}(BaseModel)` at top level"
            continue
        yield from (f"executor.py: {text}" for text in classes.faults(name))
        if not same_fields:
            yield from (f"executor.py: {text}" for text in differences(name, classes.declared(name), schema))
    for name in ("Input", "Output", "execute"):
        if len(definitions.get(name, ())) > 1:
            yield f"executor.py must define `{name}` once, and leave it so"
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "execute"]
    if not functions:
        yield "executor.py must define `def execute(input: Input) -> Output` at top level, not async"
        return
    function = functions[-1]
    arguments = function.args
    wanted = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    if wanted != 1 or any(default is None for default in arguments.kw_defaults):
        yield "executor.py: `execute` must take exactly one argument, `input: Input`"
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function)):
        yield "executor.py: `execute` must return an Output, not yield"
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not classes.names.dotted(called) & _DECORATORS:
            yield f"executor.py: `execute` must not be decorated with `{ast.unparse(called)}`"


def _tricks(tree: ast.Module) -> list[str]:
    names = Names(tree)
    found = [f"must not use `{name}`: {why}" for name, why in tricks.named(tree, names, tricks.IN_EXECUTOR)]
    found += tricks.hidden_names(tree, names)
    found += tricks.test_files(tree)
    found += [f"must not ask whether it is tested: `{text}`" for text in tricks.mentions_test_run(tree)]
    found += _assignments(tree, names)
    found += _comparisons(tree, names)
    found += _at_import(tree, names)
    return [f"executor.py {text}" for text in found]


def _assignments(tree: ast.Module, names: Names) -> Iterator[str]:
    """Yield what is put in the place of other code: in a module of Python's, pydantic's, or a class of the file."""
    own = {node.name for node in tree.body if isinstance(node, ast.ClassDef | Function)}
    for node in ast.walk(tree):
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
                # Whatever is unpacked is no constant.
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
    """Tell whether a function of a library is replaced; a setting (a number, a path, ...) is not."""
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


def _comparisons(tree: ast.Module, names: Names) -> Iterator[str]:
    """Yield methods by which an output could decide what a test's comparison says."""
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}

    def is_builtin(node: ast.ClassDef, depth: int = 0) -> bool:
        return depth < 6 and any(
            names.dotted(base) & _BUILTIN_TYPES
            or (isinstance(base, ast.Name) and base.id in classes and is_builtin(classes[base.id], depth + 1))
            for base in node.bases
        )

    for node in classes.values():
        for part in node.body:
            if isinstance(part, Function):
                if part.name in {"__getattr__", "__getattribute__"}:
                    yield f"must not define `{part.name}` in the class {node.name}: it answers to any name"
                elif part.name in tricks.COMPARISONS and (is_builtin(node) or _ignores(part)):
                    yield f"must not define `{part.name}` in the class {node.name}: values are compared as they are"
            elif isinstance(part, ast.Assign) and not (
                isinstance(part.value, ast.Constant) and part.value.value is None
            ):
                for target in part.targets:
                    if isinstance(target, ast.Name) and target.id in tricks.COMPARISONS:
                        yield f"must not set `{target.id}` in the class {node.name}: values are compared as they are"
    for constant in ast.walk(tree):
        if isinstance(constant, ast.Constant) and constant.value in tricks.COMPARISONS:
            yield f"must not use `{constant.value}` as a text: values are compared as they are"


def _ignores(method: Function) -> bool:
    """Tell whether a comparison does not look at what it compares."""
    parameters = {argument.arg for argument in [*method.args.posonlyargs, *method.args.args]}
    looked_at = {node.id for part in method.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    two = method.name in {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}
    return len(parameters & looked_at) < (2 if two else 1)


def _at_import(tree: ast.Module, names: Names) -> Iterator[str]:
    for node in own_nodes(tree):
        if isinstance(node, ast.Call) and names.dotted(node.func) & _AT_IMPORT:
            yield f"must not start `{ast.unparse(node.func)}` when it is imported; do it in `execute`"
