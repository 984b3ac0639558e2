"""Where in a job's log it died: at the end of the first step that failed, or where the runner was stopped."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.buildlog.builders import Death, Step
from bot.buildlog.lines import FAILED, STEP, plain_lines

_HEADER = 200
_PROCESS = re.compile(r"^##\[error\]\s*Process completed with exit code (-?\d+)\.?")
_STOPPED = re.compile(
    r"^##\[error\]\s*(?:Error: )?(The operation was cancell?ed\.?|"
    r".*(?:exceeded the maximum execution time|has timed out after|"
    r"received a shutdown signal|lost communication with the server|was not acquired by Runner|runner .*disconnected|"
    r"No space left on device).*)",
    re.IGNORECASE,
)
_ACTION = re.compile(r"^(?:[\w.-]+/[\w./-]+@\S+|\./\S+|docker://\S+)$")
_SPECIAL = frozenset("#S\0TP-")


def find_death(lines: Iterable[str]) -> Death:
    """Return where and how a job died; no more of the log is taken than up to the end of the step that failed."""
    step = Step()
    suspect: Death | None = None
    in_header = False
    for line in plain_lines(lines):
        first = line[:1]
        if first in _SPECIAL:
            if first == "\0":
                if line.startswith(FAILED):
                    step.name = step.name or line[len(FAILED) :].strip()
                    return _ended(step, None)
                suspect = suspect or _suspect(step)
                step, in_header = Step(line.removeprefix(STEP)), False
                continue
            if line.startswith("##["):
                if line.startswith("##[group]Run ") and step.name and not step.main.count:
                    in_header = True
                    step.header.append(line.removeprefix("##[group]Run "))
                elif line.startswith("##[group]Run "):
                    suspect = suspect or _suspect(step)
                    step, in_header = Step(), True
                    step.header.append(line.removeprefix("##[group]Run "))
                elif in_header:
                    in_header = not line.startswith("##[endgroup]")
                elif ended := _PROCESS.match(line):
                    return suspect or _ended(step, int(ended[1]))
                else:
                    step.command(line)
                    if stopped := _STOPPED.match(line):
                        if suspect is None and "operation was cancel" not in line:
                            suspect = step.death(stopped=stopped[1])
                        elif suspect is None or not suspect.stopped:
                            return step.death(stopped=stopped[1])
                        else:
                            return suspect
                continue
            if line.startswith("Post job cleanup."):
                suspect = suspect or _suspect(step)
                step = Step("Post job cleanup")
                continue
            if not in_header and step.special(line):
                continue
        if in_header:
            if len(step.header) < _HEADER:
                step.header.append(line)
            continue
        if step.last_was_error and line:
            step.last_was_error = False
        step.plain(line)
    if suspect is not None:
        return suspect
    death = step.death()
    death.certain = death.certain or bool(step.part.died)
    return death


def _ended(step: Step, code: int | None) -> Death:
    death = step.death(code)
    death.certain = True
    return death


def _suspect(step: Step) -> Death | None:
    """Return the death of a step whose action failed, or None; a script that fails says its exit code."""
    if step.errors and step.last_was_error and step.header and _ACTION.match(step.header[0]):
        death = step.death()
        death.certain = True
        return death
    return None
