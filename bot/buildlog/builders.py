"""One step of a workflow while its lines come in: what the runner says of it, and what Docker's builders say.

The classic builder runs one instruction after the other. BuildKit runs several at once, says which of them failed, and
repeats that one's last lines at the end: of several that fail, as one failure stops the others, its word counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.buildlog.output import Part

_PARTS = 24
_CLASSIC = re.compile(r"^Step (\d+)/\d+ : (.*)")
_VERTEX = re.compile(r"^#(\d+) (?:(?:\d+\.\d+ |\d+\.\d+$)(.*)|(.*))$")
_DIED = re.compile(r"^The command '.*' returned a non-zero code: \d+$")
_BUILT = re.compile(r"^Successfully built [0-9a-f]{12}$")
_BROKEN = re.compile(
    r"^(?:(?:COPY|ADD) failed: |(?:ERROR: |error: )?(?:Error response from daemon: |"
    r"Cannot connect to the Docker daemon|"
    r"error during connect: |failed to solve|failed to build: |unable to prepare context|Error parsing reference|"
    r"manifest for |pull access denied|toomanyrequests|invalid reference format|failed to read dockerfile)|"
    r"Get \"?https?://|OCI runtime create failed|failed to create endpoint|Error processing tar file|"
    r"failed to (?:export|register|copy)|error creating overlay mount|exec format error|repository .* not found)"
)
_BREAKS = frozenset("ACEGOcefimprtu")
"""What a line that `_BROKEN` matches begins with."""

_BEGINS = ("building with", "[internal] load build def")
_NOISE_BEGINS = frozenset(" R\u2501")
_NOISE = (" ---> ", "Removing intermediate container ", " ---> Running in ", "\u2501")


@dataclass
class Death:
    """What a job died of, as far as the log's own structure tells.

    Attributes:
        step: name of the step, or "" where the log names none.
        header: the step's script and environment, as GitHub lists them.
        part: the instruction, or the whole step where that runs no builder.
        around: the step's lines outside of any instruction.
        errors: the step's `##[error]` lines, without the mark.
        footer: BuildKit's repetition of the failed instruction's last lines; `place` is the Dockerfile's line.
        code: the step's exit code.
        stopped: why the step was ended from outside, or "".
        certain: the log says that something failed.
    """

    step: str = ""
    header: list[str] = field(default_factory=list)
    part: Part = field(default_factory=Part)
    around: Part = field(default_factory=Part)
    errors: list[str] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)
    place: tuple[str, int] | None = None
    code: int | None = None
    stopped: str = ""
    certain: bool = False


class Step:
    """One step while its lines come in."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.header: list[str] = []
        self.main = Part()
        self.part = self.main
        self.vertices: dict[str, Part] = {}
        self.failed: list[Part] = []
        self.errors: list[str] = []
        self.last_was_error = False
        self.footer: list[str] = []
        self.named = ""
        self.in_footer = 0
        self.told_on = 0
        self.place: tuple[str, int] | None = None
        self.over = False

    def death(self, code: int | None = None, stopped: str = "") -> Death:
        return Death(
            step=self.name,
            header=self.header,
            part=self._dead_part(cut_off=code is None),
            around=self.main,
            errors=self.errors,
            footer=self.footer,
            place=self.place,
            code=code,
            stopped=stopped,
            certain=bool(self.failed or self.errors or stopped or code),
        )

    def _dead_part(self, cut_off: bool) -> Part:
        for part in self.failed:
            if self.named and _same_title(part.title, self.named):
                return part
        if self.failed:
            return next((part for part in self.failed if "context canceled" not in part.died), self.failed[0])
        if cut_off and self.part is self.main and self.vertices and not self.main.died:
            # The log ends in the middle of a build.
            return max(self.vertices.values(), key=lambda part: part.count)
        return self.part

    def command(self, line: str) -> None:
        """Take one of the runner's own lines."""
        if line.startswith("##[error]"):
            self.errors.append(line.removeprefix("##[error]").strip())
            del self.errors[:-20]
            self.last_was_error = True
        elif not line.startswith("##[endgroup]"):
            self.main.add(line.partition("]")[2])

    def special(self, line: str) -> bool:
        """Take a line of a builder's own; return False for any other."""
        first = line[0]
        if self.over:
            return True
        if first == "#":
            number, _, rest = line.partition(" ")
            if (part := self.vertices.get(number[1:])) and rest[:1].isdigit():
                seconds, _, text = rest.partition(" ")
                if "." in seconds and seconds[-1].isdigit():
                    if not part.died:
                        part.add(text)
                    return True
            if told := _VERTEX.match(line):
                self._vertex(told[1], told[2], told[3])
                return True
        elif first == "S":
            if told := _CLASSIC.match(line):
                self._instruction(int(told[1]), told[2])
                return True
            if line.startswith("Sending build context to Docker daemon"):
                self._begin()
                return True
            if _BUILT.match(line):
                self.part = self.main
        elif first == "-":
            if line == "------" or line == "--------------------":
                self.in_footer += 1
                return True
        elif first == "T" and _DIED.match(line):
            self.part.died = self.part.died or line
            self.part.close(line)
            self._fail(self.part)
            return True
        return False

    def plain(self, line: str) -> None:
        """Take any other line."""
        if self.over:
            return
        if self.in_footer and self._foot(line):
            return
        if self.told_on and line and self.failed:
            # The builder's word on a failed instruction may have more than one line.
            self.failed[-1].add(line)
            self.told_on -= 1
            return
        if self.failed and not self.main.died:
            self.told_on = 0
            # What follows a death is Docker's account of it, or another service.
            if line.startswith(("ERROR: failed to", "failed to solve", "executor failed running", "Dockerfile:")):
                self._foot(line)
            return
        first = line[:1]
        if first in _NOISE_BEGINS and (line.startswith(_NOISE) or line.lstrip().startswith("\u2501")):
            return
        self.part.add(line)
        if first in _BREAKS and _BROKEN.match(line):
            self.part.died = line

    def _begin(self) -> None:
        """Another build begins in the same step."""
        if self.failed:
            self.over = True
        elif self.part.died or self.part is not self.main:
            # The build before this one has not come to its end.
            self._fail(self.part)
            self.over = True
        else:
            self.vertices = {}
            self.part = self.main

    def _instruction(self, number: int, title: str) -> None:
        if number == 1:
            self._begin()
        if not self.failed:
            self.part = Part(title)

    def _vertex(self, number: str, timed: str | None, told: str | None) -> None:
        part = self.vertices.get(number)
        if timed is not None:
            if part is None:
                part = self._new_vertex(number, "")
            if not part.died:
                part.add(timed)
            return
        text = told or ""
        if number in ("0", "1") and text.startswith(_BEGINS) and (self.failed or self.main.died):
            self._begin()
        elif part is None:
            if text.startswith(("DONE", "CACHED", "CANCELED", "sha256:")):
                return
            died = text.startswith("ERROR: ") or text == "ERROR"
            part = self._new_vertex(number, "" if died else text)
            if died:
                self._died(part, text)
        elif text.startswith(("DONE ", "CACHED", "CANCELED")):
            del self.vertices[number]
        elif text.startswith("ERROR"):
            self._died(part, text)
        elif (
            not text.startswith(("sha256:", "extracting sha256:", "...", "transferring ", "resolve "))
            and text != part.title
        ):
            part.add(text)

    def _new_vertex(self, number: str, title: str) -> Part:
        while len(self.vertices) >= _PARTS:
            del self.vertices[next(iter(self.vertices))]
        self.vertices[number] = part = Part(title)
        return part

    def _died(self, part: Part, text: str) -> None:
        part.died = text.removeprefix("ERROR: ")
        part.close(part.died)
        self._fail(part)
        self.told_on = 8

    def _fail(self, part: Part) -> None:
        if part not in self.failed:
            self.failed.append(part)
        self.part = self.main

    def _foot(self, line: str) -> bool:
        """Take a line of BuildKit's account at the end."""
        if line.startswith(" > ") and not self.named:
            self.named = line[3:].rstrip(":")
        elif told := re.match(r"^(Dockerfile\S*):(\d+)$", line):
            self.place = (told[1], int(told[2]))
        elif line.startswith(("ERROR: failed to", "failed to solve", "error: failed to", "executor failed running")):
            self.in_footer = 0
            self.footer.append(line)
            if not self.failed:
                self.main.add(line)
                self.main.died = line
            return True
        elif not self.failed and self.in_footer == 1 and not self.named:
            # A line of dashes, and no builder behind it.
            self.in_footer = 0
            return False
        if len(self.footer) < 60:
            self.footer.append(re.sub(r"^\d+\.\d+ ", "", line))
        return True


def _same_title(one: str, other: str) -> bool:
    return " ".join(one.split())[:200] == " ".join(other.split())[:200]
