"""What a new version of a package no longer has is refused, or an older version is required."""

from __future__ import annotations

from datetime import date

import pytest
from packaging.version import Version

from bot.guard.packages.breakages import BREAKAGES, breakage_faults
from bot.guard.packages.imports import import_faults, lacking_packages
from bot.guard.packages.requirements import with_note
from bot.guard.source import Source

OLD_SETUPTOOLS = """\
import pkg_resources
from pydantic import BaseModel


class Input(BaseModel):
    name: str


class Output(BaseModel):
    version: str


def execute(input: Input) -> Output:
    return Output(version=str(pkg_resources.parse_version(input.name)))
"""


def _executor(text: str) -> Source:
    return Source.read("executor.py", text)


@pytest.mark.parametrize("pinned", ["", "setuptools==84.2.1\n", "setuptools==82.0.0\n"])
def test_a_version_is_required_that_provides_the_import(pinned: str) -> None:
    assert lacking_packages(_executor(OLD_SETUPTOOLS), with_note([], pinned)) == ["setuptools<82"]


def test_a_version_that_provides_the_import_is_enough() -> None:
    pinned = with_note(["setuptools<82"], "setuptools==81.0.0\n")

    assert lacking_packages(_executor(OLD_SETUPTOOLS), pinned) == []
    assert import_faults(_executor(OLD_SETUPTOOLS), pinned, {}) == []


@pytest.mark.parametrize("pinned", ["", "setuptools==84.2.1\n"])
def test_else_the_import_is_refused_with_what_to_use(pinned: str) -> None:
    faults = import_faults(_executor(OLD_SETUPTOOLS), with_note(["setuptools"], pinned), {})

    assert faults == [
        "executor.py imports `pkg_resources`, which setuptools 82 removed (2026-02-08): use `importlib.metadata`, "
        "`importlib.resources` or `packaging.version`, or require `setuptools<82`"
    ]


DRAW = "from PIL import Image, ImageDraw\ndraw = ImageDraw.Draw(Image.new('RGB', (9, 9)))\n"


@pytest.mark.parametrize(
    ("source", "package", "version", "name"),
    [
        ("import numpy as np\nx = np.float_(1)\n", "numpy", "2.5.5", "numpy.float_"),
        ("import numpy\nx = numpy.Inf\n", "numpy", "2.0.0", "numpy.Inf"),
        ("from numpy import product as times\n", "numpy", "2.5.5", "numpy.product"),
        ("import numpy as np\nx = np.zeros(3, dtype=np.int)\n", "numpy", "1.26.4", "numpy.int"),
        ("from PIL import Image\nx = Image.ANTIALIAS\n", "pillow", "13.0.0", "PIL.Image.ANTIALIAS"),
        ("import PIL.Image\nx = PIL.Image.ANTIALIAS\n", "pillow", "10.0.0", "PIL.Image.ANTIALIAS"),
        ("import PIL.Image as I\nx = I.CUBIC\n", "pillow", "13.0.0", "PIL.Image.CUBIC"),
        ("from pydantic import BaseSettings\n", "pydantic", "2.14.4", "pydantic.BaseSettings"),
        (f"{DRAW}draw.textsize('a')\n", "pillow", "10.0.0", "PIL.ImageDraw.Draw().textsize"),
        (
            "from PIL import ImageDraw\nImageDraw.Draw(0).textsize('a')\n",
            "pillow",
            "11.3.0",
            "PIL.ImageDraw.Draw().textsize",
        ),
        (
            "import pandas as pd\nt = pd.DataFrame()\nfor n in (1, 2):\n    t = t.append(n)\n",
            "pandas",
            "3.1.1",
            "pandas.DataFrame().append",
        ),
        ("import httpx\nwith httpx.Client(proxies={}) as client: pass\n", "httpx", "0.28.1", "httpx.Client(proxies=)"),
        ("from pydantic import Field\nx = Field(regex='a')\n", "pydantic", "2.14.4", "pydantic.Field(regex=)"),
        ("import moviepy.editor as mpe\n", "moviepy", "2.2.1", "moviepy.editor"),
        ("from moviepy.editor import VideoFileClip\n", "moviepy", "2.2.1", "moviepy.editor"),
        (
            "import openai\nopenai.ChatCompletion.create(model='x')\n",
            "openai",
            "3.57.0",
            "openai.ChatCompletion.create",
        ),
        ("from scipy import integrate\nintegrate.simps([1])\n", "scipy", "1.18.1", "scipy.integrate.simps"),
        ("from PyPDF2 import PdfFileReader\n", "pypdf2", "3.0.1", "PyPDF2.PdfFileReader"),
        ("from collections import Mapping\n", "numpy", "2.5.5", "collections.Mapping"),
    ],
)
def test_a_name_that_is_gone_is_refused_with_what_to_use(source: str, package: str, version: str, name: str) -> None:
    pinned = with_note([package], f"{package}=={version}  # via x\n")

    faults = import_faults(_executor(source), pinned, {})

    assert faults == [f"executor.py uses `{name}`, {BREAKAGES[name]}"]


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ("import numpy as np\nx = np.float_(1)\n", "1.26.4"),
        ("import numpy as np\nx = np.float64(1)\n", "2.5.5"),
        ("import numpy as np\nx = np.float_(1) if hasattr(np, 'float_') else 1.0\n", "2.5.5"),
        ("import numpy as np\ntry:\n    x = np.Inf\nexcept AttributeError:\n    x = np.inf\n", "2.5.5"),
        ("from .numpy import Inf\n", "2.5.5"),
        ("class np:\n    Inf = 1\n\n\nx = np.Inf\n", "2.5.5"),
        (f"{DRAW}draw.textbbox((0, 0), 'a')\n", "11.3.0"),
        (f"{DRAW}draw = Mine()\ndraw.textsize('a')\n", "11.3.0"),
        (f"{DRAW}\n\ndef own(draw):\n    draw.textsize('a')\n", "11.3.0"),
        (f"{DRAW}for draw in others:\n    draw.textsize('a')\n", "11.3.0"),
        ("import pandas as pd\nt = pd.DataFrame()\nt = t.to_dict('records')\nt.append(1)\n", "3.1.1"),
        ("import httpx\nhttpx.Client(proxy='x')\n", "0.28.1"),
        ("from collections.abc import Mapping\n", "3.13"),
    ],
)
def test_a_name_that_is_there_is_not_refused(source: str, version: str) -> None:
    assert breakage_faults(_executor(source), lambda _: Version(version)) == []


def test_a_package_that_is_not_pinned_is_not_judged() -> None:
    assert breakage_faults(_executor("import numpy\nx = numpy.Inf\n"), lambda _: None) == []


def test_the_table_is_sound() -> None:
    for name, breakage in BREAKAGES.items():
        assert Version(breakage.version) > Version("0")
        assert date(2019, 1, 1) < date.fromisoformat(breakage.released) < date(2030, 1, 1)
        assert breakage.name == name
        assert breakage.instead
