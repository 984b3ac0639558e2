"""A text that a person quotes, and a file that one names, are in the scenario's test, however it writes them."""

from __future__ import annotations

import base64

import pytest

from bot.guard.source import Source
from bot.guard.tests import scenario_faults
from bot.values.service import Scenario

HEAD = "import base64\nimport json\nimport pytest\nHEADING = '# Grüße'\n"
RULE = "# Grüße"


def faults(body: str, *quotes: str, files: tuple[str, ...] = (), head: str = "def test_x(call, fixture):\n") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = Source.read("test_executor.py", f"{HEAD}{head}{lines}\n")
    assert not source.fault
    return "\n".join(scenario_faults(source, (Scenario(name="x", text="...", quotes=quotes, files=files),)))


@pytest.mark.parametrize(
    ("quote", "body"),
    [
        (RULE, "assert call({'text': '# Grüße'})[0] == 200"),
        (RULE, "assert call({'text': HEADING})[0] == 200"),
        (RULE, "assert call({'text': '# Gru\\u0308ße and more'})[0] == 200"),
        (RULE, "assert call({'text': f'{HEADING}!' + '# Gr' + 'üße'})[0] == 200"),
        (RULE, "name = 'Grüße'\nassert call({'text': f'# {name}'})[0] == 200"),
        (RULE, "assert call({'text': ' '.join(['#', 'Grüße'])})[0] == 200"),
        (RULE, 'assert call(raw=\'{"text": "# Grüße"\'.encode())[0] == 422'),
        (RULE, 'assert call(raw=b\'{"text": "# Gr\\\\u00fc\\\\u00dfe"}\')[0] == 200'),
        (RULE, 'assert call(raw=b\'{"text": "# Gr\\\\u00fc\\\\u00dfe\')[0] == 422'),
        (RULE, "assert call({'text': base64.b64encode('# Grüße'.encode()).decode()})[0] == 200"),
        (RULE, f"assert call({{'text': {base64.b64encode(RULE.encode()).decode()!r}}})[0] == 200"),
        (RULE, "data = json.dumps({'text': '# Grüße'}).encode()\nassert call(raw=data)[0] == 200"),
        ("one two\\nthree", "assert call({'text': 'one two\\nthree'})[0] == 200"),
        ("one two\\nthree", "assert call({'text': 'one two\\\\nthree'})[0] == 200"),
        ("one two\nthree", "assert call({'text': '\\n'.join(['one  two', 'three'])})[0] == 200"),
        ("one two\\nthree", "lines = ['one two', 'three']\nassert call({'lines': lines})[0] == 200"),
        ("\\frac{a}{b}", "assert call({'text': '\\\\frac{a}{b} + 1'})[0] == 200"),
        ("\\frac{a}{b}", "assert call({'text': r'\\frac{a}{b}'})[0] == 200"),
        ('Ada,\\"London\\"', "assert call({'text': 'Ada,\"London\"'})[0] == 200"),
        ("36", "assert call({})[1]['age'] == 36"),
        ("36", "assert call({})[1]['age'] == '36'"),
        ("-1.50", "assert call({'n': -1.5})[0] == 200"),
        ("<B>x</B>", "assert '<b>x</b>' in call({})[1]['html'].lower()"),
        ("<ul> <li>a</li> </ul>", "assert '<ul><li>a</li></ul>' == ''.join(call({})[1]['html'].split())"),
        ("%PDF", "assert base64.b64decode(call({})[1]['file']).startswith(b'%PDF-\\xff')"),
        ("x" * 3_000, "assert call({'text': 'x' * 3000})[0] == 200"),
    ],
)
def test_it_is_there(quote: str, body: str) -> None:
    assert faults(body, quote) == ""


def test_it_is_there_as_a_case_or_in_what_the_test_uses() -> None:
    head = "@pytest.mark.parametrize('text', ['# Grüße', 'x'])\ndef test_x(call, text):\n"
    assert faults("assert call({'text': text})[0] == 200", RULE, head=head) == ""
    head = "def send(call):\n    return call({'text': HEADING})\n\n\ndef test_x(call):\n"
    assert faults("assert send(call)[0] == 200", RULE, head=head) == ""


@pytest.mark.parametrize(
    ("quote", "body"),
    [
        pytest.param(RULE, "assert call({'text': '# Gruesse'})[0] == 200", id="another text"),
        pytest.param(RULE, "assert call({'text': '# grüße'})[0] == 200", id="another case"),
        pytest.param(RULE, "'# Grüße'\nassert call({})[0] == 200", id="a docstring"),
        pytest.param(RULE, "assert call({})[0] == 200, '# Grüße'", id="the message of an assert"),
        pytest.param(RULE, "assert call({})[0] == 200  # Grüße", id="a comment"),
        pytest.param("a b", "assert call({'text': 'ab'})[0] == 200", id="without its space"),
        pytest.param("one\\ntwo", "assert call({'text': 'one'})[0] == 200", id="a line of it"),
        pytest.param("\\frac{a}{b}", "assert call({'text': '\\frac{a}{b}'})[0] == 200", id="an escape by mistake"),
        pytest.param("<b>x</b>", "assert '<b>' in call({})[1]['html']", id="a part of it"),
        pytest.param("36", "assert call({})[1]['age'] == 37", id="another number"),
        pytest.param("1", "_, answer = call({})\nassert answer['ok'] is True", id="true is no number"),
    ],
)
def test_what_lacks_it_is_refused_with_the_text(quote: str, body: str) -> None:
    assert faults(body, quote) == (
        f"test_executor.py: `test_x` must hold {quote!r}, which its scenario quotes, letter for letter: send it, or "
        "assert it. What a person wrote is taken literally. [test-lacks-data]"
    )


def test_the_text_is_told_as_python_would_write_it() -> None:
    assert "must hold 'Ada,\"London\"', which" in faults("assert call({})[0] == 200", 'Ada,\\"London\\"')


def test_a_value_of_a_field_is_told_once() -> None:
    source = Source.read("test_executor.py", "def test_x(call):\n    assert call({})[0] == 200\n")
    scenario = Scenario(name="x", text="...", given={"text": "hello"}, quotes=("hello",))
    assert len(scenario_faults(source, (scenario,))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "assert call({'file': base64.b64encode(fixture('photo.png')).decode()})[0] == 200",
        "for name in ['photo.png']:\n    assert call({'file': base64.b64encode(fixture(name)).decode()})[0] == 200",
    ],
)
def test_the_file_is_used(body: str) -> None:
    assert faults(body, files=("photo.png",)) == ""


@pytest.mark.parametrize(
    "body",
    [
        "assert call({'file': base64.b64encode(b'photo.png').decode()})[0] == 200",
        "assert call({'file': base64.b64encode(fixture('other.png')).decode()})[0] == 200",
    ],
)
def test_a_test_without_the_file_is_refused(body: str) -> None:
    assert 'must use the file that its scenario names: with the parameter `fixture`, `fixture("photo.png")`' in faults(
        body, files=("photo.png",)
    )


def test_lists_that_hold_each_other_are_read_in_bounds() -> None:
    doubled = "\n".join(f"a{n + 1} = [a{n}, a{n}]" for n in range(60))
    joined = "\n".join(f"t{n + 1} = f'{{t{n}}}{{t{n}}}'" for n in range(60))
    body = f"a0 = ['x']\nt0 = 'x'\n{doubled}\n{joined}\nassert call({{'text': a60, 't': t60}})[0] == 200"
    assert "must hold 'y'" in faults(body, "y")
