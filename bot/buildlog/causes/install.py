"""What pip, uv and apt say when they cannot install: the cause is rarely the line they end with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.causes.tracebacks import Chain, read_chains
from bot.buildlog.lines import NumberedLines
from bot.values.failure import FailureClass, Phase

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
_REQUIREMENT = re.compile(r"-r (\S*?requirements\S*) \(line (\d+)\)|\(from line (\d+) of (\S+)\)")
_QUOTES = re.compile(r"\[\d+ lines? of output\]")
_NEEDS = re.compile(r"^ +\S+ : (?:Depends|PreDepends|Conflicts|Breaks)")
_BUILDING = re.compile(r"^ *(?:Building wheel for|ERROR: Failed building wheel for|Failed to build) ([\w.-]+)")
_COLLECTING = re.compile(r"^ *(?:Collecting|Processing) (\S+)")
_ONLY_PASSES_ON = ("subprocess.", "CalledProcessError", "SystemExit", "distutils.errors", "setuptools.errors")
_QUOTED_ERROR = re.compile(r"^ {6,}((?:[A-Z]\w*Error|SystemExit|Exception): .*)")
_REQUIREMENTS_FILE = re.compile(r"[\w./-]*requirements[\w.-]*\.txt")


def install_cause(causes: Sequence[Cause], lines: NumberedLines, phase: Phase, script: str) -> Cause | None:
    """Return why something could not be installed, or None where that was not the matter.

    Args:
        causes: what single lines name, in order.
        script: the instruction or the step's script.
    """
    if phase is Phase.TEST:
        return None
    installers = (FailureClass.PIP, FailureClass.APT)
    refusals = [
        cause for cause in causes if cause.rank in (Rank.INSTALL, Rank.OUTER) and cause.failure_class in installers
    ]
    refusal = refusals[0] if refusals else None
    if refusal is None and phase not in (Phase.PIP, Phase.APT):
        return None
    if (refusal.failure_class is FailureClass.APT) if refusal is not None else phase is Phase.APT:
        return _apt_cause(causes, lines)
    cause = _pip_cause(causes, refusal, lines, phase)
    return _with_place(cause, lines, script) if cause is not None else None


def _apt_cause(causes: Sequence[Cause], lines: NumberedLines) -> Cause | None:
    for cause in causes:
        if cause.rank is Rank.NETWORK:
            return cause
    # `apt-get update` only warns where a mirror does not answer, and packages are missing afterwards.
    for number, line in lines:
        if _FETCH.match(line) and (why := _FETCH_WHY.search(line)):
            return Cause(FailureClass.INFRA, why[0], Rank.NETWORK, transient=True, evidence=(number,))
    for cause in causes:
        if "held broken packages" in cause.headline or "unmet dep" in cause.headline.lower():
            return _with_needs(cause, lines)
    for rank in (Rank.INSTALL, Rank.OUTER):
        for cause in causes:
            if cause.rank is rank:
                return cause
    return None


def _with_needs(cause: Cause, lines: NumberedLines) -> Cause:
    """Add what the packages need that apt cannot give them."""
    needs = [(number, line.strip()) for number, line in lines if _NEEDS.match(line)]
    headline = " ".join(["Unmet dependencies:", *(line for _, line in needs[:1])])
    return replace(cause, headline=headline, evidence=(*(number for number, _ in needs), *cause.evidence))


def _pip_cause(causes: Sequence[Cause], refusal: Cause | None, lines: NumberedLines, phase: Phase) -> Cause | None:
    """Return the cause of pip's or uv's failure: a network, a package's own build, a refusal, in this order."""
    unmet = next((match for cause in causes if _is_pip(cause) and (match := _UNMET.match(cause.headline))), None)
    if unmet is not None and (lost := _lost_connection(unmet[1] or unmet[2], lines)) is not None:
        return replace(lost, evidence=(*lost.evidence, *(refusal.evidence if refusal else ())))
    network = [cause for cause in causes if cause.rank is Rank.NETWORK and cause.failure_class is FailureClass.INFRA]
    # Where pip found the index and a package is not on it, an earlier word on the network did no harm.
    harmless = unmet is not None and network and "satisfies" not in network[-1].headline
    if network and not (harmless and network[-1].evidence < (refusal.evidence if refusal else ())):
        return network[-1]
    quoted_from = next((number for number, line in lines if _QUOTES.search(line)), None)
    if quoted_from is not None and (inner := _quoted_cause(causes, lines, quoted_from)) is not None:
        return _with_package(inner, lines)
    if refusal is not None and refusal.rank is Rank.INSTALL:
        return _with_context(_best_refusal(causes, refusal), lines)
    for cause in causes:
        if cause.rank is Rank.INNER:
            return cause
    chains = read_chains(lines)
    if phase is Phase.PIP and chains:
        return _raised_cause(chains[-1])
    return refusal


def _is_pip(cause: Cause) -> bool:
    return cause.failure_class is FailureClass.PIP


def _lost_connection(package: str, lines: NumberedLines) -> Cause | None:
    """Return why the index could not be asked for a package, which pip then calls unknown, or None."""
    name = package.lower().replace("_", "-")
    for number, line in reversed(lines):
        retry = _RETRY.match(line)
        if retry and f"/{name}/" in retry[3].lower().replace("_", "-") + "/":
            return Cause(FailureClass.INFRA, _reason(retry[2]), Rank.NETWORK, transient=True, evidence=(number,))
    return None


