"""What the package index says of a project, in each way an index can say it, and what counts as no answer."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from bot.clients.packages import wheel as index_wheel
from bot.clients.packages.index import Index
from bot.clients.packages.pages import File, releases, tags, upload_times
from bot.config.package_index import environment, indexes
from bot.errors import TransientError
from tests.fakes.github_http import FakeGitHub, fake_github

JSON = "application/vnd.pypi.simple.v1+json"
OLD = "2015-03-01T10:00:00.000000Z"


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@pytest.fixture
def index(server: FakeGitHub) -> Index:
    return Index({"UV_DEFAULT_INDEX": f"{server.url}/simple/"}, patience=1.0)


def file(name: str, **more: object) -> dict[str, object]:
    fields = {key.replace("_", "-"): value for key, value in more.items()}
    return {"filename": name, "url": f"/files/{name}", "hashes": {}, "upload-time": OLD, **fields}


def say(server: FakeGitHub, name: str, *files: dict[str, object]) -> None:
    """Answer as PEP 691 and PEP 700 have it."""
    page = {"meta": {"api-version": "1.1"}, "name": name, "files": list(files)}
    server.on("GET", f"/simple/{name}/", 200, json.dumps(page).encode(), Content_Type=JSON)


def say_html(server: FakeGitHub, name: str, *links: str) -> None:
    """Answer as PEP 503 has it; a link is a file's name, and its attributes after a blank."""
    anchors = []
    for link in links:
        title, _, attributes = link.partition(" ")
        anchors.append(f'<a href="../../files/{title}#sha256=0" {attributes}>{title}</a><br/>')
    page = f"<!DOCTYPE html><html><body><h1>Links for {name}</h1>{''.join(anchors)}</body></html>"
    server.on("GET", f"/simple/{name}/", 200, page.encode(), Content_Type="text/html; charset=UTF-8")


def test_json_page(server: FakeGitHub, index: Index) -> None:
    say(
        server,
        "qrcode",
        file("qrcode-7.0.tar.gz"),
        file("qrcode-8.0-py3-none-any.whl", upload_time="2016-01-01T00:00:00Z"),
        file("qrcode-8.1-py3-none-any.whl", requires_python="<3.13"),
        file("qrcode-8.2-py3-none-any.whl", yanked="broken"),
        file("qrcode-9.0rc1-py3-none-any.whl"),
        file("other-9.0-py3-none-any.whl"),
    )

    project = index.project("qrcode")

    assert project is not None
    assert project.name == "qrcode"
    assert project.first_upload == datetime(2015, 3, 1, 10, tzinfo=UTC)
    assert project.versions == ("7.0", "8.0", "8.1")
    assert project.for_image == ("7.0", "8.0")
    assert project.sources == ("7.0",)
    assert server.requests[0].headers["accept"].startswith(JSON)


def test_html_page(server: FakeGitHub, index: Index) -> None:
    say_html(
        server,
        "ruamel-yaml",
        f'ruamel.yaml-0.1.zip data-upload-time="{OLD}"',
        'ruamel.yaml-0.2-py3-none-any.whl data-requires-python="&gt;=3.9" data-upload-time="2020-01-01T00:00:00+00:00"',
        f'ruamel_yaml-0.3-py3-none-any.whl data-requires-python="&gt;=3.14" data-upload-time="{OLD}"',
        f'ruamel_yaml-0.4-py3-none-any.whl data-yanked="" data-upload-time="{OLD}"',
        f'ruamel.yaml-0.1-py2.5.egg data-upload-time="{OLD}"',
    )

    project = index.project("ruamel.yaml")

    assert project is not None
    assert project.first_upload == datetime(2015, 3, 1, 10, tzinfo=UTC)
    assert project.versions == ("0.1", "0.2", "0.3")
    assert (project.for_image, project.sources) == (("0.1", "0.2"), ("0.1",))
    assert len(server.requests) == 1


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

    with pytest.raises(TransientError) as told:
        index.project("young")

    assert told.value.retry_after == 7


def test_public_index_must_tell_the_age(server: FakeGitHub) -> None:
    say_html(server, "silent", "silent-1.0-py3-none-any.whl")
    server.on("GET", "/pypi/silent/json", 200, {"releases": {}, "urls": []})

    with pytest.raises(TransientError, match="how old"):
        Index({"UV_DEFAULT_INDEX": f"{server.url}/simple"}, public=f"{server.url}/simple").project("silent")


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


