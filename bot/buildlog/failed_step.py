"""The step in which a job failed, once its log has been read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.buildlog.asides import Aside
from bot.buildlog.output import Output


@dataclass
class FailedStep:
    """The step in which a job failed, as far as the log's own structure tells.

    Attributes:
        name: of the step, or "" where the log names none.
        header: the step's script and environment, as GitHub lists them.
        output: that of the instruction that failed, or of the whole step where it runs no builder.
        errors: the step's `##[error]` lines, without the mark.
        footer: BuildKit's account of the failed instruction.
        place: the Dockerfile's name and line, as BuildKit says them.
        exit_code: the step's.
        stopped: why the step was ended from outside, or "".
        certain: the log says that something failed.
        asides: the rest of the job, as far as it may tell of a cause.
    """

    name: str = ""
    header: list[str] = field(default_factory=list)
    output: Output = field(default_factory=Output)
    errors: list[str] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)
    place: tuple[str, int] | None = None
    exit_code: int | None = None
    stopped: str = ""
    certain: bool = False
    asides: Sequence[Aside] = ()