def _best_refusal(causes: Sequence[Cause], refusal: Cause) -> Cause:
    """Return the most telling of several refusals."""
    vague = "Could not find a version"
    refusals = [cause for cause in causes if cause.rank is Rank.INSTALL and not cause.headline.startswith(vague)]
    best = refusals[0] if refusals else refusal
    if best.headline.startswith("No solution"):
        return next((cause for cause in causes if cause.headline.startswith("Because ")), best)
    return best


def _raised_cause(chain: Chain) -> Cause:
    return Cause(FailureClass.PIP, chain[0].text, Rank.INNER, evidence=(chain[0].first, chain[-1].last))


def _with_package(inner: Cause, lines: NumberedLines) -> Cause:
    """Add which package it was that could not be built."""
    name, at = "", 0
    for number, line in lines:
        match = _BUILDING.match(line)
        if match is None and number < inner.evidence[0]:
            match = _COLLECTING.match(line)
        if match:
            name, at = match[1], number
    # "Failed to build installable wheels for some pyproject.toml based projects" names no package.
    if not name or name == "installable":
        return inner
    return replace(inner, headline=f"{inner.headline} (building {name})", evidence=(*inner.evidence, at))


def _quoted_cause(causes: Sequence[Cause], lines: NumberedLines, start: int) -> Cause | None:
    """Return what a package's own build died of: the most telling of the lines that pip quotes from `start` on."""
    named = [cause for cause in causes if cause.rank is Rank.INNER and cause.evidence and cause.evidence[0] >= start]
    for cause in named:
        if not re.match(r"command '|.*exit (?:code|status)", cause.headline):
            return cause
    chains = read_chains([(number, line) for number, line in lines if number >= start])
    if chains and not chains[-1][0].text.startswith(_ONLY_PASSES_ON):
        return _raised_cause(chains[-1])
    if named:
        return named[0]
    quoted = [(number, line) for number, line in lines if number > start]
    for number, line in quoted:
        if match := _QUOTED_ERROR.match(line):
            return Cause(FailureClass.PIP, match[1], Rank.INNER, evidence=(number,))
    end = next((number for number, line in quoted if "[end of output]" in line), quoted[-1][0] + 1 if quoted else 0)
    texts = [
        (number, line.strip()) for number, line in quoted if number < end and line.startswith("      ") and line.strip()
    ]
    return Cause(FailureClass.PIP, texts[-1][1], Rank.INNER, evidence=(texts[-1][0],)) if texts else None


def _with_context(cause: Cause, lines: NumberedLines) -> Cause:
    """Add the lines after a refusal that say what it is about."""
    after = [(number, line) for number, line in lines if number > cause.evidence[0]]
    if cause.headline.startswith("THESE PACKAGES DO NOT MATCH"):
        numbers = tuple(number for number, line in lines if re.search(r"Expected sha\d+|Got  ", line))
        name = next((line.strip() for _, line in after if "from https" in line or "(from -r" in line), "")
        headline = f"The hashes of packages do not match: {name}".rstrip(": ")
        return replace(cause, headline=headline, evidence=(*cause.evidence, *numbers))
    if cause.headline.startswith("Cannot install "):
        reasons = [(number, line) for number, line in after if re.match(r"^ {4}\S.* (?:depends on|requested) ", line)]
        numbers = tuple(number for number, _ in reasons[:12])
        key = "\n".join([cause.headline, *sorted(line.strip() for _, line in reasons)])
        return replace(cause, evidence=(*cause.evidence, *numbers), key=key)
    return cause


def _with_place(cause: Cause, lines: NumberedLines, script: str) -> Cause:
    """Add the line of requirements.txt where the log names it, or else the file that the script installs from."""
    if cause.failure_class is not FailureClass.PIP:
        return cause
    place = _REQUIREMENT.search(cause.headline)
    if place is None and cause.headline.startswith("Invalid req"):
        # pip says it a few lines away.
        near = [line for number, line in lines if not cause.evidence or abs(number - cause.evidence[0]) <= 4]
        place = _REQUIREMENT.search("\n".join(near))
    if place is not None:
        file, line = (place[1], place[2]) if place[1] else (place[4], place[3])
        return replace(cause, file=file.rpartition("/")[2].rstrip(")"), line=int(line))
    name = re.match(r"No matching distribution found for ([\w.\[\]-]+.*)", cause.headline)
    for _, text in lines:
        if name and f"requirement {name[1]}" in text and (place := _REQUIREMENT.search(text)) and place[1]:
            return replace(cause, file=place[1], line=int(place[2]))
    named = _REQUIREMENTS_FILE.search(script)
    return replace(cause, file=named[0].rpartition("/")[2]) if named else cause


def _reason(text: str) -> str:
    """Return the message of the exception in pip's warning on a retry."""
    message = re.search(r"(?:\w+Error)\([\"']?(.*)", text)
    reason = (message[1] if message else text).rstrip("')\"")
    return reason.rpartition(">: ")[2] or reason
