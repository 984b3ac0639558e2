"""What executor.py must be: the fields of the specification, one plain `execute`, and nothing that fools its tests."""

from __future__ import annotations

import ast

import pytest

from bot.guard.executor.rules import executor_faults
from bot.guard.source import Source

GOOD = """
from interface import Input, Output

def execute(input: Input) -> Output:
    return Output(result=input.text.upper())
"""


def read(text: str) -> Source:
    return Source.read("executor.py", text)


def faults(source: str) -> str:
    return "\n".join(executor_faults(read(source)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("import Input, Output", "import Output", "must begin with `from interface import Input, Output`"),
        ("from interface", "from elsewhere", "must begin with `from interface import Input, Output`"),
        ("def execute", "class Output(dict):\n    pass\n\ndef execute", "must define `Output` once"),
        ("def execute", "async def execute", "at top level, not async"),
        ("def execute", "def run", "must define `def execute(input: Input)"),
        ("(input: Input)", "(input: Input, n: int)", "exactly one argument"),
        ("(input: Input)", "()", "exactly one argument"),
        ("(input: Input)", "(input: Input, *, n: int)", "exactly one argument"),
        ("def execute", "def execute(input: Input):\n    return 1\n\ndef execute", "must define `execute` once"),
        ("def execute", "if True:\n    execute = 1\n\ndef execute", "must define `execute` once"),
    ],
)
def test_the_shape_is_checked(old: str, new: str, words: str) -> None:
    assert words in faults(GOOD.replace(old, new, 1))