@pytest.mark.parametrize(
    "files",
    [
        (),
        (file("trap-1.0-py3-none-any.whl", yanked=True), file("trap-1.0.tar.gz", yanked="malware")),
        (file("trap-1.0a1-py3-none-any.whl"), file("trap-1.0.dev3.tar.gz")),
    ],
)
def test_what_was_never_released_has_no_versions(
    server: FakeGitHub, index: Index, files: tuple[dict[str, object], ...]
) -> None:
    say(server, "trap", *files)

    project = index.project("trap")

    assert project is not None
    assert project.versions == project.for_image == ()


def test_empty_html_page_is_a_project_without_files(server: FakeGitHub, index: Index) -> None:
    say_html(server, "empty")

    project = index.project("empty")

    assert project is not None
    assert project.versions == ()


@pytest.mark.parametrize(
    ("wheel", "fits"),
    [
        ("x-1-py3-none-any.whl", True),
        ("x-1-py2.py3-none-any.whl", True),
        ("x-1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
        ("x-1-1build-cp313-cp313-manylinux1_x86_64.whl", True),
        ("x-1-cp38-abi3-manylinux_2_40_x86_64.whl", True),
        ("x-1-py3-none-manylinux2014_x86_64.whl", True),
        ("x-1-cp313-cp313-linux_x86_64.whl", True),
        ("x-1-cp312-cp312-manylinux_2_17_x86_64.whl", False),
        ("x-1-cp314-abi3-manylinux_2_17_x86_64.whl", False),
        ("x-1-cp313-cp313t-manylinux_2_17_x86_64.whl", False),
        ("x-1-cp313-cp313-manylinux_2_41_x86_64.whl", False),
        ("x-1-cp313-cp313-musllinux_1_2_x86_64.whl", False),
        ("x-1-cp313-cp313-manylinux_2_17_aarch64.whl", False),
        ("x-1-cp313-cp313-win_amd64.whl", False),
        ("x-1-cp313-cp313-macosx_11_0_arm64.whl", False),
        ("x-1-py2-none-any.whl", False),
    ],
)
def test_wheels_for_the_image(server: FakeGitHub, index: Index, wheel: str, fits: bool) -> None:
    say(server, "x", file(wheel))

    project = index.project("x")

    assert project is not None
    assert project.versions == ("1",)
    assert project.for_image == (("1",) if fits else ())


def test_wheels_for_another_platform(server: FakeGitHub) -> None:
    index = Index({"UV_DEFAULT_INDEX": f"{server.url}/simple"}, platform="aarch64")
    say(
        server,
        "x",
        file("x-1-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"),
        file("x-2-cp313-cp313-manylinux_2_17_x86_64.whl"),
    )

    project = index.project("x")

    assert project is not None
    assert project.for_image == ("1",)


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


@pytest.mark.parametrize("status", [400, 401, 403, 408, 418, 429, 500, 502, 503, 504])
def test_any_other_answer_is_transient(server: FakeGitHub, index: Index, status: int) -> None:
    server.on("GET", "/simple/qrcode/", status, b"")

    with pytest.raises(TransientError, match=f"does not answer .HTTP {status}.") as told:
        index.project("qrcode")

    assert told.value.retry_after is None
    assert server.url not in str(told.value)


@pytest.mark.parametrize(
    ("told", "low", "high"), [("120", 120, 120), (timedelta(seconds=90), 30, 90), (timedelta(hours=-1), 0, 0)]
)
def test_waiting_time_is_passed_on(
    server: FakeGitHub, index: Index, told: str | timedelta, low: float, high: float
) -> None:
    value = told if isinstance(told, str) else format_datetime(datetime.now(UTC) + told, usegmt=True)
    server.on("GET", "/simple/qrcode/", 429, b"", Retry_After=value)

    with pytest.raises(TransientError) as failed:
        index.project("qrcode")

    assert failed.value.retry_after is not None
    assert low <= failed.value.retry_after <= high


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "-"])
def test_nonsense_for_a_waiting_time_is_ignored(server: FakeGitHub, index: Index, value: str) -> None:
    server.on("GET", "/simple/qrcode/", 503, b"", Retry_After=value)

    with pytest.raises(TransientError) as told:
        index.project("qrcode")

    assert told.value.retry_after is None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b"{"),
        (JSON, b"[]"),
        (JSON, b'{"files": 1}'),
        (JSON, b'{"files": [1]}'),
        (JSON, b'{"files": [{}]}'),
        (JSON, b"\xff\xfe"),
        ("text/html", b"busy"),
        ("text/html", b""),
        ("text/html", b'<html><form><a href="/login">Log in to the network</a></form></html>'),
        ("text/plain", b"<html><a href='qrcode-1.0-py3-none-any.whl'>qrcode-1.0-py3-none-any.whl</a></html>"),
        ("application/octet-stream", b"\x00" * 100),
    ],
)
def test_garbage_is_transient(server: FakeGitHub, index: Index, content_type: str, body: bytes) -> None:
    server.on("GET", "/simple/qrcode/", 200, body, Content_Type=content_type)

    with pytest.raises(TransientError, match="makes no sense"):
        index.project("qrcode")


