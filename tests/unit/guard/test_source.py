"""A file is parsed once, whatever it holds, and says which names nothing defines."""

from __future__ import annotations

import ast

import pytest

from bot.guard.source import Source


def read(text: str) -> Source:
    return Source.read("executor.py", text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1\n", ""),
        ("x = 1\ndef f(:\n", "executor.py, line 2: invalid syntax: `def f(:`"),
        ("x\0", "executor.py cannot be parsed: "),
        ("-" * 100_000 + "1", "executor.py"),
    ],
)
def test_a_text_that_cannot_be_parsed_is_an_empty_file_with_a_fault(text: str, fault: str) -> None:
    source = read(text)
    assert source.fault.startswith(fault)
    assert bool(source.fault) == bool(fault) == (source.tree.body == [])
    assert source.undefined == {}


@pytest.mark.parametrize(
    ("text", "undefined"),
    [
        ("x = y\nz = y + x\n", {"y": [1, 2]}),
        ("def f():\n    return g()\ndef g():\n    return 1\n", {}),
        ("def f():\n    a = 1\n    return a\ndef g():\n    return a\n", {"a": [5]}),
        ("def f():\n    global a\n    a = 1\ndef g():\n    return a\n", {}),
        ("x = [y for y in z if y]\n", {"z": [1]}),
        ("try:\n    pass\nexcept ValueError as error:\n    pass\nx = lambda: error\n", {"error": [5]}),
        ("match 1:\n    case y:\n        print(y, __file__, __name__)\n", {}),
        ("def f(x: 'np.ndarray') -> 'pd.DataFrame':\n    return x\n", {}),
        ("from math import *\nx = y\n", {}),
        ("class A:\n    x: int = 1\n    def f(self) -> int:\n        return x\n", {"x": [4]}),
        ("x = " + "-" * 900 + "y\n", {}),
    ],
)
def test_names_that_nothing_defines(text: str, undefined: dict[str, list[int]]) -> None:
    assert read(text).undefined == undefined


def test_the_bare_tree_has_no_docstrings_and_no_main_block_and_the_tree_keeps_them() -> None:
    text = '"""File."""\nclass A:\n    """Class."""\n    def f(self):\n        """Method."""\n        if self:\n'
    text += '            def g():\n                """Inner."""\n                return 1\n            return g\n'
    text += 'if __name__ == "__main__":\n    A().f()\n'
    source = read(text)
    bare = "class A:\n\n    def f(self):\n        if self:\n\n"
    bare += "            def g():\n                return 1\n            return g"
    assert ast.unparse(source.bare) == bare
    assert ast.unparse(source.tree) == ast.unparse(ast.parse(text))
