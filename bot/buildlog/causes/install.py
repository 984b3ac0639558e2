"""What pip, uv and apt say when they cannot install: the cause is rarely the line they end with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.buildlog.causes.cause import APT, INFRA, PIP, Cause, Rank
from bot.buildlog.causes.tracebacks import chains
from bot.values.failure import Phase

Lines = Sequence[tuple[int, str]]

_RETRY = re.compile(
    r"^ *(?:WARNING: )?Retrying \(Retry\(total=(\d+).*after connection broken by [\"']?(.*?)[\"']?: (/\S+)$"
)
_UNMET = re.compile(r"No matching distribution found for ([\w.-]+)|satisfies the requirement ([\w.-]+)")
_FETCH = re.compile(
    r"^(?:Err:\d+ .*|W: (?:Failed to fetch|Some index files failed).*|  (?:Temporary failure|"
    r"Could not|Unable to connect|Connection|5\d\d ).*)"
)
_FETCH_WHY = re.compile(
    r"Temporary failure resolving.*|Could not resolve.*|Could not connect.*|Unable to connect.*|Cannot initiate.*|"
    r"Connection (?:failed|timed out|refused|reset).*|\b5\d\d  ?\w.*|Network is unreachable.*"
)
_LINE = re.compile(r"-r (\S*?requirements\S*) \(line (\d+)\)|\(from line (\d+) of (\S+)\)")
_OUTPUT = re.compile(r"\[\d+ lines? of output\]")


def of_install(found: Sequence[Cause], lines: Lines, phase: Phase, script: str) -> Cause | None:
    """Return why something could not be installed, or None where that was not the matter.

    Args:
        found: what single lines name, in order.
        script: the instruction or the step's script.
    """
    installs = [one for one in found if one.rank in (Rank.INSTALL, Rank.OUTER) and one.failure_class in (PIP, APT)]
    if phase not in (Phase.PIP, Phase.APT) and not installs:
        return None
    if phase is Phase.TEST:
        return None
    first = installs[0] if installs else None
    if (first is not None and first.failure_class is APT) or (first is None and phase is Phase.APT):
        return _of_apt(found, lines)
    cause = _of_pip(found, first, lines, phase)
    return _placed(cause, lines, script) if cause is not None else None


def _of_apt(found: Sequence[Cause], lines: Lines) -> Cause | None:
    final = [one for one in found if one.rank is Rank.NETWORK]
    if final:
        return final[0]
    # `apt-get update` only warns where a mirror does not answer, and packages are missing afterwards.
    for number, line in lines:
        if _FETCH.match(line) and (why := _FETCH_WHY.search(line)):
            return Cause(INFRA, why[0], Rank.NETWORK, transient=True, lines=(number,))
    broken = next(
        (one for one in found if "held broken packages" in one.headline or "unmet dep" in one.headline.lower()), None
    )
    if broken is not None:
        needs = [
            (number, line)
            for number, line in lines
            if re.match(r"^ +\S+ : (?:Depends|PreDepends|Conflicts|Breaks)", line)
        ]
        told = [line.strip() for _, line in needs[:1]]
        return replace(
            broken,
            headline=" ".join(["Unmet dependencies:", *told]),
            lines=(*(number for number, _ in needs), *broken.lines),
        )
    return _first(found, (Rank.INSTALL, Rank.OUTER))


def _of_pip(found: Sequence[Cause], first: Cause | None, lines: Lines, phase: Phase) -> Cause | None:
    unmet = next((match for one in found if (match := _UNMET.match(one.headline)) and one.failure_class is PIP), None)
    if unmet is not None:
        name = (unmet[1] or unmet[2] or "").lower().replace("_", "-")
        for number, line in reversed(lines):
            tried = _RETRY.match(line)
            if tried and f"/{name}/" in tried[3].lower().replace("_", "-") + "/":
                return Cause(
                    INFRA,
                    _reason(tried[2]),
                    Rank.NETWORK,
                    transient=True,
                    lines=(number, *(first.lines if first else ())),
                )
    network = [one for one in found if one.rank is Rank.NETWORK and one.failure_class is INFRA]
    outputs = [number for number, line in lines if _OUTPUT.search(line)]
    inner = _inner(found, lines, outputs[0]) if outputs else None
    if network and not (
        unmet and "satisfies" not in network[-1].headline and network[-1].lines < (first.lines if first else ())
    ):
        return network[-1]
    if inner is not None:
        return _built(inner, lines)
    if first is not None and first.rank is Rank.INSTALL:
        best = next(
            (
                one
                for one in found
                if one.rank is Rank.INSTALL and not one.headline.startswith("Could not find a version")
            ),
            first,
        )
        if best.headline.startswith("No solution"):
            best = next((one for one in found if one.headline.startswith("Because ")), best)
        return _told(best, lines)
    specific = [one for one in found if one.rank is Rank.INNER]
    if specific:
        return specific[0]
    raised = chains(lines)
    if phase is Phase.PIP and raised:
        last = raised[-1]
        return Cause(PIP, last[0].text, Rank.INNER, lines=(last[0].first, last[-1].last))
    return first if first is not None else None


def _built(inner: Cause, lines: Lines) -> Cause:
    """Add which package it was."""
    name, at = "", 0
    for number, line in lines:
        if (
            match := re.match(
                r"^ *(?:Building wheel for|ERROR: Failed building wheel for|Failed to build) ([\w.-]+)", line
            )
        ) or (number < inner.lines[0] and (match := re.match(r"^ *(?:Collecting|Processing) (\S+)", line))):
            name, at = match[1], number
    if not name or name == "installable":
        return inner
    return replace(inner, headline=f"{inner.headline} (building {name})", lines=(*inner.lines, at))


def _inner(found: Sequence[Cause], lines: Lines, start: int) -> Cause | None:
    """Return what a package's own build died of: the most telling of the lines pip quotes."""
    named = [one for one in found if one.rank is Rank.INNER and one.lines and one.lines[0] >= start]
    telling = [one for one in named if not re.match(r"command '|.*exit (?:code|status)", one.headline)]
    raised = chains([(number, line) for number, line in lines if number >= start])
    if telling:
        return telling[0]
    if raised:
        last = raised[-1]
        if not last[0].text.startswith(
            ("subprocess.", "CalledProcessError", "SystemExit", "distutils.errors", "setuptools.errors")
        ):
            return Cause(PIP, last[0].text, Rank.INNER, lines=(last[0].first, last[-1].last))
    if named:
        return named[0]
    for number, line in lines:
        if number > start and (match := re.match(r"^ {6,}((?:[A-Z]\w*Error|SystemExit|Exception): .*)", line)):
            return Cause(PIP, match[1], Rank.INNER, lines=(number,))
    said = [
        (number, line.strip())
        for number, line in lines
        if number > start and line.startswith("      ") and line.strip()
    ]
    end = next((number for number, line in lines if number > start and "[end of output]" in line), 0)
    said = [(number, text) for number, text in said if not end or number < end]
    return Cause(PIP, said[-1][1], Rank.INNER, lines=(said[-1][0],)) if said else None


