"""Fetch GitHub's descriptions and foreign clients from npm, once a machine: they are nobody's to commit here."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from bot.demo import debian
from bot.errors import UserError
from tests.word import distil

_HERE = Path(__file__).parent
_PINNED = ("package.json", "package-lock.json")
ANSWERS, REQUESTS, WEBHOOKS = "answers.json", "requests.json", "webhooks.json"
"""What `ensure_packages` makes of the descriptions."""


def ensure_packages() -> Path:
    """Return a folder with `node_modules` as `package-lock.json` pins them, and the distilled descriptions.

    It is kept beside others in the user's cache, so that all clones share it.

    Raises:
        UserError: they cannot be had here; the text says what to install.
    """
    pinned = b"".join((_HERE / name).read_bytes() for name in _PINNED) + Path(distil.__file__).read_bytes()
    folder = _cache() / f"word-{hashlib.sha256(pinned).hexdigest()[:16]}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "word.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _make(folder)
    return folder


def ensure_program(name: str, *packages: str) -> Path:
    """Return the path of a program; install the Debian packages that hold it where there is none.

    Raises:
        UserError: there is none, and this process cannot install it.
    """
    if not shutil.which(name) and debian.can_install():
        debian.install(packages, print)
    if path := shutil.which(name):
        return Path(path)
    raise UserError(f"The tests need `{name}`: install the packages {', '.join(packages)}.")


def _make(folder: Path) -> None:
    """Fill the folder under another name first: what is there under its own is whole."""
    npm = ensure_program("npm", "nodejs", "npm")
    started = folder.with_suffix(".part")
    shutil.rmtree(started, ignore_errors=True)
    started.mkdir()
    for name in _PINNED:
        shutil.copy(_HERE / name, started)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=started, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise UserError(f"The tests need GitHub's descriptions, and npm cannot fetch them: {' '.join(reason)[-500:]}")
    generated = [started / "node_modules/@octokit" / name / "generated" for name in ("openapi", "openapi-webhooks")]
    rest, webhooks = (json.loads((folder / "api.github.com.json").read_bytes()) for folder in generated)
    (started / ANSWERS).write_text(json.dumps(distil.distil(rest, closed=False)))
    (started / REQUESTS).write_text(json.dumps(distil.distil(rest, closed=True)))
    (started / WEBHOOKS).write_text(json.dumps(distil.distil(webhooks, closed=False)))
    # Half a gigabyte: the same for other products of GitHub.
    for each in generated:
        shutil.rmtree(each)
    started.rename(folder)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gptdeploy"
