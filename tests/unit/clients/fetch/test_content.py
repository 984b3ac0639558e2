"""What a scenario's URL may lead to: real servers on loopback that claim public addresses, and every way to refuse."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.clients.fetch.content import LIMIT, REDIRECTS, UNKNOWN, fetch
from bot.clients.fetch.network import Network, ask_system, check_host, is_public
from bot.errors import TransientError, UserError

PUBLIC = "93.184.215.14"
OTHER = "2606:4700::1111"
Answer = tuple[int, dict[str, str], bytes | Iterator[bytes]]


class Site:
    """A server whose answers a test decides, by path; `asked` keeps the headers of every request."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.site = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        status, headers, body = site.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            for chunk in [body] if isinstance(body, bytes) else body:
                self.wfile.write(chunk)
                self.wfile.flush()
        except OSError:
            pass  # the other side has had enough, as some tests mean it to

    def log_message(self, format: str, *args: object) -> None:
        pass


class Internet(httpcore.NetworkBackend):
    """Leads every public address to a server on loopback; `names` is what the name server says, in turn.

    Attributes:
        reached: the addresses and ports that were connected to.
        deaf: addresses at which nobody listens.
    """

    def __init__(self, ports: dict[int, int]) -> None:
        self.ports = ports
        self.names: dict[str, list[list[str]]] = {}
        self.resolved: list[str] = []
        self.reached: list[tuple[str, int]] = []
        self.deaf: set[str] = set()

    def resolve(self, host: str) -> list[str]:
        self.resolved.append(host)
        answers = self.names.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.reached.append((host, port))
        if host in self.deaf:
            raise httpcore.ConnectError("nobody listens")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.ports[port], timeout)

    def network(self, tls: ssl.SSLContext | None = None) -> Network:
        return Network(self.resolve, self, tls)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def internet(site: Site) -> Internet:
    internet = Internet({80: site.port})
    internet.names = {"files.example.com": [[PUBLIC]]}
    return internet


def refused(url: str, internet: Internet, **options: Any) -> str:
    with pytest.raises(UserError) as told:
        fetch(url, network=internet.network(), **options)
    assert "/retry" in str(told.value)
    return str(told.value)


def put_off(url: str, internet: Internet, **options: Any) -> TransientError:
    with pytest.raises(TransientError) as told:
        fetch(url, network=internet.network(), **options)
    return told.value


# What is fetched


def test_content_comes_with_its_type_and_where_it_was(site: Site, internet: Internet) -> None:
    site.answers["/a.png?x=1"] = (200, {"Content-Type": "Image/PNG; q=1"}, b"\x89PNG\0")

    found = fetch("http://files.example.com/a.png?x=1#part", network=internet.network())

    assert (found.url, found.final_url) == (
        "http://files.example.com/a.png?x=1#part",
        "http://files.example.com/a.png?x=1",
    )
    assert (found.media_type, found.content) == ("image/png", b"\x89PNG\0")
    assert "PNG" not in repr(found)


def test_nothing_is_said_about_who_asks(
    site: Site, internet: Internet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine files.example.com login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    site.answers["/a"] = (302, {"Location": "/b", "Set-Cookie": "a=b"}, b"")
    site.answers["/b"] = (200, {}, b"x")

    found = fetch("http://files.example.com/a", network=internet.network())

    assert (found.final_url, found.media_type) == ("http://files.example.com/b", UNKNOWN)
    expected = {"host": "files.example.com", "user-agent": "gptdeploy", "accept": "*/*", "accept-encoding": "identity"}
    assert site.asked == [("/a", expected), ("/b", expected)]


@pytest.mark.parametrize("header", ["text/html", "", "nonsense", "text/<script>", "text/html, image/png"])
def test_only_what_is_a_media_type_is_taken_for_one(site: Site, internet: Internet, header: str) -> None:
    site.answers["/"] = (200, {"Content-Type": header}, b"x")

    assert fetch("http://files.example.com/", network=internet.network()).media_type == (
        "text/html" if header == "text/html" else UNKNOWN
    )


def test_next_address_is_tried_where_nobody_listens(site: Site, internet: Internet) -> None:
    internet.names["files.example.com"] = [[OTHER, PUBLIC]]
    internet.deaf = {OTHER}
    site.answers["/"] = (200, {}, b"x")

    assert fetch("http://files.example.com", network=internet.network()).content == b"x"
    assert internet.reached == [(OTHER, 80), (PUBLIC, 80)]


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
    assert why in refused(url, internet)
    assert internet.resolved == []
    assert internet.reached == []


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "files.localhost", "printer.local", "metadata.google.internal"),
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.0.0.192", "168.63.129.16"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]"),
        *("[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[::127.0.0.1]"),
        *("[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[fec0::1]", "[64:ff9b:1::1]"),
        # Other spellings of 127.0.0.1, and of a public address.
        *("2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.0x1"),
        *("１２７.0.0.1", "134744072", "8.8.8.010", "127.0.0.1.", "localhost.", "[::1%25lo]", "[2606:4700::1111%251]"),
    ],
)
def test_hosts_that_are_not_public_are_not_even_asked_for(internet: Internet, host: str) -> None:
    refused(f"http://{host}/latest/meta-data", internet)

    assert internet.resolved == []
    assert internet.reached == []