def test_answer_that_breaks_off_is_transient(server: FakeGitHub, index: Index) -> None:
    server.on("GET", "/simple/qrcode/", 200, iter([b"5\r\nhello\r\n"]), Content_Type=JSON, Transfer_Encoding="chunked")

    with pytest.raises(TransientError, match="does not answer"):
        index.project("qrcode")


def test_silence_is_transient() -> None:
    # It takes the connection and never says a word.
    with socket.create_server(("127.0.0.1", 0)) as mute:
        index = Index({"UV_DEFAULT_INDEX": f"http://127.0.0.1:{mute.getsockname()[1]}/simple"}, patience=0.2)
        began = time.monotonic()

        with pytest.raises(TransientError, match="does not answer"):
            index.project("qrcode")

        assert time.monotonic() - began < 5


def test_index_that_is_gone_is_transient_and_its_password_stays_secret() -> None:
    with fake_github() as gone:
        pass
    index = Index({"UV_DEFAULT_INDEX": gone.url.replace("://", "://me:hunter2@") + "/simple"})

    with pytest.raises(TransientError) as told:
        index.project("qrcode")

    assert "hunter2" not in str(told.value)


def test_redirects_are_followed_on_the_same_host_only(server: FakeGitHub, index: Index) -> None:
    server.on("GET", "/simple/qrcode/", 301, b"", Location="/mirror/qrcode")
    page = {"files": [file("qrcode-1.0-py3-none-any.whl")]}
    server.on("GET", "/mirror/qrcode", 200, json.dumps(page).encode(), Content_Type=JSON)
    assert index.project("qrcode") is not None

    with fake_github() as elsewhere:
        server.on("GET", "/simple/astray/", 302, b"", Location=f"{elsewhere.url}/simple/astray/")
        with pytest.raises(TransientError, match="sends elsewhere"):
            index.project("astray")
        assert not elsewhere.requests

    server.on("GET", "/simple/round/", 302, b"", Location="/simple/round/")
    with pytest.raises(TransientError, match="without end"):
        index.project("round")


def test_failures_are_asked_again_and_answers_are_kept_for_an_hour(server: FakeGitHub) -> None:
    now = [0.0]
    index = Index({"UV_DEFAULT_INDEX": f"{server.url}/simple"}, clock=lambda: now[0])
    server.on("GET", "/simple/qrcode/", 500, b"")
    say(server, "qrcode", file("qrcode-1.0-py3-none-any.whl"))

    with pytest.raises(TransientError):
        index.project("qrcode")
    assert index.project("qrcode") == index.project("QRcode")
    assert len(server.requests) == 2
    now[0] = 3_601
    index.project("qrcode")
    assert len(server.requests) == 3


def test_first_index_that_knows_the_name_answers(server: FakeGitHub) -> None:
    with fake_github() as own:
        index = Index({"UV_INDEX": f"corp={own.url}/simple", "PIP_INDEX_URL": f"{server.url}/simple"})
        say(own, "inhouse", file("inhouse-1.0-py3-none-any.whl"))
        say(server, "inhouse", file("inhouse-66.0-py3-none-any.whl"))
        say(server, "qrcode", file("qrcode-1.0-py3-none-any.whl"))

        found = [index.project(name) for name in ("inhouse", "qrcode", "nobody")]

        assert [project and project.versions for project in found] == [("1.0",), ("1.0",), None]
        assert not server.asked("GET", "/simple/inhouse/")
        own.on("GET", "/simple/hidden/", 500, b"")
        say(server, "hidden", file("hidden-1.0-py3-none-any.whl"))
        with pytest.raises(TransientError):
            index.project("hidden")