def _told(cause: Cause, lines: Lines) -> Cause:
    """Add the lines around a refusal that say what it is about."""
    if cause.headline.startswith("THESE PACKAGES DO NOT MATCH"):
        numbers = tuple(number for number, line in lines if re.search(r"Expected sha\d+|Got  ", line))
        name = next(
            (
                line.strip()
                for number, line in lines
                if (number > cause.lines[0] and "from https" in line)
                or ("(from -r" in line and number > cause.lines[0])
            ),
            "",
        )
        return replace(
            cause, headline=f"The hashes of packages do not match: {name}".rstrip(": "), lines=(*cause.lines, *numbers)
        )
    if cause.headline.startswith("Cannot install "):
        numbers = tuple(
            number
            for number, line in lines
            if number > cause.lines[0] and re.match(r"^ {4}\S.* (?:depends on|requested) ", line)
        )
        told = "\n".join(sorted(line.strip() for number, line in lines if number in numbers))
        return replace(cause, lines=(*cause.lines, *numbers[:12]), key=f"{cause.headline}\n{told}")
    return cause


def _placed(cause: Cause, lines: Lines, script: str) -> Cause:
    """Add the line of requirements.txt where the log names it."""
    if cause.failure_class is not PIP:
        return cause
    text = "\n".join(line for number, line in lines if not cause.lines or abs(number - cause.lines[0]) <= 4)
    if (match := _LINE.search(cause.headline)) or (
        match := _LINE.search(text) if cause.headline.startswith("Invalid req") else None
    ):
        file, line = (match[1], match[2]) if match[1] else (match[4], match[3])
        return replace(cause, file=file.rpartition("/")[2].rstrip(")"), line=int(line))
    name = re.match(r"No matching distribution found for ([\w.\[\]-]+.*)", cause.headline)
    for _, line in lines:
        if name and f"requirement {name[1]}" in line and (match := _LINE.search(line)) and match[1]:
            return replace(cause, file=match[1], line=int(match[2]))
    named = re.search(r"[\w./-]*requirements[\w.-]*\.txt", script)
    return replace(cause, file=named[0].rpartition("/")[2]) if named else cause


def _reason(text: str) -> str:
    """Return the reason in a warning on a retry: the message of the exception pip shows."""
    told = re.search(r"(?:\w+Error)\([\"']?(.*)", text)
    reason = (told[1] if told else text).rstrip("')\"")
    return reason.rpartition(">: ")[2] or reason


def _first(found: Sequence[Cause], ranks: Sequence[Rank]) -> Cause | None:
    for rank in ranks:
        for one in found:
            if one.rank is rank:
                return one
    return None
