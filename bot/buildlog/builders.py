"""One step of a workflow while its lines come in: what the runner says of it, and what Docker's builders say.

The classic builder runs one instruction after the other. BuildKit runs several at once. When one fails, it stops the
others, which then look as if they had failed as well; at the end it names the one that failed first, in an account with
that instruction's last lines. That account decides.
"""

from __future__ import annotations

import re

from bot.buildlog.asides import Aside, Asides, set_aside
from bot.buildlog.compose import Containers
from bot.buildlog.failed_step import FailedStep
from bot.buildlog.output import Output

_VERTICES = 24
"""How many instructions that run at once are followed."""
_CLASSIC = re.compile(r"^Step (\d+)/\d+ : (.*)")
_VERTEX = re.compile(r"^#(\d+) (?:(?:\d+\.\d+ |\d+\.\d+$)(.*)|(.*))$")
_EXITED = re.compile(r"^The command '.*' returned a non-zero code: \d+$")
_BUILT = re.compile(r"^Successfully built [0-9a-f]{12}$")
_BROKEN = re.compile(
    r"^(?:(?:COPY|ADD) failed: |(?:ERROR: |error: )?(?:Error response from daemon: |"
    r"Cannot connect to the Docker daemon|"
    r"error during connect: |failed to solve|failed to build: |unable to prepare context|Error parsing reference|"
    r"manifest for |pull access denied|toomanyrequests|invalid reference format|failed to read dockerfile)|"
    r"Get \"?https?://|OCI runtime create failed|failed to create endpoint|Error processing tar file|"
    r"failed to (?:export|register|copy)|error creating overlay mount|exec format error|repository .* not found)"
)
_BROKEN_FIRST = frozenset("ACEGOcefimprtu")
"""The first characters of lines that `_BROKEN` matches."""

_BEGINNINGS = ("building with", "[internal] load build def")
_NOISE_FIRST = frozenset(" R\u2501")
_NOISE = (" ---> ", "Removing intermediate container ", " ---> Running in ", "\u2501")
_TRANSFERS = ("sha256:", "extracting sha256:", "...", "transferring ", "resolve ")
_PLACE = re.compile(r"^(Dockerfile\S*):(\d+)$")
_SECONDS = re.compile(r"^\d+\.\d+ ")


