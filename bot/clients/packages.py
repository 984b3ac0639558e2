"""What services are built from: exact versions from the package index (by uv) and the base image's digest."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import uv
from packaging.requirements import InvalidRequirement, Requirement

from bot.errors import TransientError
from bot.render import templates_dir

PYTHON = "3.13"
PLATFORM = "x86_64-manylinux_2_40"
"""The newest wheels that run on Debian trixie (glibc 2.41), which python:3.13-slim is made of."""
BASE_IMAGE = f"python:{PYTHON}-slim"

_PIN_SECONDS = 120.0
_REASON_LIMIT = 800
_DIGEST_SECONDS = 3600.0
_NO_DIGEST_SECONDS = 600.0
_NETWORK = re.compile(
    r"failed to fetch|failed to download|error sending request|client error|dns error|connection (refused|reset)|"
    r"timed? ?out|status (code )?(429|5\d\d)|network connectivity is disabled|tls|certificate",
    re.IGNORECASE,
)
_BOX = re.compile(r"^[\s×╰─▶│├]*(?:(?:error|cause):\s*)?", re.MULTILINE)
_PLACE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|(?<![\w.])/)[^\s`'\")]+")
_MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Unresolvable(Exception):
    """The requirements cannot be met: its text is uv's reason, for the model that named them."""


class Packages:
    """The package index and the image registry, as the machine reaches them. Thread-safe.

    Args:
        environment: variables for uv (`UV_*`, `SSL_CERT_FILE`, proxies, ...); by default those of this process.
        hub: root of the registry that holds the base image, and where it hands out tokens.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        hub: str = "https://registry-1.docker.io",
        tokens: str = "https://auth.docker.io/token",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environment = dict(environment) if environment is not None else None
        self._hub = hub
        self._tokens = tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._image = BASE_IMAGE
        self._image_until = float("-inf")

    def pin(self, requirements: str) -> str:
        """Return `requirements` and all they need in exact versions, a line each, with "# via" notes.

        Resolved for the image's Python and platform, together with what the template's `server.py` needs. Only wheels
        count: resolving never runs a package's build code on this machine, and the image has no compiler.

        Raises:
            Unresolvable: a line is no plain requirement, or names and versions do not go together.
            TransientError: the index does not answer.
        """
        wanted = [*_lines(requirements), *_lines((templates_dir() / "service/runtime.in").read_text())]
        command = [uv.find_uv_bin(), "pip", "compile", "-", "--python-version", PYTHON, "--python-platform", PLATFORM]
        # Any interpreter will do to resolve for another one; without these two uv first tries to download Python 3.13.
        command += ["--python", sys.executable, "--no-python-downloads"]
        command += ["--only-binary", ":all:", "--no-header", "--no-emit-index-url", "--annotation-style", "line"]
        command += ["--quiet", "--no-progress", "--color", "never"]
        # An empty folder, so that no project's settings around here are taken for the service's.
        with tempfile.TemporaryDirectory() as empty:
            try:
                done = subprocess.run(
                    command,
                    input="\n".join(wanted) + "\n",
                    cwd=empty,
                    env=self._environment,
                    capture_output=True,
                    text=True,
                    timeout=_PIN_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise TransientError(f"The package index did not answer within {_PIN_SECONDS:.0f} s.") from error
        if done.returncode == 0:
            return done.stdout.strip() + "\n"
        reason = _reason(done.stderr, Path(empty))
        # Exit code 1: no solution. 2 is everything else, from a mistyped line to a dead network.
        if done.returncode != 1 and _NETWORK.search(done.stderr):
            raise TransientError(f"The package index does not answer: {reason}")
        raise Unresolvable(reason)

    def base_image(self) -> str:
        """Return the base image pinned by digest, or its plain tag where the registry does not answer in time."""
        with self._lock:
            if self._clock() >= self._image_until:
                digest = self._digest()
                self._image = f"{BASE_IMAGE}@{digest}" if digest else BASE_IMAGE
                self._image_until = self._clock() + (_DIGEST_SECONDS if digest else _NO_DIGEST_SECONDS)
            return self._image

    def _digest(self) -> str | None:
        """Ask the registry; https://distribution.github.io/distribution/spec/api/#digest-header."""
        name, _, tag = BASE_IMAGE.partition(":")
        scope = {"service": "registry.docker.io", "scope": f"repository:library/{name}:pull"}
        try:
            with httpx.Client(timeout=httpx.Timeout(2.0, connect=1.0)) as client:
                token = client.get(self._tokens, params=scope).raise_for_status().json()["token"]
                answer = client.head(
                    f"{self._hub}/v2/library/{name}/manifests/{tag}",
                    headers={"Authorization": f"Bearer {token}", "Accept": _MANIFESTS},
                ).raise_for_status()
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        digest = answer.headers.get("Docker-Content-Digest", "")
        return digest if _DIGEST.fullmatch(digest) else None


def _lines(requirements: str) -> list[str]:
    """Return the requirements without comments; options, paths and addresses are refused, as they reach for files."""
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in requirements.splitlines()]
    lines = [line for line in lines if line]
    for line in lines:
        try:
            plain = Requirement(line).url is None
        except InvalidRequirement:
            plain = False
        if not plain:
            raise Unresolvable(f"`{line[:100]}` is not a plain requirement such as `name` or `name>=1.2`.")
    return lines


def _reason(stderr: str, folder: Path) -> str:
    """Return uv's words on few lines, without this machine's paths and addresses."""
    text = _BOX.sub("", stderr.replace(str(folder), ""))
    text = " ".join(_PLACE.sub("…", text).split())
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"
