"""The description of a pull request: written once, then brought up to date where it tells of the service, of its builds
and of what made it. What people write into the rest of it stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.foreign import Markdown
from bot.generate import prompts_version
from bot.render import COMMENT_LIMIT, curl, hidden, markdown
from bot.runs.candidate import Candidate
from bot.runs.history import past
from bot.values.packages import Material
from bot.values.progress import Progress
from bot.values.service import Service, Spec

_CHECKED, _BY_HAND = hidden("checked"), hidden("by hand")
"""What stands before the requirements that the build checks, and after them."""
_SERVICE, _BUILDS, _MADE, _END = hidden("service"), hidden("builds"), hidden("made"), hidden("end")
"""What stands before the parts that are brought up to date, and after each."""
_LOCAL = "127.0.0.1:9080"
"""Where a reviewer runs a service: an address that neither the bot nor a platform listens on."""
_BUILDS_KEPT = 60
"""How many builds are told of, so that the text fits into a description."""


@dataclass(frozen=True)
class Shown:
    """What a description tells of.

    Attributes:
        branch: of the pull request.
        service: as it is at the head.
        index: position of the strategy in the progress.
    """

    spec: Spec
    branch: str
    service: Service
    progress: Progress
    index: int


def shown(candidate: Candidate, progress: Progress) -> Shown:
    """Return what the description of a candidate's pull request tells of."""
    return Shown(candidate.brief.spec, candidate.pull.head_ref, candidate.service, progress, candidate.index)


def parts(told: Shown, materials: Sequence[Material], body: str = "") -> dict[str, Markdown]:
    """Return the parts that follow the run, by the names that the templates have for them.

    Args:
        materials: the packages that the service names.
        body: the description as it is; what earlier runs have done stays in it.
    """
    language = told.spec.language
    began = _line("pull/run.md.j2", language, run=past(told.progress))
    builds = [_line("build.md.j2", language, build=build) for build in told.progress.strategies[told.index].builds]
    made = [line for line in _lines(body, _MADE) if not line.startswith(began)]
    own = _line("pull/made_line.md.j2", language, began=began, told=told, prompts=prompts_version())
    if not told.progress.usage.calls:
        own = next((line for line in _lines(body, _MADE) if line.startswith(began)), Markdown())
    return {
        "service": _part(_SERVICE, "service", language, told=told, materials=materials, curl=_call(told), local=_LOCAL),
        "builds": _part(_BUILDS, "builds", language, lines=_once([*_lines(body, _BUILDS), *builds])[-_BUILDS_KEPT:]),
        "made": _part(_MADE, "made", language, lines=[*made, own] if own else made),
    }


def brought_up(body: str, told: Shown, materials: Sequence[Material]) -> Markdown:
    """Return a description whose parts follow the run as it is now; a part that was taken away stays away.

    One that GitHub would not take, because it is too long, stays as it is.
    """
    new = str(body)
    for part in parts(told, materials, body).values():
        begin = str(part).partition("\n")[0]
        before, found, rest = new.partition(begin)
        _, end, after = rest.partition(_END)
        if found and end:
            new = f"{before}{part}{after}"
    return Markdown(new if len(new) <= COMMENT_LIMIT else body)


def ticked(body: str, sha: str, language: str = "") -> Markdown:
    """Return a description with everything ticked that the build of commit `sha` has checked."""
    before, begin, rest = str(body).partition(_CHECKED)
    checked, end, after = rest.partition(_BY_HAND)
    if not end:
        return Markdown(body)
    built = markdown("built.md.j2", sha=sha, language=language)
    checked = re.sub(r"<sub>.*?</sub>", lambda _: built, checked, count=1)
    checked = re.sub(r"^- \[ \] ", "- [x] ", checked, flags=re.MULTILINE)
    return Markdown(f"{before}{begin}{checked}{end}{after}")


def _once(builds: Sequence[Markdown]) -> list[Markdown]:
    """Return the lines of builds, each build once: a run that looks at what is built already takes other seconds."""
    lines: dict[str, Markdown] = {}
    for line in builds:
        lines.setdefault(str(line).rpartition(",")[0], line)
    return list(lines.values())


def _part(begin: str, name: str, language: str, **values: Any) -> Markdown:
    return Markdown(f"{begin}\n{markdown(f'pull/{name}.md.j2', language, **values).strip()}\n{_END}")


def _line(template: str, language: str, **values: Any) -> Markdown:
    return markdown(template, language, **values).strip()


def _lines(body: str, begin: str) -> list[Markdown]:
    """Return the lines of a list in one of the parts of a description, as they are on GitHub."""
    part = str(body).replace("\r\n", "\n").partition(begin)[2].partition(_END)[0]
    return [Markdown(line) for line in part.splitlines() if line.startswith("- ")]


def _call(told: Shown) -> str:
    """Return the command that sends the example; a long one is read from where it is."""
    command = curl(f"http://{_LOCAL}/execute", told.service.example, otherwise="@-")
    if not command.endswith("@-"):
        return command
    example = (
        f"""import json; print(json.dumps(json.load(open("services/{told.spec.slug}/service.json"))["example"]))"""
    )
    return f"python3 -c '{example}' | {command}"
