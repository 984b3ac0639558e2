"""Imports that were forgotten, added where there is no doubt which are meant."""

from __future__ import annotations

import ast

import pytest

from bot.generate.files import mend
from bot.guard.source import Source


def with_imports(name: str, text: str) -> str:
    source = Source.read(name, text)
    mended = mend.with_imports(source)
    assert (mended is source) == (mended.text == text)
    return mended.text


def with_interface(text: str) -> str:
    return mend.with_interface(Source.read("executor.py", text), ("PngFile", "Input", "Output")).text


@pytest.mark.parametrize(
    ("body", "added"),
    [
        ("def test_x():\n    assert json.loads('1') == 1\n", ["import json"]),
        ("def test_x():\n    qrcode.make('x')\n", ["import qrcode"]),
        ("def test_x():\n    Image.open(io.BytesIO(b''))\n", ["from PIL import Image", "import io"]),
        ("def test_x():\n    assert np.ones(3).sum() == pytest.approx(3)\n", ["import numpy as np", "import pytest"]),
    ],
)
def test_what_is_forgotten_is_added(body: str, added: list[str]) -> None:
    assert with_imports("test_executor.py", body) == "\n".join([*added, body])


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import json\nx = json.loads('1')\n", id="there already"),
        pytest.param("def f(json):\n    return json\n", id="a parameter"),
        pytest.param("def f():\n    return re\n\n\ndef g():\n    re = 1\n    return re\n", id="another scope's"),
        pytest.param("x = [json for json in ()]\n", id="a variable of a comprehension"),
        pytest.param("x = frobnicate(1)\n", id="unknown"),
        pytest.param("x = frobnicate.it(1)\n", id="an unknown module"),
        pytest.param("x = qrcode(1)\n", id="no use of a module"),
        pytest.param("def broken(:\n", id="does not parse"),
        pytest.param("x = '\\0'\n", id="nothing to do"),
    ],
)
def test_everything_else_stays(source: str) -> None:
    assert with_imports("executor.py", source) == source


def test_an_executor_does_not_import_itself_or_pytest() -> None:
    assert with_imports("executor.py", "x = execute\ny = pytest\n") == "x = execute\ny = pytest\n"


def test_a_docstring_and_future_imports_stay_first() -> None:
    source = '"""What it does."""\n\nfrom __future__ import annotations\n\nx = math.pi\n'
    mended = with_imports("executor.py", source)
    assert mended == '"""What it does."""\n\nfrom __future__ import annotations\nimport math\n\nx = math.pi\n'


def test_a_conditional_expression_in_a_comprehension_is_looked_into() -> None:
    source = "def test_x():\n    assert [y for y in (json.loads(a) if a else b'' for a in '12')]\n"
    assert with_imports("test_executor.py", source) == f"import json\n{source}"


EXECUTE = "def execute(input: Input) -> Output:\n    return Output(upper=input.text.upper())\n"
CLASSES = "class Input(BaseModel):\n    text: str\n\n\nclass Output(BaseModel):\n    upper: str\n"


def test_the_interface_is_imported() -> None:
    whole = f"from interface import Input, Output\n{EXECUTE}"
    assert with_interface(EXECUTE) == whole
    assert with_interface(f"from interface import Input\n{EXECUTE}") == (
        f"from interface import Output\nfrom interface import Input\n{EXECUTE}"
    )
    assert with_interface(whole) == whole
    assert with_interface("def broken(:") == "def broken(:"


def test_classes_that_stand_in_the_interface_are_taken_out() -> None:
    old = EXECUTE.replace("upper()", "lower()")
    own = "class Own:\n    pass\n"
    mended = with_interface(f'"""What it does."""\n\n{own}{CLASSES}\n\n{old}\n\n{CLASSES}\n\n{EXECUTE}')
    names = [node.name for node in ast.parse(mended).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    assert names == ["Own", "execute"]
    assert mended.startswith('"""What it does."""\nfrom interface import Input, Output\n')
    assert "lower()" not in mended


def test_other_names_of_the_interface_are_imported_where_they_are_used() -> None:
    names = mend.defined_names("T = TypeVar('T')\nclass Item(Model):\n    price: float\n")
    assert names == ("T", "Item")
    source = Source.read("executor.py", "x = Item(price=1)\n")
    assert mend.with_imports(source, names).text == "from interface import Item\nx = Item(price=1)\n"
    assert mend.defined_names("def broken(:") == ()
