"""What counts as an answer of the package index, and what a failure says."""

from __future__ import annotations

import json
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.clients.packages.index import Index
from bot.errors import TransientError
from tests.fakes.github_http import FakeGitHub, fake_github
from tests.fakes.index_pages import JSON, file, say
from tests.unit.clients.packages.conftest import MakeIndex


@pytest.mark.parametrize("status", [400, 401, 403, 408, 418, 429, 500, 502, 503, 504])
def test_any_other_answer_is_transient(server: FakeGitHub, index: Index, status: int) -> None:
    server.on("GET", "/simple/qrcode/", status, b"")

    with pytest.raises(TransientError, match=f"does not answer .HTTP {status}.") as failure:
        index.project("qrcode")

    assert failure.value.retry_after is None
    assert server.url not in str(failure.value)


@pytest.mark.parametrize(
    ("wait", "low", "high"), [("120", 120, 120), (timedelta(seconds=90), 30, 90), (timedelta(hours=-1), 0, 0)]
)
def test_waiting_time_is_passed_on(
    server: FakeGitHub, index: Index, wait: str | timedelta, low: float, high: float
) -> None:
    value = wait if isinstance(wait, str) else format_datetime(datetime.now(UTC) + wait, usegmt=True)
    server.on("GET", "/simple/qrcode/", 429, b"", Retry_After=value)

    with pytest.raises(TransientError) as failure:
        index.project("qrcode")

    assert failure.value.retry_after is not None
    assert low <= failure.value.retry_after <= high


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "-"])
def test_nonsense_for_a_waiting_time_is_ignored(server: FakeGitHub, index: Index, value: str) -> None:
    server.on("GET", "/simple/qrcode/", 503, b"", Retry_After=value)

    with pytest.raises(TransientError) as failure:
        index.project("qrcode")

    assert failure.value.retry_after is None


def test_answer_that_breaks_off_is_transient(server: FakeGitHub, index: Index) -> None:
    server.on("GET", "/simple/qrcode/", 200, iter([b"5\r\nhello\r\n"]), Content_Type=JSON, Transfer_Encoding="chunked")

    with pytest.raises(TransientError, match="does not answer"):
        index.project("qrcode")


def test_silence_is_transient(make_index: MakeIndex) -> None:
    # It takes the connection and never says a word.
    with socket.create_server(("127.0.0.1", 0)) as mute:
        index = make_index(f"http://127.0.0.1:{mute.getsockname()[1]}/simple", patience=0.2)
        began = time.monotonic()

        with pytest.raises(TransientError, match="does not answer"):
            index.project("qrcode")

        assert time.monotonic() - began < 5


def test_index_that_is_gone_is_transient_and_its_password_stays_secret(make_index: MakeIndex) -> None:
    with fake_github() as gone:
        pass
    index = make_index(gone.url.replace("://", "://me:hunter2@") + "/simple")

    with pytest.raises(TransientError) as failure:
        index.project("qrcode")

    assert "hunter2" not in str(failure.value)


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


def test_user_and_password_of_the_address_are_sent(server: FakeGitHub, make_index: MakeIndex) -> None:
    index = make_index({"UV_INDEX_URL": server.url.replace("://", "://me:hunter2@") + "/simple"})
    server.on("GET", "/simple/qrcode/", 301, b"", Location="/simple/qrcode2/")
    say(server, "qrcode2", file("qrcode-1.0-py3-none-any.whl"))

    assert index.project("qrcode") is not None

    assert [request.headers["authorization"] for request in server.requests] == ["Basic bWU6aHVudGVyMg=="] * 2
