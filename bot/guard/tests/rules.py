"""The rules for `test_executor.py`: each with its reason and examples. The checks are in the modules beside this one.

That a test runs and can fail is no rule: the build shows it, as it also runs the tests against services that do
nothing. These say what such a run cannot show. The examples are tests of `SCENARIO`.
"""

from __future__ import annotations

from bot.guard.rule import Rule
from bot.values.service import Scenario

SCENARIO = Scenario(
    name="hello",
    text='Send {"text": "hello"}: the answer is {"result": "HELLO"}',
    request={"text": "hello"},
    expected={"result": "HELLO"},
)
"""What the examples test."""
_ASSERTED = 'assert call({"text": "hello"}) == (200, {"result": "HELLO"})'
_GOOD = f"def test_hello(call): {_ASSERTED}"

MISSING = Rule(
    "test-missing",
    "What a person asked for is tested under its own name.",
    bad=_GOOD.replace("hello(", "greeting("),
    good=_GOOD,
)
SENDS_NOTHING = Rule(
    "test-sends-nothing",
    "The service is tested as its callers use it.",
    bad='def test_hello(): assert {"text": "hello", "result": "HELLO"}',
    good=_GOOD,
)
ASSERTS_NOTHING = Rule(
    "test-asserts-nothing",
    "A test without an assertion cannot fail.",
    bad='def test_hello(call): print("HELLO", call({"text": "hello"}))',
    good=_GOOD,
)
UNDEFINED = Rule(
    "test-undefined-name",
    "The test would fail whatever the service does.",
    bad=f"def test_hello(call, client): {_ASSERTED}",
    good=f"def test_hello(call, tmp_path): {_ASSERTED}",
)
LEFT_OPEN = Rule(
    "test-left-open",
    "A `...` of the form stands for a value that nobody has written yet.",
    bad=_GOOD.replace('"HELLO"', '"HELLO", "length": ...'),
    good=_GOOD,
)
OTHER_REQUEST = Rule(
    "test-other-request",
    "A request that a person wrote as data is sent as it is.",
    bad=_GOOD.replace('"hello"}', '"hello", "margin": 4}'),
    good=_GOOD,
)
LACKS_DATA = Rule(
    "test-lacks-data",
    "What a person wrote is taken literally.",
    bad=_GOOD.replace("HELLO", "Hello"),
    good=_GOOD,
)
IMPORTS_SERVICE = Rule(
    "test-imports-service",
    "The service runs in another process, as another user.",
    bad="from executor import execute",
    good=_GOOD,
)
IMPORTS_STAR = Rule(
    "test-imports-star",
    "Nobody sees which names such an import replaces.",
    bad="from math import *",
    good="from math import isclose",
)
DEFINED_TWICE = Rule(
    "test-defined-twice",
    "Of two functions of one name only the last one runs.",
    bad=f"{_GOOD}\n{_GOOD}",
    good=f"{_GOOD}\n{_GOOD.replace('hello(', 'hello_again(')}",
)
DEFINES_HOOK = Rule(
    "test-defines-hook",
    "pytest takes these names for orders to itself.",
    bad='collect_ignore = ["test_executor.py"]',
    good='IGNORED = ["b"]',
)
HIDES_BUILTIN = Rule(
    "test-hides-builtin",
    "An assertion that uses the name would mean something else.",
    bad="def len(text): return 5",
    good="def length(text): return len(text)",
)
HIDES_DOOR = Rule(
    "test-hides-door",
    "The test would speak to itself and not to the service.",
    bad='def call(request): return 200, {"result": "HELLO"}',
    good='def ask(call, text): return call({"text": text})',
)
GLOBAL = Rule(
    "test-global",
    "One test would change what another one means.",
    bad="seen = []\ndef note(text): global seen; seen = [text]",
    good="def note(seen, text): return [*seen, text]",
)
CODE_AT_TOP = Rule(
    "test-code-at-top",
    "What runs before the tests can decide what they do.",
    bad='print("hello")',
    good='WORDS = ("hello", "bye")',
)
ACTS_UNSEEN = Rule(
    "test-fixture-unseen",
    "A test depends on nothing that it does not name.",
    bad="@pytest.fixture(autouse=True)\ndef prepared(): return 1",
    good="@pytest.fixture\ndef prepared(): return 1",
)
REPLACES_CODE = Rule(
    "test-replaces-code",
    "What other code does must stay as it is, and the service cannot be reached so anyway.",
    bad=f"def test_hello(call, monkeypatch): {_ASSERTED}",
    good=f"def test_hello(call, tmp_path): {_ASSERTED}",
)
DECIDES_COMPARISON = Rule(
    "test-decides-comparison",
    "A value that is compared must not decide the comparison.",
    bad="class Anything:\n    def __eq__(self, other): return True",
    good="class Wanted:\n    def fits(self, other): return other == 5",
)
HOLDS_SECRET = Rule(
    "test-holds-secret",
    "Everybody can read the repository, and a service needs no secret.",
    bad='KEY = "AKIAQ7ZPW3XN5R2JT4VD"',
    good='WORD = "hello"',
)

RULES = (
    *(MISSING, SENDS_NOTHING, ASSERTS_NOTHING, UNDEFINED, LEFT_OPEN, OTHER_REQUEST, LACKS_DATA),
    *(IMPORTS_SERVICE, IMPORTS_STAR, DEFINED_TWICE, DEFINES_HOOK, HIDES_BUILTIN, HIDES_DOOR, GLOBAL, CODE_AT_TOP),
    *(ACTS_UNSEEN, REPLACES_CODE, DECIDES_COMPARISON, HOLDS_SECRET),
)
