"""What the package index says of a project: its age, its names, and which index answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.clients.packages.index import Index
from bot.errors import TransientError
from tests.fakes.github_http import FakeGitHub, fake_github
from tests.fakes.index_pages import OLD, file, say, say_html
from tests.unit.clients.packages.conftest import MakeIndex


def test_page_without_upload_times_is_dated_by_the_json_api_beside_it(server: FakeGitHub, index: Index) -> None:
    say_html(server, "numpy", "numpy-1.0-py3-none-any.whl")
    releases = {"0.9": [], "1.0": [{"upload_time_iso_8601": "2006-12-02T02:07:43Z"}], "2.0": [{"upload_time": OLD}]}
    server.on("GET", "/pypi/numpy/json", 200, {"releases": releases, "urls": [{"upload_time_iso_8601": OLD}]})

    project = index.project("numpy")

    assert project is not None
    assert project.first_upload == datetime(2006, 12, 2, 2, 7, 43, tzinfo=UTC)
    assert index.project("NumPy") == project
    assert len(server.requests) == 2


@pytest.mark.parametrize(("status", "body"), [(404, None), (400, None), (200, b"<html>"), (200, [])])
def test_index_of_ones_own_that_tells_no_age_is_taken_as_it_is(
    server: FakeGitHub, index: Index, status: int, body: object
) -> None:
    say_html(server, "inhouse", "inhouse-1.0-py3-none-any.whl")
    server.on("GET", "/pypi/inhouse/json", status, body)

    project = index.project("inhouse")

    assert project is not None
    assert project.first_upload is None
    assert project.for_image == ("1.0",)


def test_failure_to_tell_the_age_is_no_pass(server: FakeGitHub, index: Index) -> None:
    say_html(server, "young", "young-1.0-py3-none-any.whl")
    server.on("GET", "/pypi/young/json", 503, None, Retry_After="7")

    with pytest.raises(TransientError) as failure:
        index.project("young")

    assert failure.value.retry_after == 7


def test_public_index_must_tell_the_age(server: FakeGitHub, make_index: MakeIndex) -> None:
    say_html(server, "silent", "silent-1.0-py3-none-any.whl")
    server.on("GET", "/pypi/silent/json", 200, {"releases": {}, "urls": []})

    with pytest.raises(TransientError, match="how old"):
        make_index(f"{server.url}/simple", public=f"{server.url}/simple").project("silent")


def test_young_package_is_told_by_its_oldest_file(server: FakeGitHub, index: Index) -> None:
    born = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    later = (born + timedelta(days=1)).isoformat()
    say(
        server,
        "fresh",
        file("fresh-1.1-py3-none-any.whl", upload_time=later),
        file("fresh-1.0-py3-none-any.whl", upload_time=born.isoformat(), yanked=True),
    )

    project = index.project("fresh")

    assert project is not None
    assert project.first_upload == born


def test_unknown_name(server: FakeGitHub, index: Index) -> None:
    assert index.project("no-such-thing") is None
    assert index.modules("no-such-thing", "1.0") is None
    assert [request.path for request in server.requests] == ["/simple/no-such-thing/"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "a/b",
        "a%2fb",
        "%2e%2e",
        "a b",
        "a?b",
        "a#b",
        "a\n",
        "rеquests",
        "ａ",
        "-a",
        "a-",
        "x @ https://evil.example/x",
        "http://evil.example/",
        "\\a",
        "a@b",
        "a\x00",
        "requests[security]",
    ],
)
def test_only_names_reach_the_index(server: FakeGitHub, index: Index, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a package"):
        index.project(name)

    assert not server.requests


@pytest.mark.parametrize("name", ["Foo.Bar", "foo_bar", "FOO--bar", "foo-._bar"])
def test_names_are_normalised(server: FakeGitHub, index: Index, name: str) -> None:
    say(server, "foo-bar", file("foo_bar-1.0-py3-none-any.whl"))

    project = index.project(name)

    assert project is not None
    assert project.name == "foo-bar"


def test_failures_are_asked_again_and_answers_are_kept_for_an_hour(server: FakeGitHub, make_index: MakeIndex) -> None:
    now = [0.0]
    index = make_index(f"{server.url}/simple", clock=lambda: now[0])
    server.on("GET", "/simple/qrcode/", 500, b"")
    say(server, "qrcode", file("qrcode-1.0-py3-none-any.whl"))

    with pytest.raises(TransientError):
        index.project("qrcode")
    assert index.project("qrcode") == index.project("QRcode")
    assert len(server.requests) == 2
    now[0] = 3_601
    index.project("qrcode")
    assert len(server.requests) == 3


def test_first_index_that_knows_the_name_answers(server: FakeGitHub, make_index: MakeIndex) -> None:
    with fake_github() as own:
        index = make_index({"UV_INDEX": f"corp={own.url}/simple", "PIP_INDEX_URL": f"{server.url}/simple"})
        say(own, "inhouse", file("inhouse-1.0-py3-none-any.whl"))
        say(server, "inhouse", file("inhouse-66.0-py3-none-any.whl"))
        say(server, "qrcode", file("qrcode-1.0-py3-none-any.whl"))

        projects = [index.project(name) for name in ("inhouse", "qrcode", "nobody")]

        assert [project and project.versions for project in projects] == [("1.0",), ("1.0",), None]
        assert not server.asked("GET", "/simple/inhouse/")
        own.on("GET", "/simple/hidden/", 500, b"")
        say(server, "hidden", file("hidden-1.0-py3-none-any.whl"))
        with pytest.raises(TransientError):
            index.project("hidden")
