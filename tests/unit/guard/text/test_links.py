"""Links are found wherever Markdown has them, and what they lead to gets a name that is safe in a repository."""

from __future__ import annotations

import pytest

from bot.guard.text.links import LONGEST_NAME, MOST_LINKS, fixture_name, issue_links, links
from bot.values.service import Fixture

A = "https://a.example/x"
B = "http://b.example"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"The page {A} has a title", [A]),
        (f"See {A}.", [A]),
        (f"{A}, {B}; done", [A, B]),
        (f"Is it {A}?", [A]),
        (f"({A})", [A]),
        (f"(see {A}), then more", [A]),
        (f"<{A}>", [A]),
        (f"[text]({A})", [A]),
        (f'[text]({A} "A title")', [A]),
        (f"![alt]({A}.png)", [f"{A}.png"]),
        (f"[{A}]({B})", [A, B]),
        (f"[text]: {A}", [A]),
        (f"`{A}` and ``{B}``", [A, B]),
        (f"```\n{A}\n```", [A]),
        (f"**{A}** _{B}_", [A, B]),
        (f"'{A}' \"{B}\"", [A, B]),
        (f"| {A} | {B}|", [A, B]),
        (f'<a href="{A}">', [A]),
        (f"{A}。次", [A]),
        (f"{A}…", [A]),
        (f"{A} {B} {A}", [A, B]),
        ("https://en.example.org/Foo_(bar)", ["https://en.example.org/Foo_(bar)"]),
        ("(https://en.example.org/Foo_(bar))", ["https://en.example.org/Foo_(bar)"]),
        ("https://a.example/?a=1&amp;b=2&c=3", ["https://a.example/?a=1&b=2&c=3"]),
        ("https://a.example/a%20b#part", ["https://a.example/a%20b#part"]),
        ("HTTPS://A.example", ["HTTPS://A.example"]),
        ("http://[2606:4700::1111]/x", ["http://[2606:4700::1111]/x"]),
        ("http://例え.jp/", ["http://例え.jp/"]),
        # Nothing to fetch.
        ("", []),
        ("a.example/x, ftp://a.example, mailto:me@a.example, /etc/passwd", []),
        ("http:// and https://) and https:///x and http://[", []),
        ("git+https://a.example/x.git", []),
    ],
)
def test_links(text: str, expected: list[str]) -> None:
    assert list(links(text)) == expected


def test_an_issue_has_five_links_and_the_others_are_named() -> None:
    texts = [f"{B}/{number} and {B}/0" for number in range(MOST_LINKS + 2)]

    taken, left = issue_links(texts)

    assert taken == tuple(f"{B}/{number}" for number in range(MOST_LINKS))
    assert left == (f"{B}/5", f"{B}/6")


@pytest.mark.parametrize("text", ["https://" + "(" * 50_000, "http://a.b/" + ")" * 50_000, "https://a." * 20_000])
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    links(text)


@pytest.mark.parametrize(
    ("url", "media_type", "expected"),
    [
        ("https://a.example/photo.png", "image/png", "photo.png"),
        ("https://a.example/photo.JPEG", "image/jpeg", "photo.JPEG"),
        ("https://a.example/a/b/report.pdf?download=1#page=2", "application/pdf", "report.pdf"),
        ("https://a.example/", "text/html", "a.example-index.html"),
        ("https://a.example", "application/json", "a.example-index.json"),
        ("https://a.example/download?id=7", "application/pdf", "download.pdf"),
        ("https://a.example/page.php", "text/html", "page.php.html"),
        ("https://a.example/v1.2", "application/json", "v1.2.json"),
        # A type that says little leaves the name as it is.
        ("https://a.example/cube.obj", "text/plain", "cube.obj"),
        ("https://a.example/cube.obj", "application/octet-stream", "cube.obj"),
        ("https://a.example/data", "text/plain", "data.txt"),
        ("https://a.example/data", "application/octet-stream", "data"),
        ("https://a.example/data.weird", "application/x-nobody-knows", "data.weird"),
        ("https://a.example/a.tar.gz", "application/gzip", "a.tar.gz"),
        ("https://a.example/a.tgz", "application/x-gzip", "a.tgz"),
        # What a repository or a file system would take for something else.
        ("https://a.example/..%2f..%2fetc%2fpasswd", "text/plain", "passwd.txt"),
        ("https://a.example/.gitattributes", "text/plain", "fixture.gitattributes.txt"),
        ("https://a.example/-rf", "application/octet-stream", "rf"),
        ("https://a.example/a%00b%0ac.txt", "text/plain", "a-b-c.txt"),
        ("https://a.example/__init__.py", "application/octet-stream", "init__.py"),
        ("https://a.example/%C3%9Cber%20uns.txt", "text/plain", "Uber-uns.txt"),
        ("https://a.example/%E6%97%A5%E6%9C%AC.png", "image/png", "fixture.png"),
        ("https://a.example/%E6%97%A5%E6%9C%AC", "image/png", "a.example-index.png"),
    ],
)
def test_names(url: str, media_type: str, expected: str) -> None:
    assert fixture_name(url, media_type, ()) == expected


def test_names_are_never_taken_twice_nor_too_long() -> None:
    url = f"https://a.example/{'a' * 300}.png"
    taken: list[str] = []
    for _ in range(12):
        taken.append(fixture_name(url, "image/png", taken))

    assert len({name.casefold() for name in taken}) == 12
    assert {len(name) for name in taken} == {LONGEST_NAME}
    for name in taken:
        Fixture(name=name, url=url, media_type="image/png", data="")
    assert fixture_name("https://b.example/A.png", "image/png", ["a.PNG", "a-2.png"]) == "A-3.png"
