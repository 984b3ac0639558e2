"""Traps among packages, packages no service can use, and that no spelling gets around either."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from packaging.utils import canonicalize_name

from bot.clients.packages import Packages, Unresolvable
from bot.clients.packages.source_builds import SOURCE_BUILDS
from bot.guard.packages.famous import FAMOUS, HONEST
from bot.guard.packages.import_names import IMPORT_NAMES, PROVIDERS
from bot.guard.packages.known import KNOWN_BAD, NEEDLESS
from bot.guard.packages.requirements import python_packages
from bot.guard.packages.verdicts import in_question, known_bad, name_of, near_twin, needless, trap, verdicts
from bot.values.packages import Project
from tests.fakes.packages import FakePackages

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def project(name: str = "frobnicator", age_days: float | None = 3_000, **changes: object) -> Project:
    born = None if age_days is None else NOW - timedelta(days=age_days)
    fields = {"name": name, "first_upload": born, "versions": ("1.0", "2.0"), "for_image": ("2.0",), **changes}
    return Project.model_validate(fields)


def judged(names: list[str], packages: Packages, allow: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the verdicts, with what `packages` says of the names in question."""
    projects = {name: packages.project(name) for name in in_question(names, allow)}
    return verdicts(names, projects, allow, NOW)


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


TRICKS = [
    "reqeusts",
    "Reqeusts",
    " reqeusts ",
    "reqeusts==1.0",
    "reqeusts [security] >= 2",
    "reqeusts[a,b]",
    'reqeusts; python_version < "3"',
    "reqeusts;sys_platform=='win32'",
    "reqeusts # requests",
    "reqeusts==1.0  # `packages.allow`: reqeusts",
    "(reqeusts)",
    "reqeusts @ https://files.example/requests-1.0.whl",
    "requests @ https://evil.example/x.whl",
    "requests@file:///etc/passwd",
    "https://evil.example/requests.whl",
    "git+https://evil.example/requests",
    "-r reqeusts.txt",
    "--index-url https://evil.example/simple requests",
    "-e .",
    "./requests",
    "/tmp/requests",
    "../requests",
    "..",
    "rеquests",  # with a Cyrillic letter
    "requests\u200b",
    "ｒequests",
    "re\u00adquests",
    "%72equests",
    "requests%2f..%2fevil",
    "requests\nevil",
    "requests evil",
    "requests,evil",
    "requests\x00",
    "requests --hash=sha256:0",
    "${PACKAGE}",
    "",
]


@pytest.mark.parametrize("line", TRICKS)
def test_no_spelling_gets_a_package_past_the_rules(line: str) -> None:
    allow = ("requests", "other")
    asked = in_question([line], allow)

    found = verdicts([line], {name: project(name) for name in asked}, allow, NOW)

    assert list(found) == [line]
    assert all(name == "reqeusts" for name in asked)


@pytest.mark.parametrize("line", [trick for trick in TRICKS if trick and name_of(trick) is None and "\n" not in trick])
def test_what_is_no_plain_requirement_is_neither_kept_nor_pinned(line: str) -> None:
    kept, problems = python_packages([line])
    assert kept == []
    assert len(problems) == 1
    with pytest.raises(Unresolvable, match="not a plain requirement"):
        Packages({"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}).pin(line)


def test_markers_hide_nothing_from_any_rule() -> None:
    lines = ["pyspark; python_version<'3'", "reqeusts; extra == 'x'", "no-such; sys_platform == 'win32'"]
    assert set(judged(lines, FakePackages("no-such"))) == set(lines)
    assert needless("flask; python_version < '3'")


@pytest.mark.parametrize("spelling", ["frozen-dict", "Frozen_Dict", "FROZEN.DICT", "frozen--dict", "frozen-_.dict"])
def test_variants_of_a_name_are_one_name(spelling: str) -> None:
    assert near_twin(spelling) == "frozendict"
    assert in_question([spelling], ("frozen.Dict",)) == ["frozen-dict"]
    assert verdicts([spelling], {"frozen-dict": project("frozen-dict")}, ("frozen.Dict",), NOW) == {}


@pytest.mark.parametrize("entry", ["", "*", "req*", "reqeusts requests", "rеqeusts", "reqeusts @ https://x/y", ".*"])
def test_allow_names_packages_and_nothing_else(entry: str) -> None:
    assert trap("reqeusts", project("reqeusts"), (entry,), NOW) is not None
