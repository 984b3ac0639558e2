"""Which system packages exist, by a small archive on loopback."""

from __future__ import annotations

import lzma

import pytest

from bot.clients.packages.debian import Archive
from bot.errors import TransientError
from tests.fakes.github_http import FakeGitHub, fake_github

PATH = "/debian/dists/trixie/main/binary-amd64/Packages.xz"
LIST = """\
Package: ffmpeg
Version: 7:7.1
Description: tools
 Package: not-this

Package: libgl1
Provides: libgl1.2

Package: libgl1-mesa-dri

Package: libasound2t64
Provides: libasound2 (= 1.2.14-1)

Package: mawk
Provides: awk

Package: gawk
Provides: awk

Package: tesseract-ocr

Package: tesseract-ocr-eng

Package: librust-foo-dev
Provides: librust-foo+bar-dev (= 1.0)
"""


def serve(server: FakeGitHub, path: str = PATH, text: str = LIST) -> None:
    server.on("GET", path, 200, lzma.compress(text.encode()), Content_Type="application/x-xz")


def test_names_and_what_apt_can_take_for_them_exist(server: FakeGitHub) -> None:
    serve(server)
    archive = Archive([f"{server.url}/debian/"])

    assert archive.missing(["ffmpeg", "libgl1", "libgl1.2", "libasound2", "tesseract-ocr-eng"]) == {}


def test_missing_names_come_with_what_may_be_meant(server: FakeGitHub) -> None:
    serve(server)
    archive = Archive([f"{server.url}/debian"])

    assert archive.missing(["libgl1-mesa-glx", "awk", "ffmpeg", "tesseract", "fmpeg", "not-this", "zzz", "zzz"]) == {
        "libgl1-mesa-glx": ("libgl1", "libgl1-mesa-dri"),
        # Of several providers apt wants one to be named.
        "awk": ("gawk", "mawk"),
        "tesseract": ("tesseract-ocr",),
        "fmpeg": (),
        "not-this": (),
        "zzz": (),
    }


def test_list_is_fetched_when_first_needed_and_kept_for_a_day(server: FakeGitHub) -> None:
    serve(server)
    now = [0.0]
    archive = Archive([f"{server.url}/debian"], clock=lambda: now[0])

    assert archive.missing([]) == {}
    assert not server.requests
    archive.missing(["ffmpeg"])
    now[0] = 86_399
    archive.missing(["ffmpeg"])
    assert len(server.requests) == 1
    now[0] = 86_401
    archive.missing(["ffmpeg"])
    assert len(server.requests) == 2


def test_old_list_serves_while_the_archive_is_down(server: FakeGitHub) -> None:
    serve(server)
    server.on("GET", PATH, 503, b"")
    now = [0.0]
    archive = Archive([f"{server.url}/debian"], clock=lambda: now[0])
    archive.missing(["ffmpeg"])
    now[0] = 90_000

    assert archive.missing(["ffmpeg", "zzz"]) == {"zzz": ()}
    archive.missing(["ffmpeg"])
    assert len(server.requests) == 2


def test_next_mirror_is_asked(server: FakeGitHub) -> None:
    server.on("GET", "/one/dists/trixie/main/binary-amd64/Packages.xz", 500, b"")
    serve(server)

    assert Archive([f"{server.url}/one", f"{server.url}/debian"]).missing(["zzz"]) == {"zzz": ()}


def test_another_platform_has_a_list_of_its_own(server: FakeGitHub) -> None:
    serve(server, PATH.replace("amd64", "arm64"))

    assert Archive([f"{server.url}/debian"], platform="aarch64").missing(["ffmpeg"]) == {}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b""),
        (429, b""),
        (500, b""),
        (200, b"<html>busy</html>"),
        (200, b""),
        (200, lzma.compress(LIST.encode())[:-20]),
        (200, lzma.compress(b"Origin: elsewhere\n")),
    ],
)
def test_no_list_is_transient(server: FakeGitHub, status: int, body: bytes) -> None:
    server.on("GET", PATH, status, body, Retry_After="9")

    with pytest.raises(TransientError) as failure:
        Archive([f"{server.url}/debian"]).missing(["ffmpeg"])

    assert failure.value.retry_after == (9 if status != 200 else None)


def test_archive_that_is_gone_or_not_set_is_transient() -> None:
    with fake_github() as gone:
        pass

    with pytest.raises(TransientError, match="does not answer"):
        Archive([f"{gone.url}/debian"]).missing(["ffmpeg"])
    with pytest.raises(TransientError):
        Archive([]).missing(["ffmpeg"])