def test_user_and_password_of_the_address_are_sent(server: FakeGitHub) -> None:
    index = Index({"UV_INDEX_URL": server.url.replace("://", "://me:hunter2@") + "/simple"})
    server.on("GET", "/simple/qrcode/", 301, b"", Location="/simple/qrcode2/")
    say(server, "qrcode2", file("qrcode-1.0-py3-none-any.whl"))

    assert index.project("qrcode") is not None

    assert [request.headers["authorization"] for request in server.requests] == ["Basic bWU6aHVudGVyMg=="] * 2


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, ("https://pypi.org/simple",)),
        ({"PIP_INDEX_URL": "https://a/simple/"}, ("https://a/simple",)),
        ({"PIP_INDEX_URL": "https://a/s", "UV_INDEX_URL": "https://b/s"}, ("https://b/s",)),
        ({"UV_INDEX_URL": "https://b/s", "UV_DEFAULT_INDEX": "https://c/s"}, ("https://c/s",)),
        ({"UV_DEFAULT_INDEX": "main=https://c/s?x=1"}, ("https://c/s?x=1",)),
        ({"PIP_EXTRA_INDEX_URL": "https://x/s file:///y"}, ("https://x/s", "https://pypi.org/simple")),
        (
            {
                "UV_INDEX": "a=https://a/s https://b/s",
                "UV_EXTRA_INDEX_URL": "https://d/s",
                "PIP_EXTRA_INDEX_URL": "https://x/s",
            },
            ("https://a/s", "https://b/s", "https://d/s", "https://pypi.org/simple"),
        ),
    ],
)
def test_index_is_the_one_that_uv_asks(variables: dict[str, str], asked: tuple[str, ...]) -> None:
    assert indexes(environment(variables)) == asked


def test_uv_is_told_what_pip_is_told() -> None:
    told = environment({"PIP_INDEX_URL": "https://a/s", "PIP_EXTRA_INDEX_URL": "https://x/s", "PATH": "/bin"})
    assert told == {
        "PIP_INDEX_URL": "https://a/s",
        "PIP_EXTRA_INDEX_URL": "https://x/s",
        "PATH": "/bin",
        "UV_DEFAULT_INDEX": "https://a/s",
        "UV_EXTRA_INDEX_URL": "https://x/s",
        "UV_NO_CONFIG": "1",
    }
    assert environment()["PATH"] == os.environ["PATH"]


def test_upload_times_of_odd_answers() -> None:
    assert upload_times(b'{"releases": {"1": [{"upload_time": "never"}, 5], "2": 3}, "urls": null}') == []
    assert upload_times(b"nonsense") == []
    assert upload_times(b"[]") == []


def test_best_wheel_of_a_version_is_taken() -> None:
    say = [
        "x-1-py3-none-any.whl",
        "x-1-cp313-cp313-manylinux_2_17_x86_64.whl",
        "x-1-cp39-abi3-manylinux_2_17_x86_64.whl",
    ]
    found = releases("x", [File(name, name) for name in say], tags("x86_64"))

    assert found["1"].wheel == "x-1-cp313-cp313-manylinux_2_17_x86_64.whl"


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
    with zipfile.ZipFile(packed, "w") as wheel:
        wheel.writestr("noise.dat", os.urandom(200_000))
        # So many that their list is longer than what is fetched first.
        for number in range(1_500):
            wheel.writestr(f"PIL/module_with_quite_a_long_name_{number:04}.py", b"")
        wheel.writestr("single.py", b"")
        wheel.writestr("_fast.cpython-313-x86_64-linux-gnu.so", b"")
        wheel.writestr("pillow.libs/libjpeg.so.62", b"")
        wheel.writestr("x-1.data/purelib/inner/__init__.py", b"")
        wheel.writestr("x-1.data/scripts/run.py", b"")
        wheel.writestr("x-1.dist-info/METADATA", b"")
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
    assert index.modules("pillow", "2.0") is None
    assert index.modules("docopt", "0.6.2") is None


@pytest.mark.parametrize("path", ["/whole", "ftp://x/y", "nonsense", ""])
def test_wheel_that_is_not_served_in_parts_tells_nothing(parts: str, path: str) -> None:
    with httpx.Client() as client:
        assert index_wheel.modules(client, f"{parts}{path}" if path.startswith("/") else path) is None


def test_file_that_is_no_wheel_tells_nothing(parts: str) -> None:
    _Parts.content = b"not a zip archive" * 100
    with httpx.Client() as client:
        assert index_wheel.modules(client, f"{parts}/x.whl") is None
