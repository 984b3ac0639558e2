"""Every import is provided by the requirements, or the model is told which line to add."""

from __future__ import annotations

import sys

import pytest

from bot.guard.packages.import_names import IMPORT_NAMES, PROVIDERS
from bot.guard.packages.imports import import_faults, requirements_in_question
from bot.guard.packages.requirements import with_note
from bot.guard.packages.standard_library import GONE, STANDARD, UNUSABLE
from bot.guard.source import Source
from tests.fakes.packages import FakePackages

SERVER = (
    "fastapi==1\npydantic==2  # via fastapi\nstarlette==1  # via fastapi\nuvicorn==1\ntyping-extensions==4  # via x\n"
)
TESTS = "import pytest\n"


def found(
    executor: str, *required: str, tests: str = TESTS, pinned: str = "", packages: FakePackages | None = None
) -> list[str]:
    """Return what is wrong with the imports where `required` is pinned, beside `pinned` that came along."""
    text = with_note(required, "".join(f"{name.partition('[')[0]}==1.0\n" for name in required) + pinned + SERVER)
    faults: list[str] = []
    for source in (Source.read("executor.py", executor), Source.read("test_executor.py", tests)):
        modules = {line: packages.modules(line) for line in requirements_in_question(source, text)} if packages else {}
        faults += import_faults(source, text, modules)
    return faults


def test_what_the_template_and_python_have_needs_no_requirement() -> None:
    source = "from __future__ import annotations\nimport json, os.path, xml.etree\nfrom pydantic import BaseModel\n"
    assert found(source + "import typing_extensions, __main__, zoneinfo, tomllib\n") == []
    assert found("import fastapi", tests="import pytest, _pytest.monkeypatch\n") == []


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("PIL", "pillow"),
        ("PIL.Image", "pillow"),
        ("cv2", "opencv-python-headless"),
        ("yaml", "pyyaml"),
        ("bs4", "beautifulsoup4"),
        ("sklearn.svm", "scikit-learn"),
        ("skimage", "scikit-image"),
        ("docx", "python-docx"),
        ("pptx", "python-pptx"),
        ("dateutil.parser", "python-dateutil"),
        ("dotenv", "python-dotenv"),
        ("fitz", "pymupdf"),
        ("Crypto.Cipher", "pycryptodome"),
        ("OpenSSL", "pyopenssl"),
        ("jwt", "pyjwt"),
        ("magic", "python-magic"),
        ("serial", "pyserial"),
        ("usb.core", "pyusb"),
        ("git", "gitpython"),
        ("odf", "odfpy"),
        ("barcode", "python-barcode"),
        ("google.protobuf", "protobuf"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("mpl_toolkits.mplot3d", "matplotlib"),
        ("attr", "attrs"),
        ("Levenshtein", "levenshtein"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("zope.interface", "zope-interface"),
        ("sgmllib", "sgmllib3k"),
    ],
)
def test_known_names_are_mapped_to_their_distribution(name: str, distribution: str) -> None:
    assert found(f"import {name}") == [
        f"executor.py imports `{name}`, which `{distribution}` provides: add it to requirements.txt"
    ]
    assert found(f"import {name}", distribution) == []
    # It does not matter who asked for it.
    assert found(f"import {name}", "other", pinned=f"{distribution}==1  # via other\n") == []


def test_other_distributions_that_provide_the_same() -> None:
    assert found("import cv2", "opencv-contrib-python") == []
    assert found("import psycopg2", "psycopg2") == []
    assert found("import faiss", "faiss-cpu") == []


def test_from_imports_name_packages_of_a_namespace() -> None:
    assert found("from google.cloud import storage", "google-cloud-storage") == []
    assert found("from google.cloud import storage", "google-cloud-vision") == [
        "executor.py imports `google.cloud.storage`, which `google-cloud-storage` provides: add it to requirements.txt"
    ]
    assert found("from google.cloud import vision", "google-cloud-vision") == []
    assert len(found("from google.cloud import vision", "requests")) == 1


def test_names_like_the_distributions() -> None:
    assert (
        found(
            "import requests, charset_normalizer, html2text", "requests", pinned="Charset_Normalizer==1\nhtml2text==1\n"
        )
        == []
    )
    assert found("import frobnicate", "python-frobnicate") == []
    assert found("import frobnicate", "pyfrobnicate") == []
    assert found("import frobnicate", "frobnicate3") == []
    assert found("import frobnicate", "frobnicate[fast]") == []


def test_nothing_provides_it() -> None:
    assert found(
        "import frobnicate", "requests", packages=FakePackages(modules={"requests": frozenset({"requests"})})
    ) == [
        "executor.py imports `frobnicate`, which no requirement provides: "
        "add the package that does to requirements.txt, or do without it"
    ]
    assert len(found("import frobnicate")) == 1
    assert len(found("import frobnicate, PIL", "pillow")) == 1
    assert len(found("import frobnicate, segno", "segno")) == 1


def test_unknown_name_passes_where_an_unknown_requirement_may_provide_it() -> None:
    assert found("import frobnicate", "some-toolkit") == []
    assert found("import frobnicate", "some-toolkit", packages=FakePackages()) == []
    # What came along with others does not count: who imports it can require it.
    assert len(found("import frobnicate", "pillow", pinned="some-toolkit==1  # via pillow\n")) == 1


def test_wheels_tell_for_sure() -> None:
    packages = FakePackages(modules={"some-toolkit": frozenset({"frobnicate"}), "pillow": frozenset({"PIL"})})
    assert found("import frobnicate", "some-toolkit", packages=packages) == []
    assert len(found("import other", "some-toolkit", packages=packages)) == 1
    assert found("import pillow", "pillow", packages=packages) == [
        "executor.py imports `pillow`, which no requirement provides: import `PIL` from the package `pillow`"
    ]
    assert found("import yaml", "some-fork", packages=FakePackages(modules={"some-fork": frozenset({"yaml"})})) == []


