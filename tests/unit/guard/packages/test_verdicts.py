"""Traps among packages, and packages no service can use."""

from __future__ import annotations

import re

import pytest
from packaging.utils import canonicalize_name

from bot.clients.packages.source_builds import SOURCE_BUILDS
from bot.guard.packages.famous import FAMOUS, HONEST
from bot.guard.packages.import_names import IMPORT_NAMES, PROVIDERS
from bot.guard.packages.known import KNOWN_BAD, NEEDLESS
from bot.guard.packages.verdicts import in_question, known_bad, near_twin, needless, trap, verdicts
from bot.values.packages import Project
from tests.fakes.packages import FakePackages
from tests.unit.guard.packages.projects import NOW, judged, project


def test_ordinary_package_may_be_used() -> None:
    assert trap("frobnicator", project(), (), NOW) is None
    assert trap("frobnicator", project(age_days=14), (), NOW) is None
    # An index of one's own may not tell the age.
    assert trap("frobnicator", project(age_days=None), (), NOW) is None
    assert trap("frobnicator", project(sources=("2.0",), for_image=("2.0", "3.0")), (), NOW) is None
    assert trap("frobnicator", project(sources=("2.0",), source_build="is pure Python"), (), NOW) is None


@pytest.mark.parametrize(
    ("name", "said", "reason"),
    [
        ("nothing", None, "`nothing` does not exist on the package index"),
        ("reqeusts", None, "`reqeusts` does not exist on the package index; `requests` is probably meant"),
        ("frobnicator", project(for_image=()), "has no release for Python 3.13"),
        ("frobnicator", project(sources=("2.0",)), "has no wheel for Python 3.13 on Linux"),
    ],
)
def test_what_cannot_be_installed_is_refused_whatever_is_allowed(name: str, said: Project | None, reason: str) -> None:
    for allow in ((), ("frobnicator", "nothing", "reqeusts")):
        refusal = trap(name, said, allow, NOW)
        assert refusal is not None
        assert reason in refusal


@pytest.mark.parametrize(
    ("name", "said", "reason"),
    [
        ("fresh", project("fresh", age_days=13.9), "is 13 days old, and taken from 14 days on"),
        ("fresh", project("fresh", age_days=-1), "is 0 days old"),
        ("fresh", project("fresh", versions=(), for_image=()), "was never released properly"),
        ("reqeusts", project("reqeusts"), "is nearly called `requests`"),
    ],
)
def test_what_looks_like_a_trap_is_refused_unless_it_is_allowed(name: str, said: Project, reason: str) -> None:
    refusal = trap(name, said, ("other",), NOW)
    assert refusal is not None
    assert refusal.startswith(f"`{name}` ")
    assert reason in refusal
    assert f"`packages.allow` in `.github/microservice.yml` must name `{name}`" in refusal
    for spelling in (name, name.upper(), f" {name} ", f"{name.capitalize()}[extra]"):
        assert trap(name, said, (spelling,), NOW) is None


@pytest.mark.parametrize(
    ("name", "famous"),
    [
        ("reqeusts", "requests"),
        ("requets", "requests"),
        ("requestss", "requests"),
        ("requests3", "requests"),
        ("rewuests", "requests"),
        ("equests", "requests"),
        ("numpi", "numpy"),
        ("nurnpy", "numpy"),
        ("pi1low", "pillow"),
        ("djang0", "django"),
        ("urllib", "urllib3"),
        ("urllib4", "urllib3"),
        ("jinja", "jinja2"),
        ("attr", "attrs"),
        ("beautifulsoup", "beautifulsoup4"),
        ("pythondateutil", "python-dateutil"),
        ("python-date-util", "python-dateutil"),
        ("dateutil-python", "python-dateutil"),
        ("python-opencv", "opencv-python"),
        ("Python_OpenCV", "opencv-python"),
        ("sixx", "six"),
        ("isx", "six"),
        ("wordclouds", "wordcloud"),
    ],
)
def test_near_twins(name: str, famous: str) -> None:
    assert near_twin(name) == famous


