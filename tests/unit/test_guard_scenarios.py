"""Every scenario keeps a test that calls the service, asserts something, and runs."""

from __future__ import annotations

import ast

import pytest

from bot.guard.scenarios import problems, weakened
from bot.models import Scenario

HELLO = (Scenario(name="hello", text='"hello" with 3 gives "HELLO"'),)
GOOD = """
from executor import Input, execute

def test_hello():
    result = execute(Input(text="hello", times=3))
    assert result.text == "HELLO"
    assert result.times == 3
"""


def faults(source: str) -> str:
    return "\n".join(problems(ast.parse(source), HELLO))


@pytest.mark.parametrize(
    "source",
    [
        GOOD,
        "import executor\ndef test_hello():\n    r = executor.execute(1)\n    assert r",
        "from executor import *\nimport pytest\ndef test_hello():\n    with pytest.raises(E):\n        execute(1)",
        # Through a function and a fixture of its own.
        "from executor import execute\ndef run():\n    return execute(1)\ndef test_hello(done):\n    assert done\n"
        "import pytest\n@pytest.fixture\ndef done():\n    return run()",
    ],
)
def test_honest_tests_pass(source: str) -> None:
    assert faults(source) == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def test_hello():\n    assert execute(1)", "must begin with `from executor import"),
        ("from executor import execute\ndef test_other():\n    assert execute(1)", "has no function `test_hello`"),
        ("from executor import execute\nclass T:\n    def test_hello(self):\n        assert execute(1)", "no function"),
        ("from executor import execute\ndef test_hello():\n    assert 1 == one", "must call `execute`"),
        ("from executor import execute\ndef test_hello():\n    execute(1)", "must assert"),
        ("from executor import execute\ndef test_hello():\n    execute(1)\n    assert True", "must assert"),
        (GOOD + "\ndef test_hello():\n    pass", "defines `test_hello` twice"),
        (GOOD + "\ndef execute(x):\n    return x", "must import `execute`, not define it"),
        (GOOD.replace("def test", "import pytest\n@pytest.mark.skip\ndef test"), "must not use `skip`"),
        (GOOD.replace("def test", "import pytest\n@pytest.mark.xfail(strict=False)\ndef test"), "not use `xfail`"),
        (GOOD.replace("    result", "    pytest.skip('no')\n    result"), "must not use `skip`"),
        (GOOD.replace("def test", "from pytest import skip as go\ndef test"), "must not use `skip`"),
        (GOOD + "\npytestmark = pytest.mark.skipif(True)", "must not use `skipif`"),
        (GOOD + "\ntest_hello.__test__ = False", "must not use `__test__`"),
    ],
)
def test_what_does_not_test_the_scenario_is_refused(source: str, words: str) -> None:
    assert words in faults(source)


def changes(after: str) -> str:
    return "\n".join(weakened(ast.parse(GOOD), ast.parse(after), HELLO))


@pytest.mark.parametrize(
    "after",
    [
        GOOD,
        GOOD.replace("result.text", "result.upper"),
        GOOD.replace('execute(Input(text="hello", times=3))', 'execute(Input(**{"text": "hello", "times": 3}))'),
        GOOD + "    assert result.extra\n",
        GOOD + "\ndef test_more():\n    assert execute(Input(text='x', times=1))\n",
    ],
)
def test_a_test_may_be_written_better(after: str) -> None:
    assert changes(after) == ""


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (GOOD.replace('    assert result.text == "HELLO"\n', '    print("HELLO")\n'), "fewer asserts"),
        (GOOD.replace('"HELLO"', '"hello"'), "no longer holds 'HELLO'"),
        (GOOD.replace('text="hello"', 'text="x"'), "no longer holds 'hello'"),
        (GOOD.replace("3", "4"), "no longer holds 3"),
    ],
)
def test_a_weaker_test_is_refused(after: str, words: str) -> None:
    assert words in changes(after)


def test_a_docstring_and_parts_of_words_are_no_data() -> None:
    before = 'from executor import execute\ndef test_hello():\n    """hello"""\n    assert execute(1)[0] == "ell"\n'
    after = "from executor import execute\ndef test_hello():\n    assert execute(1).text\n"
    assert weakened(ast.parse(before), ast.parse(after), HELLO) == []
