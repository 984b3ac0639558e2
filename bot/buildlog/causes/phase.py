"""In which part of the workflow a job died, by what was running."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.values.failure import Phase

_STAGE = re.compile(r"^\[[^\]]*\] ")
_PIP = re.compile(
    r"\b(?:pip[\d.]*|uv|poetry|pdm|pipenv|conda)\b[^&|;]*? (?:install|sync|download|wheel)\b|"
    r"setup\.py (?:install|bdist)"
)
_APT = re.compile(r"\b(?:apt-get|apt|aptitude|dpkg|apk)\b")
_TEST = re.compile(r"\b(?:pytest|unittest|tox|nox)\b|check_scenarios|--target test\b")
_WORDS = (
    (Phase.SMOKE, re.compile(r"\bsmoke\b", re.IGNORECASE)),
    (Phase.DEPLOY, re.compile(r"\b(?:roll(?:ing)? ?out|deploy(?:ing|ment)?|rollback)\b", re.IGNORECASE)),
    (Phase.PUSH, re.compile(r"\bpush\b|sign in to the registry|docker login", re.IGNORECASE)),
    (Phase.TEST, re.compile(r"\btests?\b|pytest", re.IGNORECASE)),
    (Phase.PIP, re.compile(r"\bpip\b|requirements", re.IGNORECASE)),
    (Phase.APT, re.compile(r"\bapt\b|system packages", re.IGNORECASE)),
)
_NAMED = (
    ("--target test", "Build and test"),
    ("--iidfile", "Build the service image"),
    ('echo "Smoke run of', "Smoke run"),
    ("gptdeploy deploy", "Roll out"),
    ("docker push", "Build and push"),
    ("docker login", "Sign in to the registry"),
)


def step_name(header: Sequence[str]) -> str:
    """Return a name for a step that the log shows by its script: GitHub's logs hold no names."""
    if not header:
        return ""
    if any("::stop-commands::" in line or "docker login" in line or "gptdeploy deploy" in line for line in header):
        for mark, name in _NAMED:
            if any(mark in line for line in header):
                return name
    return f"Run {header[0]}"[:100]


def of_instruction(title: str) -> Phase:
    """Return the phase of an instruction of the Dockerfile, or of BuildKit's own work."""
    text = _STAGE.sub("", title)
    word = text.split(" ", 1)[0].upper()
    if word == "FROM" or "load metadata" in title or text.startswith("resolve image"):
        return Phase.BASE_IMAGE
    if word in ("COPY", "ADD") or "load build context" in title:
        return Phase.COPY
    if text.startswith(("pushing ", "push ")):
        return Phase.PUSH
    if word == "RUN" or not title.startswith("["):
        return of_script(text)
    return Phase.OTHER


def of_script(text: str) -> Phase:
    """Return the phase of a script: the last thing it does of those that have a phase."""
    without = _PIP.sub(" ", text)
    for phase, found in (
        (Phase.TEST, _TEST.search(without)),
        (Phase.PIP, _PIP.search(text)),
        (Phase.APT, _APT.search(text)),
    ):
        # `pip install pytest` tests nothing.
        if found and not (
            phase is Phase.TEST and _PIP.search(text) and not re.search(r"-m pytest|(?:&&|;|\|)\s*pytest", text)
        ):
            return phase
    return Phase.OTHER


def asks_service(script: str) -> bool:
    """Tell whether a script asks a service on this machine whether it is well."""
    return re.search(r"\bcurl\b.*(?:localhost|127\.0\.0\.1|/healthz?\b)", script) is not None


def installs(script: str) -> bool:
    """Tell whether a script calls pip or apt."""
    return _PIP.search(script) is not None or _APT.search(script) is not None


def of_step(name: str) -> Phase:
    """Return the phase that a step's name tells of."""
    for phase, pattern in _WORDS:
        if pattern.search(name):
            return phase
    return Phase.OTHER
