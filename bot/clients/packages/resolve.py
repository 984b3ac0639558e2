"""From requirements to exact versions, by uv.

An index's answers are taken from uv's cache for ten minutes, whatever the index says about that: the public index says
so itself, and without it every mirror that says nothing is asked for some thirty files again in every resolution.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import uv
from packaging.requirements import InvalidRequirement, Requirement

from bot.clients.packages.base_image import GLIBC, PYTHON
from bot.clients.packages.source_builds import SourceBuild, write_stand_ins
from bot.config.package_index import DEFAULT_INDEX, EXTRA_INDEXES, indexes
from bot.errors import TransientError

_TIME_LIMIT = 120.0
_REASON_LIMIT = 800
# https://docs.astral.sh/uv/concepts/indexes/#customizing-cache-control-headers
_CACHE_CONTROL = '{ api = "max-age=600", files = "max-age=600" }'
_NETWORK = re.compile(
    r"failed to fetch|failed to download|error sending request|client error|dns error|connection (refused|reset)|"
    r"timed? ?out|status (code )?(429|5\d\d)|network connectivity is disabled|tls|certificate",
    re.IGNORECASE,
)
_BOX = re.compile(r"^[\s×╰─▶│├]*(?:(?:error|cause):\s*)?", re.MULTILINE)
_PLACE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|(?<![\w.])/)[^\s`'\")]+")
_NO_WHEEL = re.compile(r"Wheels are required for `([\w.-]+)`")


class Unresolvable(Exception):
    """The requirements cannot be met: its text is uv's reason, for the model that named them."""


class Resolver:
    """uv, which resolves for the image's Python and platform. Thread-safe.

    Args:
        variables: what uv is run with, see `bot.config.package_index.environment`.
        platform: the architecture the image is for, `x86_64` or `aarch64`.
    """

    def __init__(self, variables: Mapping[str, str], platform: str) -> None:
        # Variables would count for more than the settings file does.
        elsewhere = {*DEFAULT_INDEX, *EXTRA_INDEXES}
        self._environment = {name: value for name, value in variables.items() if name not in elsewhere}
        self._settings = _settings(variables)
        # Any interpreter will do to resolve for another one; without `--python` and `--no-python-downloads` uv first
        # tries to download the image's Python.
        self._command = [uv.find_uv_bin(), "pip", "compile", "-"]
        self._command += ["--python-version", PYTHON, "--python-platform", f"{platform}-manylinux_2_{GLIBC}"]
        self._command += ["--python", sys.executable, "--no-python-downloads", "--only-binary", ":all:"]
        self._command += ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--annotation-style", "line"]
        self._command += ["--quiet", "--no-progress", "--color", "never"]

    def resolve(self, requirements: Sequence[str], builds: Mapping[str, SourceBuild]) -> str:
        """Return the requirements and all they need in exact versions, a line each, with "# via" notes.

        Args:
            requirements: plain ones, see `plain_requirements`.
            builds: the source archives that count although they are no wheels.

        Raises:
            Unresolvable: names and versions do not go together.
            TransientError: the index does not answer.
        """
        # A folder of its own, so that no project's settings around here are taken for the service's.
        with tempfile.TemporaryDirectory() as folder:
            settings = Path(folder, "uv.toml")
            settings.write_text(self._settings)
            write_stand_ins(builds, Path(folder))
            try:
                done = subprocess.run(
                    [*self._command, "--config-file", str(settings), "--find-links", folder],
                    input="\n".join(requirements) + "\n",
                    cwd=folder,
                    env=self._environment,
                    capture_output=True,
                    text=True,
                    timeout=_TIME_LIMIT,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise TransientError(f"The package index did not answer within {_TIME_LIMIT:.0f} s.") from error
        if done.returncode == 0:
            return done.stdout.strip() + "\n"
        reason = _reason(done.stderr, folder)
        # Exit code 1: no solution. 2 is everything else, from a mistyped line to a dead network.
        if done.returncode != 1 and _NETWORK.search(done.stderr):
            raise TransientError(f"The package index does not answer: {reason}")
        raise Unresolvable(reason)


def plain_requirements(text: str) -> list[str]:
    """Return the requirements in a text without its comments.

    Raises:
        Unresolvable: a line is an option, a path or an address. These reach for files, so uv never sees one.
    """
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    for line in lines:
        try:
            plain = Requirement(line).url is None
        except InvalidRequirement:
            plain = False
        if not plain:
            raise Unresolvable(f"`{line[:100]}` is not a plain requirement such as `name` or `name>=1.2`.")
    return lines


def _settings(variables: Mapping[str, str]) -> str:
    """Return a uv.toml with the indexes of `variables` in their order; the last one is the default."""
    configured = indexes(variables)
    lines = []
    for index in configured:
        lines += ["[[index]]", f"url = {json.dumps(index.url)}", f"cache-control = {_CACHE_CONTROL}"]
        lines += [f"name = {json.dumps(index.name)}"] if index.name else []
        lines += ["default = true"] if index is configured[-1] else []
    return "\n".join(lines) + "\n"


def _reason(stderr: str, folder: str) -> str:
    """Return uv's words on few lines, without this machine's paths and addresses; of a package without a wheel, why
    that matters."""
    if without := list(dict.fromkeys(_NO_WHEEL.findall(stderr))):
        names = ", ".join(f"`{name}`" for name in without)
        return (
            f"{names}: no wheel for Python {PYTHON} on Linux in a version that fits; a source build needs a compiler, "
            "which the image has not. Choose another package."
        )
    text = _BOX.sub("", stderr.replace(folder, ""))
    text = " ".join(_PLACE.sub("…", text).split())
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"
