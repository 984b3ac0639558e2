"""The Python package index: what it says of a project, and which modules a wheel brings."""

from __future__ import annotations

import math
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpx
from packaging.utils import canonicalize_name

from bot.clients.packages import wheel as index_wheel
from bot.clients.packages.pages import NoPage, Release, files, releases, tags, upload_times
from bot.config import package_index as config_packages
from bot.errors import TransientError
from bot.values.packages import Project

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
_CACHE_SECONDS = 3600.0
_CACHE_SIZE = 2_000
_ANSWER_SECONDS = 60.0
_ANSWER_BYTES = 64 * 1024 * 1024
_REDIRECTS = 3
# https://packaging.python.org/en/latest/specifications/name-normalization/; ASCII, so that no look-alike letter fits.
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True)
class _Answer:
    status: int
    content: bytes
    content_type: str
    url: str


@dataclass(frozen=True)
class _Entry:
    """What was learnt of a name.

    Attributes:
        until: when to ask again, by the clock.
        root: the index that knows the name; None: none does.
        page: the address of its page, which the files' are relative to.
        dated: the project's `first_upload` is known as well as it can be.
    """

    until: float
    root: str | None = None
    page: str = ""
    project: Project | None = None
    releases: Mapping[str, Release] = field(default_factory=dict)
    dated: bool = True


