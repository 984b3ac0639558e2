"""In which part of the workflow a step failed, by what was running: the instruction, the script, the step's name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.causes.rules import named_causes
from bot.buildlog.failed_step import FailedStep
from bot.buildlog.lines import NumberedLines
from bot.values.failure import FailureClass, Phase

_STAGE = re.compile(r"^\[[^\]]*\] ")
_PIP = re.compile(
    r"\b(?:pip[\d.]*|uv|poetry|pdm|pipenv|conda)\b[^&|;]*? (?:install|sync|download|wheel)\b|"
    r"setup\.py (?:install|bdist)"
)
_APT = re.compile(r"\b(?:apt-get|apt|aptitude|dpkg|apk)\b")
_TEST = re.compile(r"\b(?:pytest|unittest|tox|nox)\b|check_scenarios|/testing/run\.py|--target test\b")
_TESTS_AFTER_INSTALLING = re.compile(r"-m pytest|(?:&&|;|\|)\s*pytest")
_STEP_NAMES = (
    (Phase.SMOKE, re.compile(r"\bsmoke\b", re.IGNORECASE)),
    (Phase.DEPLOY, re.compile(r"\b(?:roll(?:ing)? ?out|deploy(?:ing|ment)?|rollback)\b", re.IGNORECASE)),
    (Phase.PUSH, re.compile(r"\bpush\b|sign in to the registry|docker login", re.IGNORECASE)),
    (Phase.TEST, re.compile(r"\btests?\b|pytest", re.IGNORECASE)),
    (Phase.PIP, re.compile(r"\bpip\b|requirements", re.IGNORECASE)),
    (Phase.APT, re.compile(r"\bapt\b|system packages", re.IGNORECASE)),
)
_SCRIPTS = (
    ("--target test", "Build and test"),
    ("--iidfile", "Build the service image"),
    ('echo "Smoke run of', "Smoke run"),
    ("gptdeploy deploy", "Roll out"),
    ("deployer deploy", "Roll out"),
    ("docker push", "Push"),
    ("--target service --label", "Build"),
    ("docker login", "Sign in to the registry"),
)
_OURS = ("::stop-commands::", "docker login", "gptdeploy deploy", "deployer deploy", "$RUNNER_TEMP/built")
"""What the scripts of our workflows have in them, and hardly anybody else's."""
_BUILD = re.compile(r"\b(?:docker|buildx|podman)\b.*\bbuild\b")
_BUILDER = re.compile(r"Error response from daemon|failed to solve|dockerfile parse error|DEPRECATED: The legacy")
_COPY_FAILED = re.compile(r"^(?:COPY|ADD) failed")
_NO_IMAGE = re.compile(
    r"pull access denied|manifest (?:for|unknown)|failed to resolve source metadata|registry-1\.docker\.io"
)
_PUSHING = ("The push refers to repository", "pushing layers")
_TESTS_BEGAN = re.compile(r"=+ test session starts =+|^(?:Ran \d+ tests? in|INTERNALERROR>)")
_ANNOUNCED = (("Smoke run of ", Phase.SMOKE), ("Rolling out ", Phase.DEPLOY))
_INSTALLERS = {FailureClass.PIP: Phase.PIP, FailureClass.APT: Phase.APT}


def find_phase(step: FailedStep, lines: NumberedLines) -> Phase:
    """Return the phase in which a step failed, before its cause is known.

    Args:
        lines: those kept of its output.
    """
    if step.output.title:
        return _instruction_phase(step, lines)
    if _pushes(lines):
        return Phase.PUSH
    beginning = [line for _, line in lines[:400]]
    for words, phase in _ANNOUNCED:
        if any(line.startswith(words) for line in beginning):
            return phase
    return _step_phase(step, lines)


def settle_phase(phase: Phase, cause: Cause) -> Phase:
    """Return the phase once the cause is known: one instruction may call apt and pip."""
    if phase in (Phase.PIP, Phase.APT, Phase.OTHER) and cause.rank in (Rank.INNER, Rank.INSTALL):
        return _INSTALLERS.get(cause.failure_class, phase)
    return phase


def script_name(header: Sequence[str]) -> str:
    """Return a name for a step by its script, or "" where there is none: GitHub's logs hold no names of steps."""
    if not header:
        return ""
    if any(mark in line for line in header for mark in _OURS):
        for mark, name in _SCRIPTS:
            if any(mark in line for line in header):
                return name
    return f"Run {header[0]}"[:100]


def _instruction_phase(step: FailedStep, lines: NumberedLines) -> Phase:
    """Return the phase of the instruction that failed."""
    phase = _title_phase(step.output.title)
    if phase is Phase.TEST and not step.output.report:
        phase = _phase_before_tests(step.output.title, lines)
    return Phase.PUSH if phase is Phase.OTHER and _pushes(lines) else phase


def _pushes(lines: NumberedLines) -> bool:
    return any(line.startswith(_PUSHING) for _, line in lines)


def _phase_before_tests(script: str, lines: NumberedLines) -> Phase:
    """Return the phase of a script that installs and tests, where it has come no further than to install."""
    if any(_TESTS_BEGAN.search(line) for _, line in lines) or not _installs(script):
        return Phase.TEST
    refused = {cause.failure_class for cause in named_causes(lines) if cause.rank in (Rank.INSTALL, Rank.INNER)}
    return next((phase for installer, phase in _INSTALLERS.items() if installer in refused), Phase.TEST)


def _step_phase(step: FailedStep, lines: NumberedLines) -> Phase:
    """Return the phase of a step by its name and its script."""
    script = "\n".join(step.header)
    phase = _name_phase(step.name or script_name(step.header))
    if phase in (Phase.SMOKE, Phase.DEPLOY):
        return phase
    if phase is Phase.OTHER and _asks_service(script):
        return Phase.SMOKE
    builds = _BUILD.search(script) is not None
    if phase is Phase.PUSH and not builds:
        return phase
    if builds or any(_BUILDER.search(line) for _, line in lines):
        return _builder_phase(lines)
    return _script_phase(script) if phase is Phase.OTHER else phase


def _builder_phase(lines: NumberedLines) -> Phase:
    """Return the phase in which a builder failed before or between instructions."""
    if any(_COPY_FAILED.match(line) for _, line in lines):
        return Phase.COPY
    if any(_NO_IMAGE.search(line) for _, line in lines):
        return Phase.BASE_IMAGE
    return Phase.OTHER


def _title_phase(title: str) -> Phase:
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
        return _script_phase(text)
    return Phase.OTHER


def _script_phase(text: str) -> Phase:
    """Return the phase of a script that does several things: tests count before pip, and pip before apt."""
    installs = _PIP.search(text)
    # `pip install pytest` tests nothing.
    tests = _TEST.search(_PIP.sub(" ", text))
    if tests and (not installs or _TESTS_AFTER_INSTALLING.search(text)):
        return Phase.TEST
    if installs:
        return Phase.PIP
    return Phase.APT if _APT.search(text) else Phase.OTHER


def _asks_service(script: str) -> bool:
    """Return whether a script sends requests to a service on this machine."""
    return re.search(r"\bcurl\b.*(?:localhost|127\.0\.0\.1|/healthz?\b)", script) is not None


def _installs(script: str) -> bool:
    """Return whether a script calls pip or apt."""
    return _PIP.search(script) is not None or _APT.search(script) is not None


def _name_phase(name: str) -> Phase:
    """Return the phase that a step's name tells of."""
    for phase, pattern in _STEP_NAMES:
        if pattern.search(name):
            return phase
    return Phase.OTHER