class Step:
    """One step while its lines come in.

    Attributes:
        plain: the output outside of any instruction.
        output: where a line belongs of which no builder says so: the classic builder's instruction, or `plain`.
        last_was_error: the line taken last is one of `errors`.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.header: list[str] = []
        self.plain = Output()
        self.output = self.plain
        self.errors: list[str] = []
        self.last_was_error = False
        self._asides = Asides()
        self._containers = Containers()
        self._after = Output()
        self._vertices: dict[str, Output] = {}
        self._failed: list[Output] = []
        self._more_of_failure = 0
        self._over = False
        self._rules = 0
        self._footer: list[str] = []
        self._footer_title = ""
        self._place: tuple[str, int] | None = None

    def failed(self, exit_code: int | None = None, stopped: str = "", certain: bool = False) -> FailedStep:
        """Return the step as one that has failed."""
        return FailedStep(
            name=self.name,
            header=self.header,
            output=self._failed_output(cut_off=exit_code is None),
            errors=self.errors,
            footer=self._footer,
            place=self._place,
            exit_code=exit_code,
            stopped=stopped,
            certain=certain or bool(self._failed or self.errors or stopped or exit_code),
            asides=self._rest(),
        )

    def aside(self, place: str, failed: bool) -> list[Aside]:
        """Return what is kept of the step as one that did not fail the job, although it may have failed itself."""
        script = "\n".join(self.header)
        output = self._failed_output(cut_off=True)
        failed = failed or bool(self._failed)
        name = f"{place}: {output.title}" if output.title else place
        own = set_aside(name, output, script, failed)
        plain = None if output is self.plain else set_aside(place, self.plain, script, failed)
        return [aside for aside in (*self._rest(), own, plain) if aside is not None]

    def _rest(self) -> list[Aside]:
        """Return the asides among the step's own instructions."""
        after = set_aside("After that, in the same step", self._after)
        return [*self._asides.all(), *self._containers.asides(), *([after] if after else [])]

    def _failed_output(self, cut_off: bool) -> Output:
        for output in self._failed:
            if self._footer_title and _same_title(output.title, self._footer_title):
                return output
        if self._failed:
            return next(
                (output for output in self._failed if "context canceled" not in output.failure), self._failed[0]
            )
        if self._containers.failed is not None and not self.plain.failure:
            return self._containers.failed
        if cut_off and self.output is self.plain and self._vertices and not self.plain.failure:
            # The log ends in the middle of a build.
            return max(self._vertices.values(), key=lambda output: output.count)
        return self.output

    def add_command(self, line: str) -> None:
        """Take one of the runner's own lines, which begin with `##[`."""
        if line.startswith("##[error]"):
            self.errors.append(line.removeprefix("##[error]").strip())
            del self.errors[:-20]
            self.last_was_error = True
        elif not line.startswith("##[endgroup]"):
            self.plain.add(line.partition("]")[2])

    def add_from_builder(self, line: str) -> bool:
        """Take a line that only a builder writes; return False for any other."""
        if self._over:
            self._after.add(line)
            return True
        first = line[0]
        if first == "#":
            return self._add_buildkit(line)
        if first == "S":
            return self._add_classic(line)
        if first == "-" and line in ("------", "--------------------"):
            self._rules += 1
            return True
        if first == "T" and _EXITED.match(line):
            self.output.failure = self.output.failure or line
            self.output.close(line)
            self._fail(self.output)
            return True
        return False

    def add(self, line: str) -> None:
        """Take any other line."""
        if self._over:
            self._after.add(line)
            return
        if self._rules and self._add_to_footer(line):
            return
        if self._more_of_failure and line and self._failed:
            self._failed[-1].add(line)
            self._more_of_failure -= 1
            return
        if self._failed and not self.plain.failure:
            self._more_of_failure = 0
            # What follows a failure is Docker's account of it, or another service.
            if line.startswith(("ERROR: failed to", "failed to solve", "executor failed running", "Dockerfile:")):
                self._add_to_footer(line)
            else:
                self._after.add(line)
            return
        if self._containers.take(line):
            return
        first = line[:1]
        if first in _NOISE_FIRST and (line.startswith(_NOISE) or line.lstrip().startswith("\u2501")):
            return
        self.output.add(line)
        if first in _BROKEN_FIRST and _BROKEN.match(line):
            self.output.failure = line

    def _add_buildkit(self, line: str) -> bool:
        number, _, rest = line.partition(" ")
        # Most of BuildKit's lines are timed output of an instruction that is known: a fast way for them.
        if (output := self._vertices.get(number[1:])) and rest[:1].isdigit():
            seconds, _, text = rest.partition(" ")
            if "." in seconds and seconds[-1].isdigit():
                if not output.failure:
                    output.add(text)
                return True
        match = _VERTEX.match(line)
        if match is None:
            return False
        number, timed, status = match.groups()
        if timed is not None:
            output = self._vertices.get(number) or self._new_vertex(number, "")
            if not output.failure:
                output.add(timed)
        elif number in ("0", "1") and status.startswith(_BEGINNINGS) and (self._failed or self.plain.failure):
            self._begin_build()
        elif number in self._vertices:
            self._update(number, status)
        else:
            self._discover(number, status)
        return True

    def _discover(self, number: str, status: str) -> None:
        """Take the first line of an instruction: its title, or that it failed."""
        if status.startswith(("DONE", "CACHED", "CANCELED", "sha256:")):
            return
        failed = status.startswith("ERROR: ") or status == "ERROR"
        output = self._new_vertex(number, "" if failed else status)
        if failed:
            self._fail_vertex(output, status)

    def _update(self, number: str, status: str) -> None:
        """Take what BuildKit says of an instruction that is known."""
        output = self._vertices[number]
        if status.startswith(("DONE ", "CACHED", "CANCELED")):
            if not status.startswith("CANCELED"):
                self._asides.add(set_aside(output.title, output))
            del self._vertices[number]
        elif status.startswith("ERROR"):
            self._fail_vertex(output, status)
        elif status != output.title and not status.startswith(_TRANSFERS):
            output.add(status)

    def _new_vertex(self, number: str, title: str) -> Output:
        while len(self._vertices) >= _VERTICES:
            del self._vertices[next(iter(self._vertices))]
        self._vertices[number] = output = Output(title)
        return output

    def _fail_vertex(self, output: Output, status: str) -> None:
        output.failure = status.removeprefix("ERROR: ")
        output.close(output.failure)
        self._fail(output)
        # What BuildKit says of a failure may have more than one line.
        self._more_of_failure = 8

    def _fail(self, output: Output) -> None:
        if output not in self._failed:
            self._failed.append(output)
        self.output = self.plain

    def _add_classic(self, line: str) -> bool:
        if match := _CLASSIC.match(line):
            if match[1] == "1":
                self._begin_build()
            if not self._failed:
                self._leave_instruction()
                self.output = Output(match[2])
            return True
        if line.startswith("Sending build context to Docker daemon"):
            self._begin_build()
            return True
        if _BUILT.match(line):
            self._leave_instruction()
            self.output = self.plain
        return False

    def _leave_instruction(self) -> None:
        """Notice that the classic builder's instruction has succeeded."""
        if self.output is not self.plain:
            self._asides.add(set_aside(self.output.title, self.output))

    def _begin_build(self) -> None:
        """Notice that another build begins in the same step; after a failure nothing of it is read."""
        if self._failed:
            self._over = True
        elif self.output.failure or self.output is not self.plain:
            # The build before this one has not come to its end.
            self._fail(self.output)
            self._over = True
        else:
            self._vertices = {}

    def _add_to_footer(self, line: str) -> bool:
        """Take a line of BuildKit's account at the end; return False where it is none."""
        if line.startswith(" > ") and not self._footer_title:
            self._footer_title = line[3:].rstrip(":")
        elif match := _PLACE.match(line):
            self._place = (match[1], int(match[2]))
        elif line.startswith(("ERROR: failed to", "failed to solve", "error: failed to", "executor failed running")):
            self._rules = 0
            self._footer.append(line)
            if not self._failed:
                self.plain.add(line)
                self.plain.failure = line
            return True
        elif not self._failed and self._rules == 1 and not self._footer_title:
            # A line of dashes, and no builder behind it.
            self._rules = 0
            return False
        if len(self._footer) < 60:
            self._footer.append(_SECONDS.sub("", line))
        return True


def _same_title(first: str, second: str) -> bool:
    return " ".join(first.split())[:200] == " ".join(second.split())[:200]