def test_only_what_decides_is_in_question() -> None:
    executor = Source.read("executor.py", "import PIL, frobnicate")
    known = with_note(["pillow"], "pillow==1.0\n" + SERVER)
    assert requirements_in_question(executor, with_note(["pillow", "other"], "pillow==1.0\nother==2\n")) == [
        "pillow==1.0",
        "other==2",
    ]
    assert requirements_in_question(Source.read("executor.py", "import PIL"), known) == []
    assert requirements_in_question(Source.read("executor.py", "import pillow"), known) == ["pillow==1.0"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import cgi", "which Python 3.13 no longer has: use `urllib.parse` and `email.message`, or add `legacy-cgi`"),
        ("from distutils.version import LooseVersion", "use `shutil`, `sysconfig` or `packaging.version`"),
        ("import imp", "use `importlib`"),
        ("import imghdr", "no longer has"),
        ("import nis", "no longer has"),
        ("import tkinter as tk", "needs a screen"),
        ("import turtle", "needs a screen"),
        ("import winreg", "Windows only"),
        ("import pyautogui", "cannot be used: `pyautogui` needs a screen"),
        ("from tabula import read_pdf", "cannot be used: `tabula-py` needs a Java runtime"),
        ("from flask import Flask", "which no service needs"),
        ("import pytest", "is there for the tests only"),
        ("import packaging", "which no requirement provides"),
        ("from . import other", "uses a relative import"),
        ("from .other import x", "uses a relative import"),
        ("import server", "not for it to use"),
        ("import test_executor", "not for it to use"),
        ("import executor", "is that very file"),
    ],
)
def test_what_no_requirement_can_mend(source: str, words: str) -> None:
    reasons = found(source)
    assert len(reasons) == 1
    assert reasons[0].startswith("executor.py ")
    assert words in reasons[0]
    assert "\n" not in reasons[0]


def test_packages_that_bring_a_module_back() -> None:
    assert found("import cgi, cgitb", "legacy-cgi") == []
    assert found("import audioop", pinned="audioop-lts==1  # via x\n") == []
    assert found("import distutils", "setuptools") == []


def test_the_test_file_is_checked_as_well() -> None:
    assert found("", tests=TESTS + "import server\nfrom PIL import Image\n") == [
        "test_executor.py imports `PIL`, which `pillow` provides: add it to test_requirements.txt",
        "test_executor.py imports `server`, which is not for it to use; everything the service does is in executor.py",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "def execute(input):\n    import yaml",
        "class A:\n    from yaml import load",
        "if True:\n    import yaml",
        "try:\n    import yaml\nexcept ImportError:\n    raise",
        "try:\n    import yaml\nexcept ImportError as error:\n    raise RuntimeError('install it') from error",
        "try:\n    import yaml\nexcept ValueError:\n    yaml = None",
        "try:\n    pass\nexcept ImportError:\n    import yaml",
        "try:\n    import json5x\nexcept ImportError:\n    import yaml",
        "try:\n    pass\nfinally:\n    import yaml",
        "import importlib\nimportlib.import_module('yaml')",
        "from importlib import import_module\nx = import_module('yaml')",
        "__import__('yaml')",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import yaml",
        "with suppress(ValueError):\n    import yaml",
        "async def f():\n    async with x:\n        import yaml",
    ],
)
def test_imports_are_found_wherever_they_are(source: str) -> None:
    assert found(source) == ["executor.py imports `yaml`, which `pyyaml` provides: add it to requirements.txt"]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import yaml\nexcept ImportError:\n    yaml = None",
        "try:\n    import yaml\nexcept ModuleNotFoundError:\n    import json as yaml",
        "try:\n    import yaml\nexcept (ValueError, ImportError):\n    pass",
        "try:\n    if x:\n        import yaml\nexcept:\n    pass",
        "try:\n    import cgi\nexcept Exception:\n    cgi = None",
        "from contextlib import suppress\nwith suppress(ImportError):\n    import yaml",
        "import typing\nif typing.TYPE_CHECKING:\n    import yaml",
        "import sys\nif sys.version_info >= (3, 11):\n    import tomllib\nelse:\n    import tomli as tomllib",
        "import sys\nif sys.platform == 'win32':\n    import winreg",
        "import importlib\nname = 'yaml'\nimportlib.import_module(name)",
        "text = 'import yaml'",
    ],
)
def test_imports_that_need_not_succeed_are_left_out(source: str) -> None:
    assert found(source) == []


def test_deeply_nested_source_is_read() -> None:
    source = "x = " + "+".join(["1"] * 900) + "\nimport yaml\n"
    assert len(found(source)) == 1


def test_each_fault_is_told_once() -> None:
    assert len(found("import yaml\nimport yaml\ndef f():\n    from yaml import load\n")) == 1


def test_standard_library_is_that_of_the_image() -> None:
    own = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    # Python 3.14 and later add some; Python 3.12 and 3.13 removed some.
    later = {"annotationlib", "compression"}
    assert own - STANDARD - set(GONE) - set(UNUSABLE) - later == set()
    assert STANDARD.isdisjoint(GONE)
    assert STANDARD.isdisjoint(UNUSABLE)


def test_import_names_come_from_the_same_data() -> None:
    assert len(PROVIDERS) > 100
    assert IMPORT_NAMES["pil"] == "pillow"
    assert IMPORT_NAMES["cv2"] == "opencv-python-headless"
    # The package of this name is the one that is meant.
    assert "levenshtein" not in IMPORT_NAMES
    assert "setuptools" not in IMPORT_NAMES
