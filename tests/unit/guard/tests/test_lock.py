"""A model that tries: no lock and no rule of a test file can be talked around; what is honest passes."""

from __future__ import annotations

import ast
import itertools

import pytest

from bot.guard.source import Source
from bot.guard.tests import lock_faults, scenario_faults
from bot.values.service import Scenario

PERSON = Scenario(name="hello", text='"hello" gives "HELLO"')
GENERATED = Scenario(name="empty", text="An empty text stays empty", generated=True)
SCENARIOS = (PERSON, GENERATED)
BEFORE = '''"""The tests."""

import base64

import pytest

WORD = "hello"
CASES = [("a", "A"), ("b", "B")]


def run(call, text):
    """Run it."""
    status, answer = call({"text": shaped(text)})
    return answer["result"]


def shaped(text):
    return text.strip()


@pytest.fixture
def done(call):
    return run(call, WORD)


def test_hello(call, done):
    """A person's."""
    assert done == "HELLO"
    assert base64.b64encode(done.encode()) == b"SEVMTE8="


def test_empty(call):
    assert call({"text": ""})[1]["result"] == ""


@pytest.mark.parametrize(("given", "wanted"), CASES)
def test_more(call, given, wanted):
    assert run(call, given) == wanted


class TestRest:
    def test_one(self, call):
        assert run(call, "x") == "X"

    def test_two(self, call):
        assert run(call, "y") == "Y"
'''


def read(text: str) -> Source:
    return Source.read("test_executor.py", text)


def tried(after: str, *disputed: str) -> str:
    """Return why a changed test file is refused; nothing where it is taken."""
    before, source = read(BEFORE), read(after)
    return "\n".join([*scenario_faults(source, SCENARIOS), *lock_faults(before, source, disputed)])


def changed(old: str, new: str) -> str:
    assert old in BEFORE
    return BEFORE.replace(old, new, 1)


def test_the_file_itself_passes() -> None:
    assert scenario_faults(read(BEFORE), SCENARIOS) == []
    assert tried(BEFORE) == ""


