"""What a job died of: one cause, chosen from what its log tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.buildlog.builders import Death
from bot.buildlog.causes import phase as causes_phase
from bot.buildlog.causes.cause import APT, CODE, DOCKER, INFRA, PIP, SMOKE, TEST, Cause, Rank, of_line
from bot.buildlog.causes.install import of_install
from bot.buildlog.causes.pytest_report import TestFailure, by_cause, read_report
from bot.buildlog.causes.smoke import of_deployment, of_smoke
from bot.buildlog.causes.tests import class_of, of_report, of_silent_tests, of_unittest
from bot.buildlog.causes.tracebacks import chains, headline_of, own_place, syntax_errors
from bot.values.failure import Phase

_UNITTEST = re.compile(r"^(?:FAIL|ERROR): (\w+) \(")
_CODE = re.compile(r"(?:exit code: |non-zero code: |[Ee]xit code )(\d+)")
_ACTION = re.compile(r"^(?:Error: )?buildx (?:call )?failed with: ")
_KINDS = {Phase.TEST: TEST, Phase.SMOKE: SMOKE, Phase.PIP: PIP, Phase.APT: APT}
_ENDED = {
    132: "Illegal instruction (exit code 132): a package was built for another processor",
    134: "Aborted (exit code 134)",
    136: "Floating point exception (exit code 136)",
    137: "Killed, most likely because it used too much memory",
    139: "Segmentation fault (exit code 139)",
}


@dataclass
class Verdict:
    """The cause of a death, the phase it happened in, and for the excerpt the tests that failed, by cause."""

    cause: Cause
    phase: Phase
    tests: list[list[TestFailure]] = field(default_factory=list)


def judge(death: Death, step: str) -> Verdict | None:
    """Return what a job died of, or None where its log tells of no failure."""
    lines = death.part.lines()
    phase = _phase(death, step, lines)
    if death.stopped:
        return Verdict(Cause(INFRA, death.stopped, Rank.STOPPED, transient=True, key=_stop_key(death.stopped)), phase)
    tests = by_cause(read_report(death.part.report)) if death.part.report else []
    if tests or (death.part.report and death.part.report.summary):
        cause = of_report(tests)
        if cause is not None:
            return Verdict(cause, Phase.TEST if phase in (Phase.OTHER, Phase.PIP) else phase, tests)
    if phase is Phase.SMOKE:
        cause = of_smoke(lines)
    elif phase is Phase.DEPLOY:
        cause = of_deployment([*lines, *((0, f"##[error]{line}") for line in death.errors)])
    else:
        cause = None
    cause = cause or _of_lines(death, phase, lines)
    if cause is None:
        return None
    if death.place and not cause.file and cause.failure_class in (DOCKER, APT) and phase is not Phase.TEST:
        cause = replace(cause, file=death.place[0], line=death.place[1])
    return Verdict(cause, _settled(phase, cause))


def _phase(death: Death, step: str, lines: Sequence[tuple[int, str]]) -> Phase:
    if death.part.title:
        phase = causes_phase.of_instruction(death.part.title)
        if phase is Phase.TEST and not death.part.report:
            phase = _before_tests(death.part.title, lines)
        if phase is not Phase.OTHER:
            return phase
    if any(line.startswith(("The push refers to repository", "pushing layers")) for _, line in lines):
        return Phase.PUSH
    if death.part.title:
        return Phase.OTHER
    told = [line for _, line in lines[:400]]
    for start, phase in (("Smoke run of ", Phase.SMOKE), ("Rolling out ", Phase.DEPLOY)):
        if any(line.startswith(start) for line in told):
            return phase
    by_name = causes_phase.of_step(step)
    if by_name is Phase.OTHER and causes_phase.asks_service("\n".join(death.header)):
        return Phase.SMOKE
    if by_name in (Phase.SMOKE, Phase.DEPLOY):
        return by_name
    builds = re.search(r"\b(?:docker|buildx|podman)\b.*\bbuild\b", "\n".join(death.header)) is not None
    if by_name is Phase.PUSH and not builds:
        return by_name
    if builds or _builder_spoke(lines):
        return _of_builder(lines)
    return causes_phase.of_script("\n".join(death.header)) if by_name is Phase.OTHER else by_name


def _before_tests(script: str, lines: Sequence[tuple[int, str]]) -> Phase:
    """Return the phase of a script that installs and tests, where it has come no further than to install."""
    if any(re.search(r"=+ test session starts =+|^(?:Ran \d+ tests? in|INTERNALERROR>)", line) for _, line in lines):
        return Phase.TEST
    found = {
        cause.failure_class
        for _, line in lines
        if (cause := of_line(line)) and cause.rank in (Rank.INSTALL, Rank.INNER)
    }
    installs = {PIP: Phase.PIP, APT: Phase.APT}
    return next((installs[one] for one in (PIP, APT) if one in found and causes_phase.installs(script)), Phase.TEST)


def _tests_began(lines: Sequence[tuple[int, str]]) -> bool:
    began = re.compile(r"=+ test session starts =+|^(?:Ran \d+ tests? in|INTERNALERROR>|FAIL: |gw0 )|\[100%\]$")
    return any(began.search(line) for _, line in lines)


def _builder_spoke(lines: Sequence[tuple[int, str]]) -> bool:
    return any(
        re.search(r"Error response from daemon|failed to solve|dockerfile parse error|DEPRECATED: The legacy", line)
        for _, line in lines
    )


def _of_builder(lines: Sequence[tuple[int, str]]) -> Phase:
    """Return the phase in which a builder died before or between instructions."""
    text = "\n".join(line for _, line in lines)
    if re.search(r"^(?:COPY|ADD) failed", text, re.MULTILINE):
        return Phase.COPY
    if re.search(
        r"pull access denied|manifest (?:for|unknown)|failed to resolve source metadata|registry-1\.docker\.io", text
    ):
        return Phase.BASE_IMAGE
    return Phase.OTHER


def _settled(phase: Phase, cause: Cause) -> Phase:
    """Return the phase once the cause is known: one RUN may call apt and pip."""
    if phase in (Phase.PIP, Phase.APT, Phase.OTHER) and cause.rank in (Rank.INNER, Rank.INSTALL):
        return {PIP: Phase.PIP, APT: Phase.APT}.get(cause.failure_class, phase)
    return phase


def _of_lines(death: Death, phase: Phase, lines: Sequence[tuple[int, str]]) -> Cause | None:
    code = _exit_code(death)
    if phase is Phase.TEST and (cause := of_silent_tests(lines, code)):
        return cause
    if code in _ENDED and (cause := _killed(code, phase, lines)):
        return cause
    told = [(number, line) for number, line in lines]
    told += [(0, _ACTION.sub("", line)) for line in [*death.errors, *death.footer]]
    found = [cause.at(number) for number, line in told if (cause := of_line(line))]
    if code == 143 and not death.part.died:
        # What ends a runner ends its steps like that.
        return Cause(
            INFRA, "Terminated (exit code 143)", Rank.STOPPED, transient=True, lines=tuple(n for n, _ in lines[-1:])
        )
    if stopped := next((one for one in found if one.rank is Rank.STOPPED), None):
        return stopped
    if (cause := of_install(found, lines, phase, death.part.title or "\n".join(death.header))) is not None:
        return cause
    if phase is not Phase.PIP:
        # A header that is missing while pip builds a package is pip's matter; elsewhere only a system package mends it.
        found = [replace(one, failure_class=APT) if one.headline.startswith("fatal error: ") else one for one in found]
    best = min(found, key=lambda one: one.rank, default=None)
    if best is not None and best.rank <= Rank.SHELL and (phase is not Phase.TEST or not _tests_began(lines)):
        return best
    if (cause := _raised(lines, phase)) is not None:
        return cause
    if best is not None and (death.certain or best.rank < Rank.VAGUE):
        return _vague(best, phase, lines)
    if not death.certain:
        return None
    last = next(
        ((number, line) for number, line in reversed(lines) if line.strip() and line != death.part.died), (0, "")
    )
    if not last[1]:
        last = (0, death.part.died or next(iter(death.errors), ""))
    kind = _KINDS.get(phase, DOCKER) if last[1] else INFRA
    told_code = f"exit code {code}" if code is not None else "no reason given"
    return Cause(kind, last[1].strip() or f"{death.step or 'The job'}: {told_code}", Rank.VAGUE, lines=(last[0],))


def _vague(best: Cause, phase: Phase, lines: Sequence[tuple[int, str]]) -> Cause:
    """Return the last of the vague words: what is said first is often harmless."""
    same = [cause.at(number) for number, line in lines if (cause := of_line(line)) and cause.rank == best.rank]
    if not same or best.rank is not Rank.VAGUE:
        return best
    return replace(same[-1], failure_class=_KINDS.get(phase, same[-1].failure_class))


def _exit_code(death: Death) -> int | None:
    for text in (death.part.died, *reversed(death.footer)):
        if match := _CODE.search(text):
            return int(match[1])
    return death.code


def _killed(code: int, phase: Phase, lines: Sequence[tuple[int, str]]) -> Cause | None:
    kind = {Phase.PIP: PIP, Phase.APT: APT, Phase.TEST: CODE}.get(phase, CODE if code == 139 else DOCKER)
    fault = next(((number, line) for number, line in lines if line.startswith("Fatal Python error: ")), None)
    place: tuple[str, int | None] = ("", None)
    if fault is not None:
        frames = [
            (match[1], int(match[2]))
            for number, line in lines
            if number > fault[0] and (match := re.match(r'^  File "([^"]+)", line (\d+) in ', line))
        ]
        place = own_place(frames[::-1])
    told = _ENDED[code]
    return Cause(
        kind,
        told,
        Rank.EXCEPTION,
        file=place[0],
        line=place[1],
        lines=(fault[0] if fault else lines[-1][0] if lines else 0,),
    )


def _raised(lines: Sequence[tuple[int, str]], phase: Phase) -> Cause | None:
    found = chains(lines)
    failed = (
        [(number, match) for number, line in lines if (match := _UNITTEST.match(line))] if phase is Phase.TEST else []
    )
    if failed and (after := [one for one in found if one[0].first > failed[0][0]]):
        return of_unittest(failed, after)
    # Of several exceptions the last one ended the program.
    chain = found[-1] if found else [one] if (one := syntax_errors(lines)) else None
    if chain is None:
        return None
    file, line = own_place(chain[0].frames)
    if not file:
        file, line = own_place([frame for raised in reversed(chain) for frame in raised.frames])
    otherwise = {Phase.TEST: TEST, Phase.SMOKE: SMOKE, Phase.PIP: PIP}.get(phase, CODE)
    return Cause(
        class_of(chain[0].text, otherwise),
        headline_of(chain),
        Rank.EXCEPTION,
        file=file,
        line=line,
        lines=(chain[0].first, *(raised.last for raised in chain)),
    )


def _stop_key(text: str) -> str:
    return re.sub(r"'[^']*'|\bGitHub Actions \d+|\d+", "", text)