@pytest.mark.parametrize("address", [PUBLIC, OTHER, "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["files.example.com", "a_b.s3.example.co.uk", "xn--r8jz45g.jp", "8.8.8.8", OTHER])
def test_public_hosts(host: str) -> None:
    check_host(host)


def test_this_machines_resolver_knows_this_machine() -> None:
    assert "127.0.0.1" in ask_system("localhost")


# Where names lead


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%2"],
        [PUBLIC, "192.168.0.1"],
        ["fd00::1", PUBLIC],
    ],
)
def test_name_with_a_private_address_is_refused(internet: Internet, addresses: list[str]) -> None:
    internet.names["files.example.com"] = [addresses]

    told = refused("http://files.example.com/", internet)

    assert "not on the public internet" in told
    assert not any(address in told for address in addresses)
    assert internet.reached == []


def test_the_address_that_was_checked_is_the_one_connected_to(site: Site, internet: Internet) -> None:
    internet.names["files.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    site.answers["/"] = (200, {}, b"x")

    assert fetch("http://files.example.com/", network=internet.network()).content == b"x"
    assert (internet.resolved, internet.reached) == (["files.example.com"], [(PUBLIC, 80)])


def test_redirect_to_the_same_name_is_resolved_and_checked_again(site: Site, internet: Internet) -> None:
    internet.names["files.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    site.answers["/"] = (302, {"Location": "/secret"}, b"")

    assert "not on the public internet" in refused("http://files.example.com/", internet)
    assert len(site.asked) == 1


def test_unknown_name_is_the_persons_to_mend(internet: Internet) -> None:
    assert "no host of that name" in refused("http://typo.example.com/", internet)


def test_name_server_that_does_not_answer_is_waited_for(internet: Internet) -> None:
    def fail(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(TransientError, match="name server"):
        fetch("http://files.example.com/", network=Network(fail, internet))

    over = threading.Event()

    def hang(_: str) -> list[str]:
        over.wait(10)
        return []

    begun = time.monotonic()
    with pytest.raises(TransientError, match="name server"):
        fetch("http://files.example.com/", network=Network(hang, internet), seconds=0.2)
    over.set()
    assert time.monotonic() - begun < 2


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

    assert why in refused("http://files.example.com/", internet)
    assert internet.reached == [(PUBLIC, 80)]


def test_five_redirects_are_followed_and_no_more(site: Site, internet: Internet) -> None:
    for number in range(REDIRECTS + 1):
        site.answers[f"/{number}"] = (303, {"Location": f"{number + 1}"}, b"")
    site.answers[f"/{REDIRECTS + 1}"] = (200, {}, b"there")

    assert fetch("http://files.example.com/1", network=internet.network()).content == b"there"
    assert "more than 5 times" in refused("http://files.example.com/0", internet)


# Answers


@pytest.mark.parametrize("status", [201, 204, 206, 300, 302, 304, 401, 403, 404, 410, 451])
def test_only_200_counts(site: Site, internet: Internet, status: int) -> None:
    site.answers["/"] = (status, {}, b"")

    assert f"answers {status}" in refused("http://files.example.com/", internet)


@pytest.mark.parametrize(
    ("status", "header", "wait"), [(500, "", None), (503, "7", 7), (429, "999999999", 60), (502, "soon", None)]
)
def test_busy_servers_are_asked_again(
    site: Site, internet: Internet, status: int, header: str, wait: float | None
) -> None:
    site.answers["/"] = (status, {"Retry-After": header} if header else {}, b"")

    error = put_off("http://files.example.com/", internet)

    assert f"answers {status}" in str(error)
    assert error.retry_after == wait


def test_broken_connections_are_tried_again(site: Site, internet: Internet) -> None:
    site.answers["/"] = (200, {"Content-Length": "10"}, b"short")
    put_off("http://files.example.com/", internet)

    internet.deaf = {PUBLIC}
    put_off("http://files.example.com/", internet)


# Limits


def test_announced_size_is_believed_before_anything_is_read(site: Site, internet: Internet) -> None:
    read = threading.Event()

    def body() -> Iterator[bytes]:
        read.wait(5)
        yield b""

    site.answers["/"] = (200, {"Content-Length": str(LIMIT + 1)}, body())

    assert "larger than 10 MB" in refused("http://files.example.com/", internet)
    read.set()


def test_content_of_exactly_the_limit_is_taken_and_a_byte_more_is_not(site: Site, internet: Internet) -> None:
    site.answers["/fits"] = (200, {}, b"x" * 1_000)
    site.answers["/more"] = (200, {}, iter([b"x" * 500, b"x" * 501]))

    assert len(fetch("http://files.example.com/fits", network=internet.network(), limit=1_000).content) == 1_000
    assert "larger than 0.001 MB" in refused("http://files.example.com/more", internet, limit=1_000)


def test_endless_content_is_cut_off(site: Site, internet: Internet) -> None:
    site.answers["/"] = (200, {}, iter(lambda: b"x" * 100_000, b""))

    assert "larger than 10 MB" in refused("http://files.example.com/", internet)


def test_packed_content_is_unpacked(site: Site, internet: Internet) -> None:
    content = bytes(range(256)) * 1_000
    packed = gzip.compress(content) + gzip.compress(b"and more")
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, iter([packed[:100], packed[100:]]))

    assert fetch("http://files.example.com/", network=internet.network()).content == content + b"and more"


def test_a_bomb_is_stopped_before_it_fills_the_memory(site: Site, internet: Internet) -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    assert len(bomb) < LIMIT
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, bomb)
    tracemalloc.start()

    told = refused("http://files.example.com/", internet)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 10 MB" in told
    assert peak < 3 * LIMIT


def test_many_empty_packed_files_count_too(site: Site, internet: Internet) -> None:
    nothing = gzip.compress(b"")
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, iter(lambda: nothing * 100, b""))

    assert "larger than 0.1 MB" in refused("http://files.example.com/", internet, limit=100_000)