HONEST = {
    "as it is": GOOD,
    "a helper and a constant": "import re\nWORD = re.compile('a+')\ndef clean(t: str) -> str:\n"
    "    return t.strip()\n",
    "words of testing": "def f(t):\n    return 'pytest' in t or t in ('unittest', 'test_executor.py')\n",
    "a lock": "import threading\nLOCK = threading.Lock()\n",
    "a pool": "from concurrent.futures import ThreadPoolExecutor\nPOOL = ThreadPoolExecutor(4)\n",
    "subprocess": "import subprocess\ndef run(a):\n"
    "    return subprocess.run(['ffmpeg', a], check=True, capture_output=True)\n",
    "ctypes": "import ctypes\nLIBRARY = ctypes.util.find_library('c')\n",
    "a temporary file": "import tempfile, os\ndef f():\n    with tempfile.TemporaryDirectory() as d:\n"
    "        open(os.path.join(d, 'x.txt'), 'w').write('a')\n        os.remove(os.path.join(d, 'x.txt'))\n",
    "a file beside it": "from pathlib import Path\nWORDS = Path(__file__).parent / 'fixtures' / 'words.txt'\n"
    "T = open(WORDS).read()\n",
    "a library's setting": "from PIL import Image, ImageFile\nImage.MAX_IMAGE_PIXELS = None\n"
    "ImageFile.LOAD_TRUNCATED_IMAGES = True\n",
    "a path of a tool": "import pytesseract, shutil\n"
    "pytesseract.pytesseract.tesseract_cmd = shutil.which('tesseract')\n",
    "unverified TLS": "import ssl\nssl._create_default_https_context = ssl._create_unverified_context\n",
    "a number with an order": "class Version:\n    def __init__(self, n):\n        self.n = n\n"
    "    def __eq__(self, other):\n        return self.n == other.n\n    def __lt__(self, other):\n"
    "        return self.n < other.n\n",
    "a dataclass": "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Point:\n    x: int\n"
    "    def __len__(self):\n        return self.x\n",
    "a container": "class Bag:\n    def __init__(self):\n        self.items = []\n    def __len__(self):\n"
    "        return len(self.items)\n"
    "    def __contains__(self, x):\n        return x in self.items\n",
    "an enum": "from enum import Enum\nclass Kind(str, Enum):\n    A = 'a'\n",
    "own errors": "class Broken(ValueError):\n    pass\n",
    "literal_eval": "import ast\ndef f(t):\n    return ast.literal_eval(t)\n",
    "re.compile and df.eval": "import re\nimport pandas as pd\ndef f(t):\n"
    "    return pd.DataFrame().eval(t), re.compile(t)\n",
    "getattr by name": "def f(x, name):\n    return getattr(x, name, None)\n",
    "run by hand": "if __name__ == '__main__':\n    import sys\n    print(execute(Input(text=sys.argv[1])))\n"
    "    sys.exit(0)\n",
    "scipy.signal": "from scipy import signal\ndef f(x):\n    return signal.resample(x, 10)\n",
    "variables called site and code": "def f(site, code):\n    site = site.url\n    return code.strip() + site\n",
    "a decorator": "import torch\n",
    "a function that the caller names": "import hashlib\ndef f(name, data):\n"
    "    return getattr(hashlib, name)(data).hexdigest()\n",
    "a signal's handler": "import signal\ndef f():\n    signal.signal(signal.SIGALRM, print)\n",
    "a class made at run time": "T = type('T', (str,), {})\n",
    "an own str": "class T(str):\n    def __eq__(self, other):\n        return self.lower() == other.lower()\n",
    "an attribute of its own": "class Cache:\n    size = 0\ndef f(c: Cache):\n    c.size = 5\n    c.items = [1]\n",
    "os.environ": "import os\nos.environ['OMP_NUM_THREADS'] = '1'\nLEVEL = os.environ.get('LEVEL', 'x')\n",
    "setattr on a value": "class Box:\n    pass\ndef f(values):\n    box = Box()\n"
    "    for k, v in values.items():\n        setattr(box, k, v)\n    return box\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_passes(name: str) -> None:
    source = GOOD if HONEST[name] == GOOD else GOOD + HONEST[name]
    if name == "a decorator":
        source = source.replace("def execute", "import torch\n\n@torch.no_grad()\ndef execute")
    assert faults(source) == ""


TRICKS = {
    "os._exit": "import os\nos._exit(0)\n",
    "os._exit in execute": "import os\ndef f():\n    os._exit(0)\n",
    "os._exit by import": "from os import _exit\n",
    "os._exit by another name": "from os import _exit as leave\nleave(0)\n",
    "os._exit by another module": "import os as o\no._exit(0)\n",
    "os._exit by variable": "import os\nx = os\nx._exit(0)\n",
    "os._exit by getattr": "import os\ngetattr(os, '_exit')(0)\n",
    "os._exit by __import__": "__import__('os')._exit(0)\n",
    "os._exit by importlib": "import importlib\nimportlib.import_module('os')._exit(0)\n",
    "os._exit by importlib's name": "from importlib import import_module as i\ni('os')._exit(0)\n",
    "os._exit by posix": "import posix\nposix._exit(0)\n",
    "any module": "n = 'o' + chr(115)\n__import__(n)._exit(0)\n",
    "os.kill": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n",
    "os.abort": "import os\nos.abort()\n",
    "os.execv": "import os\nos.execv('/bin/true', ['true'])\n",
    "fork": "import os\nif os.fork():\n    pass\n",
    "sys.exit": "import sys\nsys.exit(0)\n",
    "sys.exit by import": "from sys import exit as done\ndone(0)\n",
    "exit": "exit(0)\n",
    "SystemExit": "raise SystemExit(0)\n",
    "SystemExit as a variable": "E = SystemExit\nraise E(0)\n",
    "builtins": "import builtins\nraise builtins.SystemExit(0)\n",
    "KeyboardInterrupt": "def f():\n    raise KeyboardInterrupt\n",
    "is it tested, by a folder": "import os\nTESTED = os.path.isdir('/usr/local/lib/testing')\n",
    "is it tested, by arguments": "import sys\nTESTED = 'test' in sys.argv[0]\n",
    "no check of the fields": "def f():\n    return Output.model_construct(result=5)\n",
    "exec": "exec('x = 1')\n",
    "exec by another name": "run = exec\nrun('x = 1')\n",
    "eval": "def f(t):\n    return eval(t)\n",
    "compile": "C = compile('x', 'y', 'exec')\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TRICKS)
def test_what_talks_around_the_tests_is_refused(name: str) -> None:
    assert "executor.py must not" in faults(GOOD + TRICKS[name])


@pytest.mark.parametrize("name", TRICKS)
def test_a_function_hides_no_trick(name: str) -> None:
    hidden = "def hidden():\n" + "\n".join(f"    {line}" for line in TRICKS[name].splitlines()) + "\n"
    assert "executor.py must not" in faults(GOOD + hidden)


def test_what_a_person_wrote_on_the_branch_is_the_persons() -> None:
    mine = read(GOOD + TRICKS["eval"])
    assert executor_faults(mine, before=mine) == []
    more = read(GOOD + TRICKS["eval"] + TRICKS["os._exit"])
    assert "os._exit" in "\n".join(executor_faults(more, before=mine))


def test_a_file_that_cannot_be_parsed_is_told_with_its_line() -> None:
    assert executor_faults(read("x = 1\ndef f(:\n")) == ["executor.py, line 2: invalid syntax: `def f(:`"]
    assert "cannot be parsed" in faults("x\0")


def test_nesting_that_nobody_writes_is_refused() -> None:
    tree = ast.parse(GOOD)
    deep: ast.expr = ast.Constant(value=1)
    for _ in range(5000):
        deep = ast.UnaryOp(op=ast.USub(), operand=deep)
    tree.body.append(ast.Expr(value=deep))
    assert executor_faults(Source("executor.py", "", tree)) == [
        "executor.py is nested too deeply; write it in simpler steps"
    ]
