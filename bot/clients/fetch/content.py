"""Fetch what a scenario names by its URL, once and under strict limits, so that a service's tests need no network.

The URL comes from whoever wrote the issue. Therefore only http(s) on its own ports and only public addresses (see
`network`) are asked, the request says nothing about the bot's owner, a redirect is judged like the first URL, and size
and time are limited.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpcore
import httpx

from bot.clients.fetch.network import Deadline, Network, PublicOnly
from bot.errors import TransientError, UserError
from bot.sentence import Sentence, sentence

LIMIT = 10_000_000
"""Bytes, of what arrives and of what it unpacks to."""
SECONDS = 30.0
"""For name look-ups, redirects and content together."""
REDIRECTS = 5
LONGEST_URL = 2_000

UNKNOWN = "application/octet-stream"
"""The media type where the server names none (https://www.rfc-editor.org/rfc/rfc9110#section-8.3)."""

# No cookies, no credentials, no referrer. A server may pack the content all the same, see `_unpacked`.
_HEADERS = ((b"User-Agent", b"gptdeploy"), (b"Accept", b"*/*"), (b"Accept-Encoding", b"identity"))
_PORTS = {"http": 80, "https": 443}
_MOVED = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({408, 425, 429})
_LONGEST_WAIT = 60.0
_PIECE = 65_536
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


@dataclass(frozen=True)
class Fetched:
    """What was at a URL.

    Attributes:
        media_type: what the server calls it, in lower case and without parameters, e.g. "text/html".
        content: unpacked, at most `LIMIT` bytes.
    """

    media_type: str
    content: bytes = field(repr=False)


def fetch(url: str, *, network: Network | None = None, limit: int = LIMIT, seconds: float = SECONDS) -> Fetched:
    """Return what is at `url`.

    Args:
        network: how the outside is reached; by default this machine's own network, without any proxy.
        limit: bytes the content may have.
        seconds: how long it may take altogether.

    Raises:
        UserError: the URL is not of a kind that is fetched, its host is not public, or the answer is not a 200 within
            the limit.
        TransientError: no answer in time, a broken connection, a server that is busy or failing (429, 5xx).
    """
    network = network or Network()
    deadline = Deadline(seconds)
    with _failures_about(url):
        target = _target(httpx.URL(_check_length(url)))
        for _ in range(REDIRECTS + 1):
            answer = _get(target, network, deadline, limit)
            if not isinstance(answer, str):
                return answer
            following = _target(target.join(_check_length(answer)))
            if (target.scheme, following.scheme) == ("https", "http"):
                raise UserError("it redirects from https to http")
            target = following
        raise UserError("it redirects more than %(times)s times", times=REDIRECTS)


def _target(url: httpx.URL) -> httpx.URL:
    """Return `url` without its fragment; refuse one that is not of a kind that is fetched.

    The host is judged later, when a connection is made.
    """
    if url.scheme not in _PORTS:
        raise UserError("only http:// and https:// addresses are fetched")
    if url.userinfo:
        raise UserError("an address with a user name or password is not fetched")
    if url.port is not None:
        raise UserError("only the usual ports of http and https are fetched from")
    return url.copy_with(fragment=None)


def _check_length(url: str) -> str:
    if len(url) > LONGEST_URL:
        raise UserError("it is longer than %(most)s characters", most=LONGEST_URL)
    return url


def _get(url: httpx.URL, network: Network, deadline: Deadline, limit: int) -> str | Fetched:
    """Ask once; return where a redirect leads, or what is there."""
    with (
        httpcore.ConnectionPool(
            ssl_context=network.tls,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=PublicOnly(network, deadline),
        ) as pool,
        pool.stream(
            "GET",
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=_PORTS[url.scheme], target=url.raw_path),
            headers=[(b"Host", url.netloc), *_HEADERS],
        ) as answer,
    ):
        headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
        if answer.status in _MOVED and b"location" in headers:
            return headers[b"location"]
        _check_status(answer.status, headers.get(b"retry-after", ""))
        length = headers.get(b"content-length", "")
        if length.isascii() and length.isdigit() and int(length) > limit:
            raise _too_large(limit)
        chunks = _counted(answer.iter_stream(), limit)
        packing = headers.get(b"content-encoding", "identity").strip().lower()
        if packing in ("gzip", "x-gzip"):
            chunks = _counted(_unpacked(chunks), limit)
        elif packing != "identity":
            raise UserError("the server packs it in a way that it was not asked for")
        return Fetched(_media_type(headers.get(b"content-type", "")), b"".join(chunks))


def _check_status(status: int, retry_after: str) -> None:
    if status in _BUSY or status >= 500:
        wait = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0
        # A stranger's server must not decide how long a run stands still.
        raise TransientError(f"the server answers {status}", min(wait, _LONGEST_WAIT) or None)
    if status != 200:
        raise UserError("the server answers %(status)s", status=status)


def _counted(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield `chunks` as long as they are not more than `limit` bytes together."""
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > limit:
            raise _too_large(limit)
        yield chunk


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip in small pieces, so that `_counted` can stop content that unpacks to much more than it is."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    begun = False
    for chunk in chunks:
        rest = chunk
        while rest:
            # A gzip file may have several members (https://www.rfc-editor.org/rfc/rfc1952#page-5).
            if unpacker.eof:
                unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield unpacker.decompress(rest, _PIECE)
            begun, rest = True, unpacker.unconsumed_tail or unpacker.unused_data
    yield unpacker.flush()
    if begun and not unpacker.eof:
        raise TransientError("the content ends too early")


def _media_type(header: str) -> str:
    name = header.partition(";")[0].strip().lower()
    return name if _MEDIA_TYPE.fullmatch(name) else UNKNOWN


def _too_large(limit: int) -> UserError:
    return UserError("it is larger than %(size)s MB", size=f"{limit / 1_000_000:g}")


@contextmanager
def _failures_about(url: str) -> Iterator[None]:
    """Name the URL in every failure, and turn the libraries' errors into our kinds of failure."""
    shown = " ".join(url.replace("`", "").split())
    shown = shown if len(shown) <= 200 else shown[:199] + "…"
    try:
        yield
    except UserError as error:
        raise _refused(shown, error.sentence) from error
    except httpx.InvalidURL as error:
        raise _refused(shown, sentence("it is no address")) from error
    except zlib.error as error:
        raise _refused(shown, sentence("its content is packed wrongly")) from error
    except TransientError as error:
        raise TransientError(f"I could not fetch `{shown}`: {error}", error.retry_after) from error
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise TransientError(f"I could not fetch `{shown}`: {type(error).__name__}") from error


def _refused(shown: str, why: Sentence) -> UserError:
    return UserError(
        "I cannot fetch `%(url)s`: %(why)s. Edit the issue and put another address there, or the data itself; then "
        "type `/retry`.",
        url=shown,
        why=why,
    )