@pytest.mark.parametrize(
    ("packing", "body", "why"), [("gzip", b"not packed", "packed wrongly"), ("br", b"x", "not asked for")]
)
def test_content_that_cannot_be_unpacked(site: Site, internet: Internet, packing: str, body: bytes, why: str) -> None:
    site.answers["/"] = (200, {"Content-Encoding": packing}, body)

    assert why in refused("http://files.example.com/", internet)


def test_packed_content_that_ends_too_early_is_tried_again(site: Site, internet: Internet) -> None:
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(range(256)))[:-20])

    assert "too early" in str(put_off("http://files.example.com/", internet))


@pytest.mark.parametrize("slow", ["headers", "content"])
def test_a_byte_now_and_then_does_not_keep_it_waiting(site: Site, internet: Internet, slow: str) -> None:
    over = threading.Event()

    def drip() -> Iterator[bytes]:
        while not over.wait(0.05):
            yield b"x"

    if slow == "content":
        site.answers["/"] = (200, {}, drip())
    else:
        # One endless header: the handler's own headers come first, as the beginning of a value.
        site.answers["/"] = (200, {"X": "\r\nY: "}, drip())
    begun = time.monotonic()

    error = put_off("http://files.example.com/", internet, seconds=0.5)

    over.set()
    assert time.monotonic() - begun < 3
    assert "too long" in str(error) or "Timeout" in str(error)


# TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for files.example.com that signs itself, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "files.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("files.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure(site: Site, internet: Internet, authority: Path) -> Site:
    """The site behind TLS, at port 443 of every public address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    # The handshake belongs into the connection's own thread, which is where a refusal of the client may raise.
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True, do_handshake_on_connect=False)
    site.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    internet.ports = {80: site.port, 443: site.port}
    return site


def test_certificate_is_checked_against_the_name(secure: Site, internet: Internet, authority: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(authority))
    internet.names["other.example.com"] = [[PUBLIC]]
    secure.answers["/"] = (200, {}, b"x")

    found = fetch("https://files.example.com/", network=internet.network(trusting))
    with pytest.raises(UserError, match="certificate"):
        fetch("https://other.example.com/", network=internet.network(trusting))
    with pytest.raises(UserError, match="certificate"):
        fetch("https://files.example.com/", network=internet.network())

    assert found.content == b"x"
    assert internet.reached[0] == (PUBLIC, 443)
    assert len(secure.asked) == 1


def test_redirect_from_https_to_http_is_refused(secure: Site, internet: Internet, authority: Path) -> None:
    secure.answers["/"] = (302, {"Location": "http://files.example.com/"}, b"")

    with pytest.raises(UserError, match="from https to http"):
        fetch("https://files.example.com/", network=internet.network(ssl.create_default_context(cafile=str(authority))))
