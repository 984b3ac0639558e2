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
        ("def execute", "Output.model_dump = print\n\ndef execute", "must not assign to `Output.model_dump`"),
        ("def execute", "async def execute", "at top level, not async"),
        ("def execute", "def run", "must define `def execute(input: Input)"),
        ("(input: Input)", "(input: Input, n: int)", "exactly one argument"),
        ("(input: Input)", "()", "exactly one argument"),
        ("(input: Input)", "(input: Input, *, n: int)", "exactly one argument"),
        ("    return", "    yield", "must return an Output, not yield"),
        ("def execute", "def twice(f):\n    return f\n\n@twice\ndef execute", "must not be decorated with `twice`"),
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
    "no_grad": "import torch\n",
    "an attribute of its own": "class Cache:\n    size = 0\ndef f(c: Cache):\n    c.size = 5\n    c.items = [1]\n",
    "os.environ": "import os\nos.environ['OMP_NUM_THREADS'] = '1'\nLEVEL = os.environ.get('LEVEL', 'x')\n",
    "setattr on a value": "class Box:\n    pass\ndef f(values):\n    box = Box()\n"
    "    for k, v in values.items():\n        setattr(box, k, v)\n    return box\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_passes(name: str) -> None:
    source = GOOD if HONEST[name] == GOOD else GOOD + HONEST[name]
    if name == "no_grad":
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
    "os._exit by pieces": "import os\ngetattr(os, '_ex' + 'it')(0)\n",
    "os._exit by join": "import os\ngetattr(os, ''.join(['_', 'exit']))(0)\n",
    "os._exit by f-string": "import os\ngetattr(os, f'_{\"exit\"}')(0)\n",
    "os._exit by __import__": "__import__('os')._exit(0)\n",
    "os._exit by importlib": "import importlib\nimportlib.import_module('os')._exit(0)\n",
    "os._exit by importlib's name": "from importlib import import_module as i\ni('os')._exit(0)\n",
    "os._exit by sys.modules": "import sys\nsys.modules['os']._exit(0)\n",
    "os._exit by vars": "import os\nvars(os)['_exit'](0)\n",
    "os._exit by __dict__": "import os\nos.__dict__['_exit'](0)\n",
    "os._exit by posix": "import posix\nposix._exit(0)\n",
    "any name of os": "import os\nn = input()\ngetattr(os, n)(0)\n",
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
    "atexit": "import atexit\natexit.register(print)\n",
    "a signal's handler": "import signal\nsignal.signal(signal.SIGTERM, print)\n",
    "a thread at import": "import threading\nthreading.Thread(target=print).start()\n",
    "pytest": "import pytest\npytest.skip('x', allow_module_level=True)\n",
    "_pytest": "from _pytest.outcomes import Exit\n",
    "unittest": "from unittest import SkipTest\nraise SkipTest\n",
    "its tests": "import test_executor\ntest_executor.test_hello = print\n",
    "is it tested": "import sys\nTESTED = 'pytest' in sys.modules\n",
    "is it tested, by the environment": "import os\nTESTED = 'PYTEST_CURRENT_TEST' in os.environ\n",
    "is it tested, by parts of names": "import os\nTESTED = any('PYTEST' in name for name in os.environ)\n",
    "is it tested, by pieces": "import os\nTESTED = os.environ.get('PY' + 'TEST_VERSION')\n",
    "is it tested, by arguments": "import sys\nTESTED = 'test' in sys.argv[0]\n",
    "is it tested, by the frame": "import sys\nCALLER = sys._getframe(1).f_code.co_filename\n",
    "is it tested, by the stack": "import inspect\nCALLERS = inspect.stack()\n",
    "is it tested, by the traceback": "import traceback\nCALLERS = traceback.extract_stack()\n",
    "is it tested, by an error's frame": "def f():\n    try:\n        1 / 0\n"
    "    except ZeroDivisionError as e:\n        return e.__traceback__.tb_frame.f_back\n",
    "what lives": "import gc\nALL = gc.get_objects()\n",
    "a trace": "import sys\nsys.settrace(print)\n",
    "a builtin set": "import builtins\nbuiltins.len = lambda x: 5\n",
    "a builtin set by setattr": "import builtins\nsetattr(builtins, 'len', print)\n",
    "a builtin set by name": "__builtins__['len'] = print\n",
    "a module of Python's set": "import base64\nbase64.b64decode = lambda x: b''\n",
    "pydantic set": "import pydantic\npydantic.BaseModel.__eq__ = lambda a, b: True\n",
    "a library's function set": "from PIL import Image\nImage.open = lambda x: x\n",
    "sys.modules set": "import sys\nsys.modules['json'] = None\n",
    "its own globals": "globals()['execute'] = print\n",
    "Output's method set": "Output.__eq__ = lambda a, b: True\n",
    "Output's method set by setattr": "setattr(Output, '__eq__', print)\n",
    "a text that equals all": "class T(str):\n    def __eq__(self, other):\n        return True\n",
    "a text that contains all": "class T(str):\n    def __contains__(self, x):\n        return self is not x\n",
    "a number of a number": "class A(int):\n    pass\nclass B(A):\n    def __lt__(self, o):\n"
    "        return bool(self.x or o)\n",
    "a value that equals all": "class V:\n    def __eq__(self, other):\n        return True\n",
    "a value that looks only at itself": "class V:\n    def __eq__(self, other):\n        return self is not None\n",
    "a method set in a class": "class T(str):\n    __eq__ = lambda a, b: True\n",
    "a class made at run time": "T = type('T', (str,), {})\n",
    "a method's name as a text": "D = {'__eq__': print}\n",
    "an answer to every name": "class V:\n    def __getattr__(self, name):\n        return 'HELLO'\n",
    "no check of the fields": "def f():\n    return Output.model_construct(result=5)\n",
    "a function's code": "def f():\n    execute.__code__ = f.__code__\n",
    "its test's file": "open('test_executor.py', 'w').write('')\n",
    "its test's path": "from pathlib import Path\n(Path(__file__).parent / 'test_executor.py').unlink()\n",
    "a conftest": "from pathlib import Path\nPath('conftest.py').write_text('')\n",
    "another test": "import os\nos.remove('/service/test_other.py')\n",
    "its own file": "open(__file__, 'a').write('x')\n",
    "its own path": "from pathlib import Path\nPath(__file__).write_text('x')\n",
    "exec": "exec('x = 1')\n",
    "exec by another name": "run = exec\nrun('x = 1')\n",
    "eval": "def f(t):\n    return eval(t)\n",
    "compile": "C = compile('x', 'y', 'exec')\n",
    "reload": "import importlib\nimportlib.reload(importlib)\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TRICKS)
def test_what_talks_around_the_tests_is_refused(name: str) -> None:
    assert "executor.py must not" in faults(GOOD + TRICKS[name])


@pytest.mark.parametrize("name", [name for name in TRICKS if "at import" not in name])
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