HONEST = {
    "comments": BEFORE.replace("\ndef ", "\n# why\ndef "),
    "layout": ast.unparse(ast.parse(BEFORE)),
    "docstrings": BEFORE.replace('"""A person\'s."""', '"""It says hello."""').replace('    """Run it."""\n', ""),
    "no module docstring": changed('"""The tests."""\n', ""),
    "quotes": changed('WORD = "hello"', "WORD = 'hello'"),
    "order": changed("def shaped(text):\n    return text.strip()\n\n\n", "")
    + "\n\ndef shaped(text):\n    return text.strip()\n",
    "one import more": changed("import base64\n", "import base64\nimport json\n"),
    "a new test": BEFORE + "\n\ndef test_new(call):\n    assert run(call, 'q') == 'Q'\n",
    "a new test with a new function": BEFORE + "\n\ndef twice(t):\n    return t * 2\n\n\ndef test_new(call):\n"
    "    assert run(call, twice('q')) == 'QQ'\n",
    "a new constant": BEFORE + "\nOTHER = {'x': 1}\n\n\ndef test_new(call):\n    assert run(call, 'x') == 'X', OTHER\n",
    "run by hand": BEFORE + "\n\nif __name__ == '__main__':\n    pytest.main([__file__])\n",
    "annotated constant": BEFORE + "\nLIMIT: int = 3\n",
    "a new fixture": BEFORE + "\n\n@pytest.fixture\ndef other():\n    return 'z'\n\n\ndef test_new(call, other):\n"
    "    assert run(call, other) == 'Z'\n",
    "a new class of tests": BEFORE
    + "\n\nclass TestNew:\n    def test_it(self, call):\n        assert run(call, 'k') == 'K'\n",
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_change_is_taken(name: str) -> None:
    assert tried(HONEST[name]) == ""


DISPUTED = [
    ("test_empty", changed('call({"text": ""})[1]["result"] == ""', 'call({"text": "  "})[1]["result"] == ""')),
    ("empty", changed('call({"text": ""})[1]["result"] == ""', 'call({"text": "  "})[1]["result"] == ""')),
    ("test_more", changed('assert run(call, given) == wanted', 'assert run(call, given).upper() == wanted')),
    ("test_more", changed('assert run(call, given) == wanted', 'assert run(call, given) == wanted.upper()')),
    ("test_two", changed('run(call, "y") == "Y"', 'run(call, "y") == "y"')),
    ("TestRest", changed('run(call, "y") == "Y"', 'run(call, "y") == "y"')),
    ("test_two", changed('\n    def test_two(self, call):\n        assert run(call, "y") == "Y"\n', "")),
    # What only a disputed test uses may change with it.
    ("test_more", changed('CASES = [("a", "A")', 'CASES = [("a", "AA")')),
]  # fmt: skip


@pytest.mark.parametrize(("name", "after"), DISPUTED)
def test_a_generated_test_may_change_once_it_is_disputed(name: str, after: str) -> None:
    assert "must stay as it is" in tried(after)
    assert tried(after, name) == ""


def test_a_disputed_test_may_not_go_and_must_still_test() -> None:
    gone = changed('def test_empty(call):\n    assert call({"text": ""})[1]["result"] == ""\n', "")
    assert "has no function `test_empty`" in tried(gone, "test_empty")
    weak = changed('assert call({"text": ""})[1]["result"] == ""', 'call({"text": ""})')
    assert "must assert what the scenario expects" in tried(weak, "test_empty")


LOCK = {
    "deleted": changed('def test_hello(call, done):\n    """A person\'s."""\n    assert done == "HELLO"\n'
    '    assert base64.b64encode(done.encode()) == b"SEVMTE8="\n', ""),
    "renamed": changed("def test_hello", "def check_hello"),
    "made a method": changed("def test_hello(call, done):", "class TestHello:\n  def test_hello(self, call, done):"),
    "another value": changed('done == "HELLO"', 'done == "hello"'),
    "one assert less": changed('    assert done == "HELLO"\n', ""),
    "commented out": changed('    assert done == "HELLO"\n', '    # assert done == "HELLO"\n    pass\n'),
    "or True": changed('done == "HELLO"', 'done == "HELLO" or True'),
    "in instead of equal": changed('done == "HELLO"', '"H" in done'),
    "returns first": changed('    assert done == "HELLO"', '    return\n    assert done == "HELLO"'),
    "only if": changed('    assert done == "HELLO"', '    if done == "HELLO":\n        assert done == "HELLO"'),
    "swallowed": changed('    assert done == "HELLO"', '    try:\n        assert done == "HELLO"\n'
    '    except AssertionError:\n        pass'),
    "skipped": changed("def test_hello", '@pytest.mark.skip(reason="flaky")\ndef test_hello'),
    "skipped if": changed("def test_hello", "@pytest.mark.skipif(True, reason='x')\ndef test_hello"),
    "expected to fail": changed("def test_hello", "@pytest.mark.xfail(strict=False)\ndef test_hello"),
    "skipped inside": changed('    assert done == "HELLO"', '    pytest.skip()\n    assert done == "HELLO"'),
    "never run": changed("def test_hello", '@pytest.mark.parametrize("x", [])\ndef test_hello'),
    "decorated away": changed("def test_hello", "def off(f):\n    return lambda: None\n\n\n@off\ndef test_hello"),
    "made async": changed("def test_hello", "async def test_hello"),
    "defined again": BEFORE + "\n\ndef test_hello(call, done):\n    pass\n",
    "defined again by assignment": BEFORE + "\ntest_hello = lambda: None\n",
    "defined again in a block": BEFORE + "\nif True:\n    def test_hello():\n        pass\n",
    "defined again by import": BEFORE + "\nfrom os import getcwd as test_hello\n",
    "deleted at the end": BEFORE + "\ndel test_hello\n",
    "deleted through globals": BEFORE + '\ngone = globals().pop("test_hello")\n',
    "__test__": BEFORE + "\ntest_hello.__test__ = False\n",
    "__code__": BEFORE + "\ntest_hello.__code__ = (lambda done: None).__code__\n",
    "default argument": changed("def test_hello(call, done):", 'def test_hello(call, done="HELLO"):'),
    "the fixture": changed("    return run(call, WORD)", '    return "HELLO"'),
    "the fixture's name": changed("@pytest.fixture\ndef done", '@pytest.fixture(name="other")\ndef done'),
    "a fixture over it": BEFORE + '\n\n@pytest.fixture(name="done")\ndef other():\n    return "HELLO"\n',
    "the function it uses": changed('    return answer["result"]', "    return text.upper()"),
    "an import of the service": BEFORE + "\nimport executor\n",
    "the door defined": BEFORE + "\n\n@pytest.fixture\ndef call():\n    return lambda request: (200, {})\n",
    "the function that uses": changed("    return text.strip()", "    return text.strip() + '!'"),
    "the constant it uses": changed('WORD = "hello"', 'WORD = "HELLO"'),
    "the constant set again": BEFORE + '\nWORD = "HELLO"\n',
    "the constant set in a class": BEFORE + "\n\nclass Late:\n    global WORD\n    WORD = 'x'\n",
    "the constant changed by a test": BEFORE + "\n\ndef test_a(call):\n    global WORD\n    WORD = 'HELLO'\n"
    "    assert run(call, 'a') == 'A'\n",
    "the import": changed("import base64\n", "import json as base64\n"),
    "a part of it patched": BEFORE + "\n\ndef test_a(call, monkeypatch):\n"
    "    monkeypatch.setattr('executor.convert', lambda x: 'A')\n    assert run(call, 'a') == 'A'\n",
    "a function of Python's": BEFORE + "\n\ndef len(x):\n    return 5\n",
    "a builtin patched": BEFORE + "\n\ndef test_a(call, monkeypatch):\n"
    "    monkeypatch.setattr('builtins.len', lambda x: 5)\n    assert run(call, 'a') == 'A'\n",
    "a builtin set": BEFORE + "\nimport builtins\nbuiltins.len = lambda x: 5\n",
    "a library set": BEFORE + "\nbase64.b64encode = lambda x: b'SEVMTE8='\n",
    "an autouse fixture": BEFORE + "\n\n@pytest.fixture(autouse=True)\ndef around(monkeypatch):\n    yield\n",
    "setup_function": BEFORE + "\n\ndef setup_function(function):\n    pass\n",
    "a hook": BEFORE + "\n\ndef pytest_runtest_makereport(item, call):\n    pass\n",
    "a hook by assignment": BEFORE + "\npytest_collection_modifyitems = lambda items: items.clear()\n",
    "pytestmark": BEFORE + "\npytestmark = pytest.mark.usefixtures('tmp_path')\n",
    "pytest_plugins": BEFORE + "\npytest_plugins = ['executor']\n",
    "collect_ignore": BEFORE + "\ncollect_ignore = ['test_executor.py']\n",
    "exit": BEFORE + "\nimport os\nos._exit(0)\n",
    "exit by __import__": BEFORE + "\n\ndef test_a(call):\n    __import__('os')._exit(0)\n",
    "sys.modules": BEFORE + "\nimport sys\nsys.modules['executor'] = None\n",
    "sys.path": BEFORE + "\nimport sys\nX = sys.path.insert(0, '/tmp')\n",
    "exec": BEFORE + "\nX = exec('test_hello = None')\n",
    "eval": BEFORE + "\nX = eval('1')\n",
    "globals": BEFORE + "\n\ndef test_a(call):\n    globals()['test_hello'] = None\n",
    "star import": BEFORE + "\nfrom os import *\n",
    "code at the top": BEFORE + "\nprint('x')\n",
    "a loop at the top": BEFORE + "\nfor i in range(3):\n    pass\n",
    "try at the top": BEFORE + "\ntry:\n    import numpy\nexcept ImportError:\n    numpy = None\n",
    "a value that equals all": BEFORE + "\n\nclass Any:\n    def __eq__(self, other):\n        return True\n",
    "mock.ANY": BEFORE + "\nfrom unittest.mock import ANY\n\n\ndef test_a(call):\n    assert run(call, 'a') == ANY\n",
    "a frame": BEFORE + "\nimport sys\n\n\ndef test_a(call):\n    sys._getframe(1).f_globals['x'] = 1\n",
    "its globals": BEFORE + "\n\ndef test_a(call):\n    test_hello.__globals__['run'] = str.upper\n",
    "a fixture of pytest's": changed("def test_empty(call):",
    "def test_empty(call):\n    pass\n\n\ndef test_other(call):"),
    "an extra test is gone": changed("@pytest.mark.parametrize((\"given\", \"wanted\"), CASES)\n"
    "def test_more(call, given, wanted):\n    assert run(call, given) == wanted\n", ""),
    "an extra test's cases": changed('CASES = [("a", "A"), ("b", "B")]', 'CASES = [("a", "A")]'),
    "a class's test": changed('assert run(call, "x") == "X"', 'assert run(call, "x")'),
    "a class's test is gone": changed('    def test_one(self, call):\n        assert run(call, "x") == "X"\n\n', ""),
}  # fmt: skip


@pytest.mark.parametrize("name", LOCK)
def test_an_attempt_on_a_test_is_refused(name: str) -> None:
    assert tried(LOCK[name]) != ""


@pytest.mark.parametrize("name", LOCK)
def test_a_dispute_frees_no_other_test(name: str) -> None:
    """Whatever is called wrong, the other tests and what they use stay."""
    assert tried(LOCK[name], "test_other", "done", "run") != ""


def test_every_trick_at_the_top_is_refused_in_a_first_version_too() -> None:
    at_the_top = [name for name, source in LOCK.items() if source.startswith(BEFORE)]
    assert len(at_the_top) > 40
    weaker = {"setup_function", "the constant set again"}
    taken = [name for name in at_the_top if not scenario_faults(read(LOCK[name]), SCENARIOS) and name not in weaker]
    assert taken == []


def test_a_forgotten_import_may_be_added_and_nothing_else() -> None:
    test = "def test_hello(call):\n    assert json.loads(call({'text': 'hello'})[1]['result']) == ['HELLO']\n"
    before = read(test)

    def after(head: str) -> str:
        source = read(head + test)
        return "\n".join([*scenario_faults(source, (PERSON,)), *lock_faults(before, source, ())])

    assert "`json`" in after("")
    assert after("import json\n") == ""
    assert after("json = base64 = None\n") != ""
    assert after("class json:\n    loads = str\n\n\n") != ""


def test_a_fixture_of_pytest_is_not_covered_up() -> None:
    source = "def test_hello(call, tmp_path):\n    assert call(tmp_path)[0] == 200\n"
    fake = source + "import pytest\n@pytest.fixture\ndef tmp_path():\n    return 'x'\n"
    assert lock_faults(read(source), read(fake), ()) != []


def test_what_a_person_broke_or_wrote_for_the_first_time_is_no_matter_of_the_lock() -> None:
    new = read(BEFORE)
    assert lock_faults(read(""), new, ()) == []
    assert lock_faults(read("def broken(:"), read(BEFORE + "def setup_module():\n    pass\n"), ()) == []
    assert lock_faults(read("import json"), new, ()) == []


def test_what_a_person_changed_on_the_branch_is_what_is_locked() -> None:
    mine = changed('done == "HELLO"', 'done == "HELLO!"')
    assert lock_faults(read(mine), read(mine), ()) == []
    back = "\n".join(lock_faults(read(mine), read(BEFORE), ["test_empty"]))
    assert "`test_hello` differs (it no longer holds 'HELLO!')" in back


def test_no_two_tricks_together_hide_each_other() -> None:
    additions = [source.removeprefix(BEFORE) for source in LOCK.values() if source.startswith(BEFORE)]
    for first, second in itertools.islice(itertools.pairwise(additions), 0, None, 3):
        assert tried(BEFORE + first + second) != ""


@pytest.mark.parametrize("at", range(1, len(ast.parse(BEFORE).body)))
def test_no_statement_but_the_docstring_can_be_left_out(at: int) -> None:
    tree = ast.parse(BEFORE)
    del tree.body[at]
    assert tried(ast.unparse(tree)) != ""


def test_no_literal_of_a_locked_test_can_be_changed() -> None:
    """Every constant that a person's test depends on, one after another."""
    places = [node for node in ast.walk(ast.parse(BEFORE)) if isinstance(node, ast.Constant)]
    changed_silently = []
    for number in range(len(places)):
        tree = ast.parse(BEFORE)
        node = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)][number]
        was = node.value
        node.value = b"other" if isinstance(was, bytes) else "other"
        if not lock_faults(read(BEFORE), read(ast.unparse(tree)), ()):
            changed_silently.append(was)
    assert changed_silently == ["The tests.", "Run it.", "A person's."]
