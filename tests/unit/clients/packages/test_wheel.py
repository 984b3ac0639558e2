"""Which modules a wheel brings, and what licence it names, by the end of its file."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from bot.clients.packages.index import Index
from bot.clients.packages.wheel import licence, read_wheel
from tests.fakes.github_http import FakeGitHub
from tests.fakes.index_pages import file, say


class _Parts(BaseHTTPRequestHandler):
    """Serves `content` in the part that is asked for, or, at /whole, always all of it."""

    content = b""

    def do_GET(self) -> None:
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        size = len(self.content)
        begin, end = (size - min(size, int(last)), size) if not first else (int(first), int(last or size - 1) + 1)
        whole = self.path == "/whole"
        part = self.content if whole else self.content[begin:end]
        self.send_response(200 if whole else 206)
        if not whole:
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{size}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def parts() -> Iterator[str]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("noise.dat", os.urandom(200_000))
        # So many that their list is longer than what is fetched first.
        for number in range(1_500):
            archive.writestr(f"PIL/module_with_quite_a_long_name_{number:04}.py", b"")
        archive.writestr("single.py", b"")
        archive.writestr("_fast.cpython-313-x86_64-linux-gnu.so", b"")
        archive.writestr("pillow.libs/libjpeg.so.62", b"")
        archive.writestr("x-1.data/purelib/inner/__init__.py", b"")
        archive.writestr("x-1.data/scripts/run.py", b"")
        archive.writestr(
            "x-1.dist-info/METADATA", b"Metadata-Version: 2.4\nName: x\nLicense-Expression: MIT-CMU\n\nText"
        )
    _Parts.content = packed.getvalue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Parts)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_modules_are_read_from_the_end_of_a_wheel(parts: str, server: FakeGitHub, index: Index) -> None:
    say(server, "pillow", {**file("pillow-1.0-py3-none-any.whl"), "url": f"{parts}/pillow-1.0-py3-none-any.whl"})
    say(server, "docopt", file("docopt-0.6.2.tar.gz"))

    assert index.modules("Pillow", "1.0") == frozenset({"PIL", "single", "_fast", "inner"})
    assert index.licence("Pillow", "1.0") == "MIT-CMU"
    assert index.modules("pillow", "2.0") is None
    assert index.licence("pillow", "2.0") == ""
    assert index.modules("docopt", "0.6.2") is None


@pytest.mark.parametrize("path", ["/whole", "ftp://x/y", "nonsense", ""])
def test_wheel_that_is_not_served_in_parts_tells_nothing(parts: str, path: str) -> None:
    with httpx.Client() as client:
        assert read_wheel(client, f"{parts}{path}" if path.startswith("/") else path) is None


def test_file_that_is_no_wheel_tells_nothing(parts: str) -> None:
    _Parts.content = b"not a zip archive" * 100
    with httpx.Client() as client:
        assert read_wheel(client, f"{parts}/x.whl") is None


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (
            ["License-Expression: MIT OR Apache-2.0", "Classifier: License :: OSI Approved :: BSD License"],
            "MIT OR Apache-2.0",
        ),
        (["Classifier: License :: OSI Approved :: MIT License", "License: long story"], "MIT License"),
        (["Classifier: License :: OSI Approved", "License: BSD"], "BSD"),
        (
            [
                "Classifier: License :: OSI Approved :: GNU General Public License (GPL)",
                "Classifier: License :: Public Domain",
            ],
            "GNU General Public License (GPL), Public Domain",
        ),
        (["Classifier: Programming Language :: Python", "License: Apache 2.0"], "Apache 2.0"),
        (["License: MIT License\n        Copyright (c) 2026 " + "x" * 80], ""),
        (["License: UNKNOWN"], ""),
        (["Name: x"], ""),
        ([], ""),
        (["Name: x", "", "License: of the description"], ""),
    ],
)
def test_the_licence_is_what_the_metadata_names(fields: list[str], named: str) -> None:
    assert licence("\n".join(["Metadata-Version: 2.4", *fields])) == named


def test_a_wheel_without_readable_metadata_still_tells_its_modules(parts: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.py", b"")
        archive.writestr("x-1.dist-info/METADATA", b"License: MIT\n" * 50)
    broken = bytearray(packed.getvalue())
    at = broken.index(b"METADATA") + len("METADATA")
    broken[at : at + 4] = b"\xff" * 4
    _Parts.content = bytes(broken)
    with httpx.Client() as client:
        assert read_wheel(client, f"{parts}/x.whl") == (frozenset({"one"}), "")