@pytest.mark.parametrize(
    "name",
    [
        "requests",
        "Requests",
        "attrs",
        "jinja2",
        "urllib3",
        "httpx",
        "httpcore",
        "toml",
        "tomli",
        "Python.DateUtil",
        "lz4",
        "frobnicator",
        "sax",
        "sik",
        "pdfplumber",
        "python-docx",
        "docxtpl",
        "qrcode",
        "segno",
        "pyyaml",
        "pyaml",
        "motor",
    ],
)
def test_famous_and_unlike_names_are_no_twins(name: str) -> None:
    assert near_twin(name) is None


def test_lists_are_normalised_and_do_not_contradict_each_other() -> None:
    names = [
        *FAMOUS,
        *HONEST,
        *KNOWN_BAD,
        *NEEDLESS,
        *SOURCE_BUILDS,
        *(name for providers in PROVIDERS.values() for name in providers),
    ]
    assert [name for name in names if canonicalize_name(name) != name] == []
    assert len(FAMOUS) >= 400
    assert frozenset() == FAMOUS & HONEST
    assert set(KNOWN_BAD) & NEEDLESS == set()
    # What is recommended must not be refused.
    recommended = {providers[0] for providers in PROVIDERS.values()}
    assert [name for name in recommended if near_twin(name) or name in IMPORT_NAMES] == []
    advice = re.findall(r"(?<!Debian package )`([^`]+)`", " ".join(KNOWN_BAD.values()))
    assert len(advice) > 20
    assert [name for name in advice if near_twin(name) or known_bad(name)] == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pyautogui", "screen"),
        ("PyQt5", "screen"),
        ("wxPython==4.2", "screen"),
        ("tabula-py", "Java"),
        ("pyspark[sql]>=3", "Java"),
        ("language_tool_python", "Java"),
        ("cupy-cuda12x", "GPU"),
        ("nvidia-cublas-cu12", "GPU"),
        ("TensorFlow-GPU", "take `tensorflow-cpu`"),
        ("googletrans ; python_version > '3'", "API"),
        ("fpdf", "take `fpdf2`"),
        ("newspaper3k  # news", "abandoned"),
    ],
)
def test_known_bad(name: str, reason: str) -> None:
    advice = known_bad(name)
    assert advice is not None
    assert reason in advice


@pytest.mark.parametrize(
    "name", ["fpdf2", "faiss-cpu", "tensorflow-cpu", "pillow", "opencv-python", "", "a b", "x @ http://y"]
)
def test_not_known_bad(name: str) -> None:
    assert known_bad(name) is None


def test_needless() -> None:
    assert [
        name for name in ("Flask", "flask[async]>=2", "django", "Uvicorn", "streamlit", "pip") if not needless(name)
    ] == []
    assert [name for name in ("json", "Dataclasses", "asyncio", "concurrent") if not needless(name)] == []
    # `standard-cgi` and its like bring a module back; `tkinter` would need more than a package.
    assert [
        name for name in ("requests", "aiohttp", "black", "cgi", "distutils", "setuptools", "") if needless(name)
    ] == []


def test_verdicts_name_each_package_as_it_was_given() -> None:
    packages = FakePackages("gone", projects={"fresh": project("fresh", age_days=1)})
    names = ["Pillow[webp]>=9", "gone", "fresh>=0", "pyspark", "sklearn", "flask", "reqeusts", "fresh>=0"]

    found = judged(names, packages)

    assert list(found) == ["gone", "fresh>=0", "pyspark", "sklearn", "reqeusts"]
    assert found["gone"] == "`gone` does not exist on the package index"
    assert found["fresh>=0"].startswith("`fresh` is 1 days old")
    assert found["pyspark"] == "`pyspark` needs a Java runtime; take `polars` or `duckdb`"
    assert found["sklearn"] == "`sklearn` is an import name; require `scikit-learn`"
    assert judged(names, packages, ("Fresh", "PySpark", "reqeusts", "sklearn")) == {"gone": found["gone"]}


def test_a_name_in_question_is_never_judged_without_the_index() -> None:
    assert in_question(["frobnicator", "Frobnicator>=2", "pyspark", "flask", "-e ."], ("frobnicator",)) == [
        "frobnicator"
    ]
    with pytest.raises(KeyError):
        verdicts(["frobnicator"], {}, ("frobnicator",), NOW)