class Index:
    """The index, or the indexes, that uv would ask. Thread-safe; what was learnt is kept for an hour.

    Args:
        environment: variables that say which index, as for uv; by default those of this process.
        platform: the image's architecture, `x86_64` or `aarch64`.
        clock: seconds that only go forward.
        patience: seconds to wait for a connection and for each part of an answer.
        public: the index that is bound to tell how old a project is.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        platform: str = "x86_64",
        clock: Callable[[], float] = time.monotonic,
        patience: float = 10.0,
        public: str = config_packages.PUBLIC_INDEX,
    ) -> None:
        variables = config_packages.environment(environment)
        self._roots = config_packages.indexes(variables)
        self._system_certificates = config_packages.system_certificates(variables)
        self._tags = tags(platform)
        self._clock = clock
        self._patience = patience
        self._public = urlsplit(public).netloc
        self._lock = threading.Lock()
        self._known: dict[str, _Entry] = {}
        self._tls: ssl.SSLContext | None = None

    def project(self, name: str) -> Project | None:
        """Return what the index says of a project, or None where it says that there is no such project.

        Pages in JSON (PEP 691, PEP 700) and HTML (PEP 503, PEP 592) are read. Many tell no upload times, so the JSON
        API beside them (https://docs.pypi.org/api/json/) is asked as well. Where neither tells one, `first_upload` is
        None: on an index of one's own, that is; the public one knows, and not to be told is a failure.

        Raises:
            ValueError: `name` is no name a project can have.
            TransientError: the index does not answer, or not as an index does. That is never a yes.
        """
        entry = self._entry(name)
        if entry.project is None or entry.root is None or entry.dated:
            return entry.project
        with self._client() as client:
            must_tell = urlsplit(entry.root).netloc.rpartition("@")[2] == self._public
            times = _times(client, entry.root, entry.project.name, must_tell=must_tell)
        if entry.project.first_upload is not None:
            times.append(entry.project.first_upload)
        project = entry.project.model_copy(update={"first_upload": min(times, default=None)})
        self._keep(project.name, replace(entry, project=project, dated=True))
        return project

    def modules(self, name: str, version: str) -> frozenset[str] | None:
        """Return the names that can be imported once a version is installed from its wheel, without dots; None where
        that cannot be told (it has no wheel, or its file is not served in parts).

        Raises:
            ValueError, TransientError: as `project`.
        """
        entry = self._entry(name)
        release = entry.releases.get(version)
        if release is None or release.wheel is None:
            return None
        with self._client() as client:
            return index_wheel.modules(client, urljoin(entry.page, release.wheel))

    def _entry(self, name: str) -> _Entry:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:100]!r} is not the name of a package")
        normalised = canonicalize_name(name)
        now = self._clock()
        with self._lock:
            known = self._known.get(normalised)
        if known is not None and now < known.until:
            return known
        entry = self._asked(normalised, now + _CACHE_SECONDS)
        self._keep(normalised, entry)
        return entry

    def _keep(self, name: str, entry: _Entry) -> None:
        with self._lock:
            if len(self._known) >= _CACHE_SIZE:
                self._known.clear()
            self._known[name] = entry

    def _asked(self, name: str, until: float) -> _Entry:
        with self._client() as client:
            for root in self._roots:
                answer = _get(client, f"{root}/{name}/")
                if answer.status == 404:
                    continue
                try:
                    found = files(answer.content, answer.content_type)
                except NoPage as error:
                    raise TransientError(
                        f"The package index's answer about `{name}` makes no sense: {error}."
                    ) from error
                times = [file.uploaded for file in found if file.uploaded is not None]
                by_version = releases(name, found, self._tags)
                fitting = {version: one for version, one in by_version.items() if one.wheel or one.source}
                project = Project(
                    name=name,
                    first_upload=min(times, default=None),
                    versions=tuple(by_version),
                    for_image=tuple(fitting),
                    sources=tuple(version for version, one in fitting.items() if not one.wheel),
                )
                return _Entry(until, root, answer.url, project, fitting, dated=len(times) == len(found))
        return _Entry(until)

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        with self._lock:
            # Reading the certificates takes a tenth of a second, so it is done once.
            if self._tls is None:
                self._tls = ssl.create_default_context() if self._system_certificates else httpx.create_ssl_context()
        with httpx.Client(timeout=self._patience, verify=self._tls) as client:
            yield client


def _times(client: httpx.Client, root: str, name: str, *, must_tell: bool) -> list[datetime]:
    """Ask the JSON API when the files were uploaded; an index of one's own need not have it."""
    if not root.endswith("/simple"):
        return []
    answer = _get(client, f"{root.removesuffix('/simple')}/pypi/{name}/json", odd_is_failure=must_tell)
    times = upload_times(answer.content) if answer.status == 200 else []
    if must_tell and not times:
        raise TransientError(f"The package index does not tell how old `{name}` is.")
    return times


def _get(client: httpx.Client, url: str, *, odd_is_failure: bool = True) -> _Answer:
    """Return an answer of status 200 or 404; with `odd_is_failure` unset also one that says no in another way."""
    deadline = time.monotonic() + _ANSWER_SECONDS
    try:
        for _ in range(_REDIRECTS + 1):
            request = client.build_request("GET", url, headers={"Accept": _ACCEPT})
            response = client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return _read(response, deadline, odd_is_failure)
                following = response.next_request.url
                if not _same_place(response.request.url, following):
                    raise TransientError("The package index sends elsewhere instead of answering.")
                # The user and password in an index's address are not in what it redirects to.
                url = str(following.copy_with(username=request.url.username, password=request.url.password))
            finally:
                response.close()
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        # The error's text may hold the address, and that a password.
        raise TransientError(f"The package index does not answer ({type(error).__name__}).") from error
    raise TransientError("The package index redirects without end.")


def _read(response: httpx.Response, deadline: float, odd_is_failure: bool) -> _Answer:
    status = response.status_code
    if status not in (200, 404) and (odd_is_failure or status == 429 or status >= 500):
        raise TransientError(
            f"The package index does not answer (HTTP {status}).", retry_after(response.headers.get("Retry-After"))
        )
    content = bytearray()
    for part in response.iter_bytes() if status == 200 else ():
        content += part
        if len(content) > _ANSWER_BYTES or time.monotonic() > deadline:
            raise TransientError("The package index's answer does not end.")
    return _Answer(status, bytes(content), response.headers.get("Content-Type", ""), str(response.url))


def _same_place(asked: httpx.URL, following: httpx.URL) -> bool:
    if following.host != asked.host:
        return False
    same = (following.scheme, following.port) == (asked.scheme, asked.port)
    return same or (asked.scheme, following.scheme) == ("http", "https")


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks to wait, from now; None where it is absent or unreadable.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
