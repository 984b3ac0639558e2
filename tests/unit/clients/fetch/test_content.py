"""Which URLs are fetched, where redirects may lead, and which answers count."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clients.fetch import fetch
from bot.clients.fetch.content import REDIRECTS, UNKNOWN
from tests.fakes.internet import PUBLIC, Internet, Site
from tests.unit.clients.fetch.refusals import postponement, refusal

# What is fetched


def test_content_comes_with_its_type_and_is_asked_for_without_the_fragment(site: Site, internet: Internet) -> None:
    site.answers["/a.png?x=1"] = (200, {"Content-Type": "Image/PNG; q=1"}, b"\x89PNG\0")

    fetched = fetch("http://files.example.com/a.png?x=1#part", network=internet.network())

    assert [path for path, _ in site.asked] == ["/a.png?x=1"]
    assert (fetched.media_type, fetched.content) == ("image/png", b"\x89PNG\0")
    assert "PNG" not in repr(fetched)


def test_nothing_is_said_about_who_asks(
    site: Site, internet: Internet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine files.example.com login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    site.answers["/a"] = (302, {"Location": "/b", "Set-Cookie": "a=b"}, b"")
    site.answers["/b"] = (200, {}, b"x")

    fetched = fetch("http://files.example.com/a", network=internet.network())

    assert (fetched.media_type, fetched.content) == (UNKNOWN, b"x")
    expected = {"host": "files.example.com", "user-agent": "gptdeploy", "accept": "*/*", "accept-encoding": "identity"}
    assert site.asked == [("/a", expected), ("/b", expected)]


@pytest.mark.parametrize("header", ["text/html", "", "nonsense", "text/<script>", "text/html, image/png"])
def test_only_what_is_a_media_type_is_taken_for_one(site: Site, internet: Internet, header: str) -> None:
    site.answers["/"] = (200, {"Content-Type": header}, b"x")

    assert fetch("http://files.example.com/", network=internet.network()).media_type == (
        "text/html" if header == "text/html" else UNKNOWN
    )


# Redirects


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://127.0.0.1/", "public internet"),
        ("http://169.254.169.254/latest/meta-data", "public internet"),
        ("http://private.example.com/", "public internet"),
        ("//localhost/", "public internet"),
        ("file:///etc/passwd", "only http"),
        ("http://files.example.com:6379/", "usual ports"),
        ("http://a:b@files.example.com/", "user name"),
        ("http://[", "neither"),
        ("http://files.example.com:x/", "no address"),
    ],
)
@pytest.mark.parametrize("status", [301, 307])
def test_redirects_are_judged_like_the_first_url(
    site: Site, internet: Internet, location: str, why: str, status: int
) -> None:
    internet.names["private.example.com"] = [["192.168.0.1"]]
    site.answers["/"] = (status, {"Location": location}, b"")

    assert why in refusal("http://files.example.com/", internet)
    assert internet.reached == [(PUBLIC, 80)]


def test_five_redirects_are_followed_and_no_more(site: Site, internet: Internet) -> None:
    for number in range(REDIRECTS + 1):
        site.answers[f"/{number}"] = (303, {"Location": f"{number + 1}"}, b"")
    site.answers[f"/{REDIRECTS + 1}"] = (200, {}, b"there")

    assert fetch("http://files.example.com/1", network=internet.network()).content == b"there"
    assert "more than 5 times" in refusal("http://files.example.com/0", internet)


# Answers


@pytest.mark.parametrize("status", [201, 204, 206, 300, 302, 304, 401, 403, 404, 410, 451])
def test_only_200_counts(site: Site, internet: Internet, status: int) -> None:
    site.answers["/"] = (status, {}, b"")

    assert f"answers {status}" in refusal("http://files.example.com/", internet)


@pytest.mark.parametrize(
    ("status", "header", "wait"), [(500, "", None), (503, "7", 7), (429, "999999999", 60), (502, "soon", None)]
)
def test_busy_servers_are_asked_again(
    site: Site, internet: Internet, status: int, header: str, wait: float | None
) -> None:
    site.answers["/"] = (status, {"Retry-After": header} if header else {}, b"")

    error = postponement("http://files.example.com/", internet)

    assert f"answers {status}" in str(error)
    assert error.retry_after == wait


def test_broken_connections_are_tried_again(site: Site, internet: Internet) -> None:
    site.answers["/"] = (200, {"Content-Length": "10"}, b"short")
    postponement("http://files.example.com/", internet)

    internet.deaf = {PUBLIC}
    postponement("http://files.example.com/", internet)


# What is not an address


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://files.example.com/a", "only http"),
        ("file:///etc/passwd", "only http"),
        ("gopher://files.example.com", "only http"),
        ("data:text/plain,x", "only http"),
        ("//files.example.com/a", "only http"),
        ("files.example.com/a", "only http"),
        ("", "only http"),
        ("http://me:secret@files.example.com/", "user name"),
        ("http://files.example.com@files.example.com/", "user name"),
        ("http://files.example.com\\@127.0.0.1/", "user name"),
        ("http://files.example.com:8080/", "usual ports"),
        ("http://files.example.com:443/", "usual ports"),
        ("https://files.example.com:80/", "usual ports"),
        ("http://files.example.com:22/", "usual ports"),
        ("http://files.example.com:99999/", "usual ports"),
        ("http://files.example.com:x/", "no address"),
        ("http://files.example.com/\r\nHost: x", "no address"),
        ("http://files.example.com/" + "a" * 2_000, "longer than 2000"),
        ("http:///a", "neither"),
        ("http://files.example.com./", "neither"),
        ("http://intranet/", "neither"),
        ("http://exa mple.com/", "neither"),
        ("http://-a.example.com/", "neither"),
        ("http://" + "a." * 150 + "com/", "neither"),
    ],
)
def test_urls_that_are_none_of_ours(internet: Internet, url: str, why: str) -> None:
    assert why in refusal(url, internet)
    assert internet.resolved == []
    assert internet.reached == []
