"""Which step of a job's log is the one that failed it.

That is the first that failed, or the one in which the runner was stopped. Where another step fails later that only runs
while the job has not failed, the first one was allowed to (`continue-on-error`), and the log does not say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.buildlog.asides import Aside, Asides, is_diagnostic
from bot.buildlog.builders import Step
from bot.buildlog.failed_step import FailedStep
from bot.buildlog.lines import FAILED, STEP, plain_lines

_HEADER = 200
"""Lines kept of a step's script and environment."""
_EXITED = re.compile(r"^##\[error\]\s*Process completed with exit code (-?\d+)\.?")
_STOPPED = re.compile(
    r"^##\[error\]\s*(?:Error: )?(The operation was cancell?ed\.?|"
    r".*(?:exceeded the maximum execution time|has timed out after|"
    r"received a shutdown signal|lost communication with the server|was not acquired by Runner|runner .*disconnected|"
    r"No space left on device).*)",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\b(?:upload|report\w*|publish|notify|summar\w+|clean\w*|down|remove|rm|stop|kill|cat|tail|always|failure)\b",
    re.IGNORECASE,
)
"""What steps are about, by name or first line, that run although another one has failed."""
_OWN = ("::stop-commands::", "gptdeploy deploy")
"""What only steps of this project's workflows hold, none of which is allowed to fail."""
_ACTION = re.compile(r"^(?:[\w.-]+/[\w./-]+@\S+|\./\S+|docker://\S+)$")
_SPECIAL = frozenset("#S\0TP-")
"""The first characters of the lines that say more than a program's output does; all others are taken fast."""
_CLEAN_UP = "Post job cleanup"
_RUN = "##[group]Run "


def find_failed_step(lines: Iterable[str], name: str = "") -> FailedStep:
    """Return the step in which a job failed, with asides from what ran before it and after it.

    Args:
        lines: the job's log.
        name: that step's name, where it is known.
    """
    job = _Job(name)
    for line in plain_lines(lines):
        if line[:1] in _SPECIAL and job.take_special(line):
            continue
        if job.in_header:
            job.add_to_header(line)
        else:
            if line:
                job.step.last_was_error = False
            job.step.add(line)
    return job.end()


class _Job:
    """A job while its lines come in.

    Attributes:
        step: the one that runs.
        in_header: its script and environment are being listed.
        failed: the step that failed, once that is certain; what runs after it may still show the cause.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._of_failed: list[Aside] = []
        """What is kept of the failed step should it turn out to have been allowed to fail."""
        self.step = Step()
        self.in_header = False
        self.failed: FailedStep | None = None
        self._before = Asides()
        self._after = Asides()
        self._suspect: FailedStep | None = None
        """A step that seems to have failed, while the log may still say that another one has."""

    def take_special(self, line: str) -> bool:
        """Take a line that says something of the job, the runner or a builder; return False for any other."""
        if line.startswith("##["):
            self._take_command(line)
        elif line.startswith(FAILED):
            self.step.name = self.step.name or line[len(FAILED) :].strip()
            self._fail(None)
        elif line.startswith(STEP):
            self._begin(Step(line.removeprefix(STEP)))
            self.in_header = False
        elif line.startswith("Post job cleanup."):
            self._begin(Step(_CLEAN_UP))
        else:
            return not self.in_header and self.step.add_from_builder(line)
        return True

    def add_to_header(self, line: str) -> None:
        """Take a line of the step's script and environment."""
        if len(self.step.header) < _HEADER:
            self.step.header.append(line)

    def end(self) -> FailedStep:
        """Return the step that must have failed where the log ends without saying so."""
        failed = self.failed or self._suspect
        if failed is None:
            failed = self.step.failed(certain=bool(self.step.output.failure))
        else:
            self._leave()
        return replace(failed, asides=[*self._before.all(), *failed.asides, *self._after.all()])

    def _begin(self, step: Step) -> None:
        if self.failed is None and self._suspect is None:
            self._suspect = _failed_action(self.step)
            if self._suspect is None:
                self._leave()
        else:
            self._leave()
        self.step = step

    def _leave(self, failed: bool = False) -> None:
        """Keep of the step that has ended what may tell of a cause."""
        asides = self._before if self.failed is None and self._suspect is None else self._after
        if self.step.name != _CLEAN_UP:
            for aside in self.step.aside(_place(self.step), failed):
                asides.add(aside)

    def _fail(self, exit_code: int | None) -> None:
        """Notice that the step has failed: the first that does has failed the job, unless it was allowed to."""
        allowed = self.failed is not None and self._was_allowed(self.failed)
        if allowed:
            for aside in (*self._of_failed, *self._after.all()):
                self._before.add(aside)
            self._after = Asides()
        if allowed or (self.failed is None and self._suspect is None):
            self.failed = self.step.failed(exit_code, certain=True)
            self._of_failed = self.step.aside(_place(self.step), failed=True)
        else:
            self._leave(failed=True)
            self.failed = self.failed or self._suspect
        self.step = Step()

    def _was_allowed(self, failed: FailedStep) -> bool:
        """Return whether the job has not failed with the step that failed before, as another one fails now."""
        if not (self.step.name or self.step.header):
            return False  # The end of the job, in other words.
        if self._name and self._name in (failed.name, f"Run {next(iter(failed.header), '')}"):
            return False
        if self._name and self._name == _place(self.step):
            return True
        if any(mark in line for line in (*failed.header, *self.step.header) for mark in _OWN):
            return False
        beginning = " ".join([self.step.name, *self.step.header[:1]])
        return not (failed.stopped or is_diagnostic(beginning) or _AFTERWARDS.search(beginning))

    def _take_command(self, line: str) -> None:
        """Take one of the runner's own lines."""
        if line.startswith(_RUN):
            # Where the log names steps, this is the script of the one that has just begun.
            if not self.step.name or self.step.plain.count:
                self._begin(Step())
            self.in_header = True
            self.step.header.append(line.removeprefix(_RUN))
        elif self.in_header:
            self.in_header = not line.startswith("##[endgroup]")
        elif match := _EXITED.match(line):
            self._fail(int(match[1]))
        else:
            self.step.add_command(line)
            if match := _STOPPED.match(line):
                self._stop(match[1])

    def _stop(self, reason: str) -> None:
        """Notice that the job was ended from outside. Why may be said first, and then that it was cancelled."""
        if self.failed is not None:
            return
        stopped = self.step.failed(stopped=reason)
        if self._suspect is None and "operation was cancel" not in reason:
            self._suspect = stopped
        else:
            self.failed = self._suspect if self._suspect is not None and self._suspect.stopped else stopped
            self.step = Step()


def _place(step: Step) -> str:
    return step.name or f"Run {next(iter(step.header), '')}"


def _failed_action(step: Step) -> FailedStep | None:
    """Return a step whose action failed, or None. Only of a script that fails the log says the exit code."""
    if step.errors and step.last_was_error and step.header and _ACTION.match(step.header[0]):
        return step.failed(certain=True)
    return None
