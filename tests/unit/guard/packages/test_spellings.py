"""No spelling of a requirement gets a package past the rules."""

from __future__ import annotations

import pytest

from bot.clients.packages import Packages, Unresolvable
from bot.guard.packages.requirements import python_packages
from bot.guard.packages.verdicts import in_question, name_of, near_twin, needless, trap, verdicts
from tests.fakes.packages import FakePackages
from tests.unit.guard.packages.projects import NOW, judged, project

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
