"""A scenario's test is there, calls the service and asserts what the scenario expects: honest ones pass, others not."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from bot.guard.source import Source
from bot.guard.tests.scenarios import scenario_faults
from bot.values.service import Scenario

HELLO = (Scenario(name="hello", text='"hello" with 3 gives "HELLO"'),)
OUTPUTS: dict[str, Any] = {"found": {"type": "boolean"}, "result": {"type": "string"}}
HEAD = "from executor import Input, Output, execute\nimport base64, io, json, pytest\n"


def written(body: str) -> str:
    return HEAD + "def test_hello():\n" + "\n".join(f"    {line}" for line in body.splitlines()) + "\n"


def read(text: str) -> Source:
    return Source.read("test_executor.py", text)


def faults(source: str, scenarios: tuple[Scenario, ...] = HELLO) -> str:
    return "\n".join(scenario_faults(read(source), scenarios, outputs=OUTPUTS))


@pytest.mark.parametrize(
    "body",
    [
        'assert execute(Input(text="hello")).result == "HELLO"',
        'r = execute(Input(text="hello"))\nassert isinstance(r.text, str)\nassert r.text == "HELLO"',
        'text="hello"\nassert execute(Input(text=text)).n == len(text)',
        'r = execute(Input(text="hello"))\nexpected = "HELLO"\nassert r.text == expected, "no"',
        'import base64\nd = base64.b64decode(execute(Input(text="a")).png)\nassert d[:8] == b"\\x89PNG\\r\\n\\x1a\\n"',
        "import base64, io\nfrom PIL import Image\n"
        'im = Image.open(io.BytesIO(base64.b64decode(execute(Input(text="a")).png)))\nassert im.size == (64, 64)',
        'assert "<h1>" in execute(Input(text="a")).html',
        'for a, b in [("a","A"),("b","B")]:\n    assert execute(Input(text=a)).r == b',
        'with pytest.raises(ValueError):\n    execute(Input(text=""))',
        'with pytest.raises(Exception, match="empty"):\n    execute(Input(text=""))',
        "r = execute(Input(x=1))\nassert r.v == pytest.approx(3.5, abs=0.01)",
        "import math\nassert math.isclose(execute(Input(x=1)).v, 3.5, rel_tol=1e-6)",
        "import numpy as np\nnp.testing.assert_allclose(execute(Input(x=1)).v, [1,2])",
        "import numpy as np\nassert np.allclose(execute(Input(x=1)).v, [1,2])",
        'r = execute(Input(x=1))\nassert r.a == 1 and r.b == "x"',
        "r = execute(Input(x=1))\nassert (r.a, r.b) == (1, 2)",
        'r = execute(Input(x=1)).model_dump()\nassert r["a"] == 1',
        "assert execute(Input(x=1)).ok is True",
        "r = execute(Input(x=1))\nassert 1 <= r.n <= 6",
        'try:\n    execute(Input(x=1))\n    assert False\nexcept ValueError as e:\n    assert "x" in str(e)',
        'r = execute(Input(x=1))\nwords = [w.upper() for w in r.words]\nassert words == ["A"]',
        'r = execute(Input(x=1))\nassert all(w in r.text for w in ["a", "b"])',
        'r = execute(Input(x=1))\nassert any("a" in w for w in r.words)',
        'r = execute(Input(x=1))\nok = r.text == "A"\nassert ok',
        'r = execute(Input(x=1))\nn = 0\nfor w in r.words:\n    if w == "a":\n        n += 1\nassert n == 3',
        'r = execute(Input(x=1))\nassert r.text.startswith("Dear")',
        'import json\nd = json.loads(execute(Input(x=1)).text)\nassert d["a"]["b"] == [1]',
        'import re\nassert re.search(r"\\d+ boxes", execute(Input(x=1)).text) is not None',
        "assert sorted(execute(Input(x=1)).items) == [1,2]",
        "r = execute(Input(x=1))\nassert r.words == []",
        'r = execute(Input(x=1))\nassert set(r.words) >= {"a"}',
        'def run(t):\n    return execute(Input(text=t)).r\nassert run("a") == "A"',
        'r = execute(Input(x=1))\nassert len(r.words) == 3 and r.words[0] == "x"',
        'r = execute(Input(text="hello"))\nassert r.text.isupper()',
        'r = execute(Input(text="hello"))\nassert (r.text or "") == "HELLO"',
        'r = execute(Input(text="hello"))\nif r.text:\n    first = r.text[0]\nelse:\n    first = ""\n'
        'assert first == "H"',
        "assert execute(Input(x=1)).found",
        "assert not execute(Input(x=1)).found",
        "f = execute(Input(x=1)).found\nassert not f",
        'with open("/tmp/x", "wb") as out:\n    out.write(b"x")\nassert execute(Input(x=1)).n == 1',
        'r = execute(Input(text="x"))\nrows = []\nfor line in r.csv.splitlines():\n'
        '    rows.append(line.split(","))\nassert rows[0] == ["a"]',
        'result = execute(Input(text="hello"))\nassert isinstance(result, Output)\nassert result.result == "HELLO"',
        'assert execute(Input(text="hello")) == Output(result="HELLO")',
        'assert execute(Input(text="hello")).model_dump() == {"result": "HELLO"}',
        'input_data = Input(text="hello")\noutput_data = execute(input_data)\n'
        'assert output_data.result == "HELLO", f"Expected HELLO but got {output_data.result}"',
        'cases = {"hello": "HELLO", "a": "A"}\nfor k in cases:\n    assert execute(Input(text=k)).result == cases[k]',
        'expected = ["a", "b"]\nactual = execute(Input(x=1)).words\nassert len(actual) == len(expected)\n'
        "for a, e in zip(actual, expected):\n    assert a == e",
        'out = execute(Input(x=1))\nimg = base64.b64decode(out.image)\nassert img.startswith(b"\\x89PNG")',
        'from PIL import Image\nbuf = io.BytesIO()\nImage.new("RGB", (10, 10)).save(buf, format="PNG")\n'
        "out = execute(Input(image=base64.b64encode(buf.getvalue()).decode()))\n"
        'result = Image.open(io.BytesIO(base64.b64decode(out.image)))\nassert result.mode == "L"\n'
        "assert result.getpixel((0, 0)) == 255",
        "import wave\nout = execute(Input(x=1))\n"
        "with wave.open(io.BytesIO(base64.b64decode(out.sound))) as w:\n    assert w.getframerate() == 8000",
        "import csv\nout = execute(Input(x=1))\nrows = list(csv.DictReader(io.StringIO(out.csv)))\n"
        'assert rows[0]["name"] == "a"',
        "import zipfile\nout = execute(Input(x=1))\n"
        "with zipfile.ZipFile(io.BytesIO(base64.b64decode(out.zip))) as z:\n    names = z.namelist()\n"
        '    assert "a.txt" in names\n    assert z.read("a.txt") == b"x"',
        'import hashlib\nout = execute(Input(text="hello"))\nassert out.digest == hashlib.sha256(b"hello").hexdigest()',
        "from bs4 import BeautifulSoup\n"
        'soup = BeautifulSoup(execute(Input(md="# x")).html, "html.parser")\nassert soup.h1.text == "x"\n'
        'assert soup.find("h1") is not None',
        'out = execute(Input(text="racecar"))\nassert out.found == True',
        'out = execute(Input(text="racecar"))\nassert out.found',
        "out = execute(Input(a=1, b=2))\nassert abs(out.sum - 3.0) < 1e-6",
        "out = execute(Input(a=1, b=2))\nassert round(out.sum, 2) == 3.14",
        'tree = json.loads(execute(Input(x=1)).json_text)\nassert [n["name"] for n in tree["nodes"]] == ["a", "b"]',
        'out = execute(Input(text="hello world"))\nwords = out.result.split()\nassert words[0] == "Hello"\n'
        'assert words[-1] == "World"',
        'out = execute(Input(x=1))\nassert out.result.lower() == "hello"',
        'out = execute(Input(x=1))\nassert "hello" in out.result.lower()',
        'out = execute(Input(x=1))\nassert set(out.words) == {"a", "b"}',
        'out = execute(Input(x=1))\nassert {"a", "b"} <= set(out.words)',
        'out = execute(Input(x=1))\nassert out.words[0]["n"] == 3',
        'out = execute(Input(x=1))\nassert out.result.count("a") == 2',
        'out = execute(Input(x=1))\nassert sum(1 for w in out.words if w == "a") == 2',
        'out = execute(Input(x=1))\nassert sum(w == "a" for w in out.words) == 2',
        'out = execute(Input(x=1))\nfound = False\nfor w in out.words:\n    if w == "a":\n'
        "        found = True\nassert found",
        'out = execute(Input(x=1))\nfound = [w for w in out.words if w.startswith("a")]\nassert len(found) == 2',
        'out = execute(Input(x=1))\nmatch = next((w for w in out.words if w["id"] == 1), None)\n'
        'assert match is not None\nassert match["name"] == "x"',
        "import numpy as np\nfrom PIL import Image\n"
        "a = np.array(Image.open(io.BytesIO(base64.b64decode(execute(Input(x=1)).image))))\n"
        "assert a.shape == (10, 10, 3)\nassert (a == 255).all()",
        'with pytest.raises(Exception) as info:\n    execute(Input(text=""))\nassert info.value.status_code == 422',
        "from fastapi import HTTPException\nwith pytest.raises(HTTPException) as info:\n"
        '    execute(Input(text=""))\nassert info.value.status_code == 422',
        "from fastapi import HTTPException\nwith pytest.raises(HTTPException):\n"
        '    execute(Input(text=base64.b64encode(b"x").decode()))',
        "from pypdf import PdfReader\n"
        "reader = PdfReader(io.BytesIO(base64.b64decode(execute(Input(x=1)).pdf)))\n"
        'assert len(reader.pages) == 2\nassert "hello" in reader.pages[0].extract_text()',
        "import xml.etree.ElementTree as ET\nroot = ET.fromstring(execute(Input(x=1)).svg)\n"
        'assert root.tag.endswith("svg")',
        "out = execute(Input(n=5))\nassert out.values == [1, 1, 2, 3, 5]\n"
        "assert all(isinstance(v, int) for v in out.values)",
        "from datetime import date\nassert date.fromisoformat(execute(Input(x=1)).day) == date(2024, 1, 2)",
        "assert execute(Input(x=1)).n == 2**10",
        'assert execute(Input(x=1)).text == "a" * 3',
        'assert execute(Input(x=1)).text.strip() == """a\nb"""',
        'text = "hello"\nexpected = text.upper()\nassert execute(Input(text=text)).result == expected',
        "out = execute(Input(values=[3, 1, 2]))\nassert out.sorted == sorted([3, 1, 2])",
        'data = b"hello"\nout = execute(Input(file=base64.b64encode(data).decode()))\n'
        "assert base64.b64decode(out.file) == data",
        "out = execute(Input(length=12))\nassert len(out.password) == 12",
        "out = execute(Input(length=12))\nassert len(out.password) == 12\n"
        "assert any(c.isdigit() for c in out.password)",
        "first = execute(Input(seed=1)).n\nsecond = execute(Input(seed=1)).n\nassert first == second\n"
        "assert first == 42",
        'out = execute(Input(text="great"))\nassert out.label in ["positive", "neutral"]',
        'out = execute(Input(text="great"))\nassert -1 <= out.score <= 1',
        'expected = {"a": 1, "b": 2}\nout = execute(Input(text="a b b"))\n'
        "for key, value in expected.items():\n    assert out.counts[key] == value",
        'out = execute(Input(text="x"))\nassert out.error == "" and out.n == 1',
        "def check(text, expected):\n    result = execute(Input(text=text))\n"
        '    assert result.result == expected\ncheck("a", "A")',
        'try:\n    result = execute(Input(text="hello"))\nexcept Exception as e:\n'
        '    pytest.fail(f"failed: {e}")\nassert result.result == "HELLO"',
        'try:\n    result = execute(Input(text="hello"))\n    assert result.result == "HELLO"\n'
        "except Exception as e:\n    pytest.fail(str(e))",
        'result = execute(Input(text="hello"))\nprint(result)\nassert result.result == "HELLO"',
        'result = execute(Input(**{"text": "hello"}))\nassert result.result == "HELLO"',
        'result = execute(Input.model_validate({"text": "hello"}))\nassert result.result == "HELLO"',
        'result = execute(input=Input(text="hello"))\nassert result.result == "HELLO"',
        'out = execute(Input(x=1))\nd = dict(out)\nassert d["result"] == "x"',
        'out = execute(Input(x=1))\nassert getattr(out, "result") == "x"',
        'out = execute(Input(x=1))\nassert ("x" in out.result) == True',
        'out = execute(Input(x=1))\nassert bool("x" in out.result)',
        'out = execute(Input(x=1))\nassert not "hello" in out.result',
    ],
)
def test_honest_tests_pass(body: str) -> None:
    assert faults(written(body)) == ""


@pytest.mark.parametrize(
    "source",
    [
        # Through a function, a fixture, cases, a module's constant, a class of the file's own, an alias.
        "from executor import execute\ndef run():\n    return execute(1)\ndef test_hello(done):\n"
        "    assert done.text == 'HELLO'\nimport pytest\n@pytest.fixture\ndef done():\n    return run()",
        "import pytest\nfrom executor import Input, execute\n"
        "@pytest.mark.parametrize('given, wanted', [('a', 'A')])\n"
        "def test_hello(given, wanted):\n    assert execute(Input(text=given)).text == wanted",
        "import pytest\nfrom executor import Input, execute\nCASES = [('a', 'A'), ('b', 'B')]\n"
        "@pytest.mark.parametrize(('given', 'wanted'), CASES)\n"
        "def test_hello(given, wanted):\n    assert execute(Input(text=given)).text == wanted",
        "from executor import Input, execute\nCASES = {'a': 'A'}\ndef test_hello():\n"
        "    for given, wanted in CASES.items():\n        assert execute(Input(text=given)).text == wanted",
        "import executor\ndef test_hello():\n    r = executor.execute(executor.Input(text='a'))\n    assert r.t == 'A'",
        "from executor import Input\nfrom executor import execute as run\ndef test_hello():\n"
        "    assert run(Input(text='a')).text == 'A'",
        "from executor import Input, execute\ndef check(given, wanted):\n"
        "    assert execute(Input(t=given)).t == wanted\n"
        "def test_hello():\n    check('a', 'A')",
        "from executor import Input, execute\ndef is_png(data):\n    return data[:4] == b'\\x89PNG'\n"
        "def test_hello():\n    assert is_png(execute(Input(t='a')).image)",
        "from executor import Input, execute\nfrom pathlib import Path\n"
        "PAGE = (Path(__file__).parent / 'fixtures' / 'page.html').read_text()\n"
        "def test_hello():\n    assert execute(Input(html=PAGE)).title == 'Home'",
        "from unittest.mock import patch\nfrom executor import Input, execute\n"
        "@patch('executor.requests.get')\ndef test_hello(get):\n    get.return_value.text = '<h1>x</h1>'\n"
        "    assert execute(Input(url='http://x')).title == 'x'",
        "from executor import Input, execute\ndef test_hello(monkeypatch):\n    monkeypatch.setenv('LANG', 'C')\n"
        "    monkeypatch.setattr('time.time', lambda: 0.0)\n    assert execute(Input(t='a')).year == 1970",
        "import pytest\nfrom executor import execute, Input\ndef test_hello():\n"
        "    assert execute(Input(t='a')).t == 'A'\n"
        "if __name__ == '__main__':\n    pytest.main([__file__])",
        "from executor import Input, execute\ndef test_hello(tmp_path):\n    (tmp_path / 'x').write_text('a')\n"
        "    assert execute(Input(t=(tmp_path / 'x').read_text())).t == 'A'",
        "from executor import Input, execute\ndef test_hello():\n    input = Input(t='a')\n"
        "    output = execute(input)\n"
        "    assert output.t == 'A'\nclass TestMore:\n    def test_more(self):\n"
        "        assert execute(Input(t='b')).t == 'B'",
        "import pytest\nfrom executor import Input, execute\n@pytest.mark.parametrize('bad', ['', ' '])\n"
        "def test_hello(bad):\n    with pytest.raises(ValueError):\n        execute(Input(t=bad))",
        "import pytest\nfrom executor import Input, execute\n@pytest.mark.parametrize('t, error', [('', True)])\n"
        "def test_hello(t, error):\n    if error:\n        with pytest.raises(ValueError):\n"
        "            execute(Input(t=t))\n"
        "    else:\n        assert execute(Input(t=t)).t == t.upper()",
    ],
)
def test_honest_files_pass(source: str) -> None:
    assert faults(source) == ""


@pytest.mark.parametrize(
    "body",
    [
        "execute(Input(x=1))",
        "assert True\nexecute(Input(x=1))",
        "r = execute(Input(x=1))\nassert r",
        "r = execute(Input(x=1))\nassert r is not None",
        "r = execute(Input(x=1))\nassert isinstance(r.t, str)",
        "r = execute(Input(x=1))\nassert isinstance(r.t, str) == True",
        "r = execute(Input(x=1))\nassert type(r.t) == str",
        'r = execute(Input(x=1))\nassert type(r.t).__name__ == "str"',
        "r = execute(Input(x=1))\nassert len(r.t) > 0",
        "r = execute(Input(x=1))\nassert len(r.t) >= 0",
        "r = execute(Input(x=1))\nassert 0 <= len(r.t)",
        "r = execute(Input(x=1))\nassert r.t == r.t",
        "r = execute(Input(x=1))\na = r.t\nb = r.t\nassert a == b",
        'r = execute(Input(x=1))\nassert r.t == "A" or True',
        "execute(Input(x=1))\nassert 1 == 1",
        'r = execute(Input(x=1))\ntry:\n    assert r.t == "A"\nexcept AssertionError:\n    pass',
        'r = execute(Input(x=1))\ntry:\n    assert r.t == "A"\nexcept:\n    pass',
        "with pytest.raises(Exception):\n    execute(Input(x=1))",
        "from contextlib import suppress\nwith suppress(AssertionError):\n    assert execute(Input(x=1)).t == 1",
        "return\nassert execute(Input(x=1)).t == 1",
        "r = execute(Input(x=1))\nif not r:\n    return\nassert r.t == 1",
        "for x in []:\n    assert execute(Input(x=1)).t == 1",
        'for w in execute(Input(x=1)).words:\n    assert w == "a"',
        "if False:\n    assert execute(Input(x=1)).t == 1",
        "def inner():\n    assert execute(Input(x=1)).t == 1",
        '"""execute(Input(x=1))"""\nassert "a" == "a"',
        'r = execute(Input(x=1))\nr = Input(t="A")\nassert r.t == "A"',
        'r = execute(Input(x=1))\nr.t = "A"\nassert r.t == "A"',
        'r = execute(Input(x=1)).model_copy(update={"t": "A"})\nassert r.t == "A"',
        'r = execute(Input(x=1))\nassert (r.t == "A", "msg")',
        'r = execute(Input(x=1))\nassert [r.t == "A"]',
        'r = execute(Input(x=1))\nassert lambda: r.t == "A"',
        'r = execute(Input(x=1))\nassert "" in r.t',
        'r = execute(Input(x=1))\nassert r.t.startswith("")',
        'r = execute(Input(x=1))\nassert r.t != "zzz"',
        'r = execute(Input(x=1))\nassert "zzz" not in r.t',
        "r = execute(Input(x=1))\nassert (r, 5)[1] == 5",
        'r = execute(Input(x=1))\nassert ("A" if r else r.t) == "A"',
        'r = execute(Input(x=1))\nassert (r and "A") == "A"',
        "r = execute(Input(x=1))\nassert r.n * 0 == 0",
        'r = execute(Input(x=1))\nassert r.t[:0] == ""',
        "r = execute(Input(x=1))\nassert len(r.t) < 10**9",
        'r = execute(Input(x=1))\nassert r.n < float("inf")',
        "r = execute(Input(x=1))\nassert r.flag in (True, False)",
        'r = execute(Input(x=1))\nassert getattr(r, "nope", "A") == "A"',
        'r = execute(Input(x=1))\nassert r.model_dump().get("zz", "A") == "A"',
        'r = execute(Input(x=1))\nassert "result" in r.model_dump()',
        'r = execute(Input(x=1))\nassert hasattr(r, "t")',
        "r = execute(Input(x=1))\nassert r.n == pytest.approx(5, abs=1e9)",
        "import math\nr = execute(Input(x=1))\nassert math.isclose(r.n, 5, abs_tol=1e9)",
        'with pytest.raises(AssertionError):\n    assert execute(Input(x=1)).t == "A"',
        "with pytest.raises(AttributeError):\n    execute(None)",
        "with pytest.raises(ZeroDivisionError):\n    execute(Input(x=1))\n    1/0",
        'while False:\n    assert execute(Input(x=1)).t == "A"',
        'r = execute(Input(x=1))\nwhile True:\n    break\n    assert r.t == "A"',
        "from executor import execute as e2\nimport executor\nr = execute(Input(x=1))\n"
        "assert r.t == executor.compute(1)",
        "check = lambda o: True\nassert check(execute(Input(x=1)))",
        'def same(a, b):\n    return True\nassert same(execute(Input(x=1)).t, "A")',
        'def same(a, b):\n    return True\nassert same(execute(Input(x=1)).t, "A") == True',
        'r = execute(Input(x=1))\nx = "A"\nif r is None:\n    x = r.t\nassert x == "A"',
        'r = execute(Input(x=1))\nimport re\nassert re.match(".*", r.t)',
        'r = execute(Input(x=1))\nassert r.t.replace(r.t, "A") == "A"',
        'try:\n    r = execute(Input(x=1))\n    assert r.t == "A"\nexcept ValueError:\n    pass',
        'r = execute(Input(x=1))\ntry:\n    assert r.t == "A"\nfinally:\n    return',
        "r = execute(Input(x=1))\nassert bool(r.t) == True",
        "r = execute(Input(x=1))\nassert r.__class__ == Input",
        'r = execute(Input(x=1))\nr.words.append("A")\nassert "A" in r.words',
        'r = execute(Input(x=1))\nassert not [r.t == "A" for _ in []]',
        'r = execute(Input(x=1))\nassert all(w == "a" for w in r.words)',
        "r = execute(Input(x=1))\nassert len(str(r)) > 2",
        'match execute(Input(x=1)).t:\n    case "A":\n        assert execute(Input(x=1)).t == "A"',
        'r = execute(Input(x=1))\nassert r.t in [r.t, "A"]',
        'r = execute(Input(x=1))\nassert {}.get(r.t, "A") == "A"',
        "r = execute(Input(x=1))\nassert sorted(r.items) == r.items",
        'r = execute(Input(x=1))\nassert r.t == "A" if r.t == "A" else True',
        'r = execute(Input(x=1))\nassert max(r.t, "A") and True',
        "assert (execute(Input(x=1)), 3) != (4, 5)",
        'pytest.fail if execute(Input(x=1)).t != "A" else None',
        'r = execute(Input(x=1))\nassert r.t == "A" or r.t != "A"',
        'r = execute(Input(x=1))\nwith pytest.raises(AssertionError):\n    assert r.result == "nope"',
        "r = execute(Input(x=1))\nassert (lambda: True)() == (r is not None)",
        "r = execute(Input(x=1))\nassert [1][0] == 1 and r",
        "r = execute(Input(x=1))\nassert str(r.result) == str(r.result)",
        "r = execute(Input(x=1))\nassert r.result == r.result.strip() or len(r.result) > 0",
        "r = execute(Input(x=1))\nassert r.result in str(r)",
        "r = execute(Input(x=1))\nassert r == execute(Input(x=1))",
        'r = execute(Input(x=1))\nassert r.result == "A" or isinstance(r.result, str)',
        'r = execute(Input(x=1))\nassert not r.result == "zzz"',
        'r = execute(Input(x=1))\nassert not (r.result == "zzz")',
        'r = execute(Input(x=1))\nassert (r.result == "zzz") in (True, False)',
        'r = execute(Input(x=1))\nassert (r.result == "zzz") is False',
        'r = execute(Input(x=1))\nassert (r.result == "zzz") == False',
        'r = execute(Input(x=1))\nassert (r.result == "zzz") != 5',
        'r = execute(Input(x=1))\nassert int(r.result == "zzz") == 0',
        'r = execute(Input(x=1))\nassert r.result.count("zzz") == 0',
        'r = execute(Input(x=1))\nassert r.result.find("zzz") == -1',
        'r = execute(Input(x=1))\nassert "result=" in repr(r)',
        'r = execute(Input(x=1))\nassert "text" in {"text": r.result}',
        'r = execute(Input(x=1))\nd = {"a": r.result, "b": "HELLO"}\nassert d["b"] == "HELLO"',
        'r = execute(Input(x=1))\nd = {"a": r.result, "b": "HELLO"}\nassert "HELLO" in d.values()',
        'r = execute(Input(x=1))\nl = [r.result, "HELLO"]\nassert "HELLO" in l',
        'r = execute(Input(x=1))\nassert "HELLO" in (r.result + "HELLO")',
        'r = execute(Input(x=1))\nassert "HELLO" in f"{r.result} HELLO"',
        'r = execute(Input(x=1))\nl = (r.result, "HELLO")\na, b = l\nassert b == "HELLO"',
        'r = execute(Input(x=1))\nassert dict(a=r.result, b="HELLO")["b"] == "HELLO"',
        'r, s = execute(Input(x=1)), "HELLO"\nassert s == "HELLO"',
        'r = execute(Input(x=1))\nassert r.result * 0 == ""',
        'r = execute(Input(x=1))\nassert "HELLO" == ("HELLO" if True else r.result)',
        "r = execute(Input(x=1))\nassert len([r]) == 1",
        "r = execute(Input(x=1))\nassert len((r.result, 1)) == 2",
        'r = execute(Input(x=1))\nassert (r.result == "HELLO") + 1',
        'try:\n    r = execute(Input(x=1))\nexcept Exception:\n    r = None\nassert r is None or r.result == "A"',
        "import unittest\nclass T(unittest.TestCase):\n    pass\nT().assertIsNotNone(execute(Input(x=1)).result)",
        "r = execute(Input(x=1))\nimport sys\nassert r.n <= sys.maxsize",
        'r = execute(Input(x=1))\nr2 = dict(result="A", **r.model_dump())\nassert r2["result"] == "A"',
        'r = execute(Input(x=1))\nassert r.result != ""',
        'r = execute(Input(x=1))\nassert r.result > ""',
        'r = execute(Input(x=1))\nassert r.result >= "A"',
        "r = execute(Input(x=1))\nassert len(r.result) == len(r.result)",
        "r = execute(Input(x=1))\nassert hash(r.result) % 1 == 0",
        "r = execute(Input(x=1))\nassert r.n - r.n == 0",
        "r = execute(Input(x=1))\nassert r.n ** 0 == 1",
        'r = execute(Input(x=1))\nassert {r.result}.issubset({r.result, "A"})',
        "r = execute(Input(x=1))\nassert [x for x in [r.result] if False] == []",
        'r = execute(Input(x=1))\nassert [x for x in r.words if x == "zz"] == []',
        'r = execute(Input(x=1))\nassert r.result[100000:] == ""',
        'def test_inner():\n    assert execute(Input(x=1)).result == "A"\nassert test_inner',
        'async def g():\n    assert execute(Input(x=1)).result == "A"\ng()',
        'def g():\n    yield\n    assert execute(Input(x=1)).result == "A"\ng()',
        'assert (execute(Input(x=1)).result == "A" for _ in [1])',
        "r = execute(Input(x=1))\nassert print(r.result) == None",
        "r = execute(Input(x=1))\nassert (r.result, None)[1] == None",
        'r = execute(Input(x=1))\nassert __debug__ or r.result == "A"',
        'r = execute(Input(x=1))\nif __debug__:\n    pass\nelse:\n    assert r.result == "A"',
        "import warnings\nwith warnings.catch_warnings():\n    pass\nassert execute(Input(x=1)).result.__len__() >= 0",
        "with pytest.raises((ValueError, Exception)):\n    execute(Input(x=1))",
        "E = Exception\nwith pytest.raises(E):\n    execute(Input(x=1))",
        'with pytest.raises(BaseException, match=".*"):\n    execute(Input(x=1))',
        'with pytest.raises(ValueError):\n    execute(Input(x=1)) and int("x")',
        "with pytest.raises(ValueError):\n    int(execute(Input(x=1)).result)",
        "with pytest.raises(Exception) as e:\n    execute(Input(x=1))\nassert e.value is not None",
    ],
)
def test_what_shows_nothing_of_the_output_is_refused(body: str) -> None:
    found = faults(written(body))
    assert "must assert what the scenario expects" in found or "must call `execute`" in found or "must not" in found


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def test_hello():\n    assert execute(1).t == 2", "must begin with `from executor import Input, execute`"),
        (
            HEAD + "def test_other():\n    assert execute(1).t == 2",
            'no function `test_hello` for the scenario: "hello"',
        ),
        (
            HEAD + "class T:\n    def test_hello(self):\n        assert execute(1).t == 2",
            "has no function `test_hello`",
        ),
        (HEAD + "def test_hello():\n    assert 1 == one", "must call `execute`"),
        (HEAD + "def test_hello():\n    x = lambda: execute(1)\n    assert 1 == 1", "must call `execute`"),
        (HEAD + "def test_hello():\n    execute(1)", "must assert what the scenario expects"),
        (HEAD + "def test_hello():\n    assert execute(helper()).t == 1", "uses `helper`, which is not defined"),
        (HEAD + "def test_hello(client):\n    assert execute(client).t == 1", "uses `client`, which is not defined"),
        (HEAD + "def test_hello():\n    assert zlib.compress(execute(1).t) == b'1'", "uses `zlib`"),
    ],
)
def test_what_is_wanted_is_said(source: str, words: str) -> None:
    assert words in faults(source)


def data(given: dict[str, Any] | None, expected: dict[str, Any] | None) -> tuple[Scenario, ...]:
    return (Scenario(name="hello", text="It works", given=given, expected=expected),)


@pytest.mark.parametrize(
    ("given", "expected", "body"),
    [
        ({"text": "hello"}, {"result": "HELLO"}, 'assert execute(Input(text="hello")).result == "HELLO"'),
        ({"n": 3}, {"result": -2.5}, "assert execute(Input(n=3.0)).result == -2.5"),
        ({"n": [1, {"x": "deep"}]}, None, 'assert execute(Input(n=[1, {"x": "deep"}])).result == 2'),
        ({"text": "a  b\nc"}, None, 'assert execute(Input(text="""a b\n  c and more""")).result == 2'),
        ({"data": "abc"}, {"ok": True}, 'assert execute(Input(data=b"abc")).result == 2'),
        ({"text": " "}, None, "assert execute(Input()).result == 2"),
    ],
)
def test_a_scenarios_data_are_in_its_test(given: Any, expected: Any, body: str) -> None:
    assert faults(written(body), data(given, expected)) == ""


@pytest.mark.parametrize(
    ("given", "expected", "words"),
    [
        ({"text": "hullo"}, None, "must hold the value 'hullo' that the scenario names for `text`"),
        (None, {"result": "Hello"}, "must hold the value 'Hello' that the scenario names for `result`"),
        ({"n": 4}, None, "must hold the value 4 that the scenario names for `n`"),
        ({"deep": {"x": [1.5]}}, None, "must hold the value 1.5 that the scenario names for `deep`"),
    ],
)
def test_a_value_that_is_missing_is_named(given: Any, expected: Any, words: str) -> None:
    body = '"""hullo Hello 4 1.5"""\nassert execute(Input(text="hello", n=3)).result == "HELLO"'
    assert words in faults(written(body), data(given, expected))


def test_data_may_be_in_a_constant_or_a_case_that_the_test_uses() -> None:
    source = HEAD + "WORD = 'hello'\nOTHER = 'hullo'\ndef test_hello():\n    assert execute(Input(t=WORD)).t == 'A'"
    assert faults(source, data({"text": "hello"}, None)) == ""
    assert "'hullo'" in faults(source, data({"text": "hullo"}, None))


def test_what_a_person_wrote_on_the_branch_is_the_persons() -> None:
    skipping = HEAD + "@pytest.mark.skip\ndef test_hello():\n    assert execute(1)\nprint('x')\n"
    before, more = read(skipping), read(skipping + "import os\nos._exit(0)\n")
    assert scenario_faults(before, HELLO, before=before) == []
    found = "\n".join(scenario_faults(more, HELLO, before=before))
    assert "`os._exit`" in found
    assert "skip" not in found
    assert "no function" in "\n".join(scenario_faults(read(HEAD), HELLO, before=read(HEAD)))


def test_nesting_that_nobody_writes_is_refused() -> None:
    deep = HEAD + "def test_hello():\n    assert execute(1).t == " + " + ".join(["'a'"] * 3000)
    source = read(deep)
    if source.fault:
        return
    assert faults(ast.unparse(ast.parse(HEAD)) + "\n" + "x = 1") != ""
    assert "nested too deeply" in "\n".join(scenario_faults(source, HELLO))
