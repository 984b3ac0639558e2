"""Install Debian packages on this machine, and tell where the machine gets them from."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bot.demo import Say
from bot.errors import UserError

DEFAULT_MIRROR = ""
"""Lets mmdebstrap choose: the sources of a relative of Debian name no mirror of Debian itself."""

LOCK = Path("/run/lock/gptdeploy-apt")
"""Held by the one process that installs."""
_SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))
# What a machine sets to reach its mirror; an image that uses the same mirror needs the same.
_CARRIED = re.compile(r"^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::Proxy)\b")


def os_release(text: str | None = None) -> Mapping[str, str]:
    """Read `text`, by default the machine's /etc/os-release; empty where there is none (macOS).

    https://www.freedesktop.org/software/systemd/man/latest/os-release.html
    """
    if text is None:
        path = Path("/etc/os-release")
        text = path.read_text() if path.exists() else ""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def is_debian(release: Mapping[str, str]) -> bool:
    """Tell whether this is Debian or one of its relatives."""
    return "debian" in (release.get("ID", ""), *release.get("ID_LIKE", "").split())


def can_install() -> bool:
    """Tell whether this process may install packages: it is root, and this is Debian or a relative."""
    return os.geteuid() == 0 and is_debian(os_release())


def install(packages: Sequence[str], say: Say) -> None:
    """Install Debian packages, without what they merely recommend and without starting their services.

    Raises:
        UserError: apt's last words.
    """
    say(f"apt: installing {', '.join(packages)}")
    # apt waits for some of its locks and fails at others, e.g. that of the package lists.
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = _install(packages)
        # The package lists may be absent or old. Mostly they are neither, and to fetch them takes as long as the rest.
        if done.returncode:
            _apt("update")
            done = _install(packages)
    if done.returncode:
        reason = " ".join(line for line in done.stdout.splitlines() if line.startswith("E:"))
        raise UserError(f"apt-get could not install {', '.join(packages)}: {reason or done.stdout[-500:]}")


def known(package: str) -> bool:
    """Tell whether the machine's package lists have the package."""
    shown = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return shown.returncode == 0


def _install(packages: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return _apt("install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-unsafe-io", *packages)


def _apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    # In runlevel 1 packages start no services (invoke-rc.d); with systemd the variable has no effect.
    variables = ("DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "LC_ALL=C.UTF-8")
    return subprocess.run(
        ["env", *variables, "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def carried_options() -> list[str]:
    """Return the machine's apt options that its mirror needs, each as apt.conf writes it."""
    dump = subprocess.run(
        ["apt-config", "dump", "--format", '%f "%v";%n'], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in dump.splitlines() if _CARRIED.match(line) and '""' not in line]


def machine_mirror() -> str:
    """Return the address of the Debian mirror that the machine's apt uses, or DEFAULT_MIRROR on a relative."""
    release = os_release()
    if release.get("ID") != "debian":
        return DEFAULT_MIRROR
    files = [_SOURCES[0], *sorted(_SOURCES[1].glob("*"))]
    return mirror_of((file.read_text() for file in files if file.is_file()), release.get("VERSION_CODENAME", ""))


def mirror_of(sources: Iterable[str], codename: str) -> str:
    """Return the first mirror of the suite `codename` in files of either format of sources.list(5)."""
    for text in sources:
        for address, suites in _entries(text):
            if codename in suites and address.startswith(("http://", "https://")):
                return address
    return DEFAULT_MIRROR


def _entries(text: str) -> Iterable[tuple[str, list[str]]]:
    for line in text.splitlines():
        if entry := re.match(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s", line.strip() + " "):
            yield entry[1], [entry[2]]
    for stanza in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([A-Za-z-]+):\s*(.*)$", stanza, re.MULTILINE))
        if "deb" in fields.get("Types", "").split() and fields.get("Enabled", "yes") != "no":
            for address in fields.get("URIs", "").split():
                yield address, fields.get("Suites", "").split()
