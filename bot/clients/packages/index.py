"""The Python package index: what it says of a project, and which modules a wheel brings."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import httpx
from packaging.utils import canonicalize_name

from bot.clients.packages.answer import Answer, get_answer
from bot.clients.packages.base_image import wheel_tags
from bot.clients.packages.pages import NoPage, Release, files_on_page, releases, upload_times
from bot.clients.packages.wheel import Wheel, read_wheel
from bot.config import package_index
from bot.errors import TransientError
from bot.values.packages import Project

_KEEP_SECONDS = 3600.0
_KEEP_NAMES = 2_000
# https://packaging.python.org/en/latest/specifications/name-normalization/; ASCII, so that no look-alike letter fits.
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)


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

    Folders (`file:` and paths) are not looked into. A package that only a folder has counts as unknown.

    Args:
        environment: variables that say which index, as for uv; by default those of this process.
        platform: the image's architecture, `x86_64` or `aarch64`.
        clock: seconds that only go forward.
        patience: seconds to wait for a connection and for each part of an answer.
        public: the index whose silence about a project's age is a failure.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        platform: str = "x86_64",
        clock: Callable[[], float] = time.monotonic,
        patience: float = 10.0,
        public: str = package_index.PUBLIC_INDEX,
    ) -> None:
        variables = package_index.environment(environment)
        addresses = [index.url for index in package_index.indexes(variables)]
        self._roots = [url.rstrip("/") for url in addresses if url.startswith(("http://", "https://"))]
        self._system_certificates = package_index.system_certificates(variables)
        self._tags = wheel_tags(platform)
        self._clock = clock
        self._patience = patience
        self._public = urlsplit(public).netloc
        self._lock = threading.Lock()
        self._known: dict[str, _Entry] = {}
        self._wheels: dict[str, Wheel] = {}
        self._opened: httpx.Client | None = None

    def project(self, name: str) -> Project | None:
        """Return what the index says of a project, or None where it says that there is no such project.

        Pages in JSON (PEP 691, PEP 700) and HTML (PEP 503, PEP 592) are read. Many tell no upload times, so the JSON
        API beside them (https://docs.pypi.org/api/json/) is asked as well. Where neither tells one, `first_upload` is
        None. That is accepted of an index of one's own; the public index knows, so its silence is a failure.

        Raises:
            ValueError: `name` is no name a project can have.
            TransientError: the index does not answer, or not as an index does. That is never a yes.
        """
        entry = self._entry(name)
        if entry.project is None or entry.root is None or entry.dated:
            return entry.project
        times = self._upload_times(entry.root, entry.project.name)
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
        wheel = self._wheel(name, version)
        return None if wheel is None else wheel.modules

    def licence(self, name: str, version: str) -> str:
        """Return the licence that a version's wheel names; "" where that cannot be told.

        Raises:
            ValueError, TransientError: as `project`.
        """
        wheel = self._wheel(name, version)
        return "" if wheel is None else wheel.licence

    def close(self) -> None:
        """Close the connections that are kept open for the next question."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _wheel(self, name: str, version: str) -> Wheel | None:
        entry = self._entry(name)
        release = entry.releases.get(version)
        if release is None or release.wheel is None:
            return None
        address = urljoin(entry.page, release.wheel)
        with self._lock:
            known = self._wheels.get(address)
        if known is not None:
            return known
        wheel = read_wheel(self._client(), address)
        if wheel is not None:
            with self._lock:
                if len(self._wheels) >= _KEEP_NAMES:
                    self._wheels.clear()
                self._wheels[address] = wheel
        return wheel

    def _entry(self, name: str) -> _Entry:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:100]!r} is not the name of a package")
        normalised = canonicalize_name(name)
        now = self._clock()
        with self._lock:
            known = self._known.get(normalised)
        if known is not None and now < known.until:
            return known
        entry = self._ask(normalised, now + _KEEP_SECONDS)
        self._keep(normalised, entry)
        return entry

    def _keep(self, name: str, entry: _Entry) -> None:
        with self._lock:
            if len(self._known) >= _KEEP_NAMES:
                self._known.clear()
            self._known[name] = entry

    def _ask(self, name: str, until: float) -> _Entry:
        for root in self._roots:
            answer = get_answer(self._client(), f"{root}/{name}/")
            if answer.status != 404:
                return self._entry_from(answer, name, root, until)
        return _Entry(until)

    def _entry_from(self, answer: Answer, name: str, root: str, until: float) -> _Entry:
        try:
            files = files_on_page(answer.content, answer.content_type)
        except NoPage as error:
            raise TransientError(f"The package index's answer about `{name}` makes no sense: {error}.") from error
        times = [file.uploaded for file in files if file.uploaded is not None]
        by_version = releases(name, files, self._tags)
        fitting = {version: release for version, release in by_version.items() if release.wheel or release.source}
        project = Project(
            name=name,
            first_upload=min(times, default=None),
            versions=tuple(by_version),
            for_image=tuple(fitting),
            sources=tuple(version for version, release in fitting.items() if not release.wheel),
        )
        return _Entry(until, root, answer.url, project, fitting, dated=len(times) == len(files))

    def _upload_times(self, root: str, name: str) -> list[datetime]:
        """Ask the JSON API when the files were uploaded; an index of one's own need not have it."""
        if not root.endswith("/simple"):
            return []
        must_tell = urlsplit(root).netloc.rpartition("@")[2] == self._public
        address = f"{root.removesuffix('/simple')}/pypi/{name}/json"
        answer = get_answer(self._client(), address, any_refusal=not must_tell)
        times = upload_times(answer.content) if answer.status == 200 else []
        if must_tell and not times:
            raise TransientError(f"The package index does not tell how old `{name}` is.")
        return times

    def _client(self) -> httpx.Client:
        """Return the client that keeps connections open. Reading the certificates takes time, so it is made late."""
        with self._lock:
            if self._opened is None:
                tls = ssl.create_default_context() if self._system_certificates else httpx.create_ssl_context()
                self._opened = httpx.Client(timeout=self._patience, verify=tls)
            return self._opened
