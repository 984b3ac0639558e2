"""What a smoke run or a deployment died of: what was seen from outside, and what the container's log says to it."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.causes.rules import named_causes
from bot.buildlog.causes.tracebacks import Chain, chain_evidence, chain_headline, find_place, last_chain, read_chains
from bot.buildlog.lines import NumberedLine, NumberedLines
from bot.values.failure import FailureClass

_SYMPTOM = re.compile(
    r"^(The service has stopped before .*|/healthz has not answered .*|POST /execute .* instead of .*|"
    r"POST /execute .* (?:was not answered|did not answer)\b.*|"
    r"curl: \(\d+\) .*|.*(?:health ?check|healthz).*(?:failed|timed out|unhealthy).*|.*container .* is unhealthy.*|"
    r".*(?:smoke|Smoke) (?:test|run) (?:failed|timed out).*)"
)
_MEMORY = re.compile(r"^Exit code (\d+), out of memory: (true|false)")
_SERVER = re.compile(
    r"^ERROR: +(\[Errno \d+\] .*|Error loading ASGI app.*|Application startup failed.*)|"
    r"^(?:ERROR:\s+)?(.*address already in use.*)"
)
_SSH = re.compile(r"^(?:ssh: |Host key verification failed|.*: Permission denied \(publickey)")
_ROLLOUT = re.compile(
    r"^(?:Error: |gptdeploy: )(.*)|^##\[error\](.*)|^(This runner has no command .*|There is no (?:image|platform).*|"
    r".*rolled? back.*|.*rollback.*)"
)
_QUOTED = re.compile(r": [{<\[]")
_NOT_LIVE = ("not live", "answers its own example", "of the scenario", "does not answer", "stopped")


class _Detail(NamedTuple):
    """What a container's log says to a symptom, and the numbers of the lines that say it."""

    text: str
    evidence: tuple[int, ...] = ()


def smoke_cause(lines: NumberedLines) -> Cause | None:
    """Return what a smoke run died of, or None where that is not known."""
    causes = named_causes(lines)
    symptoms = [(number, match[1]) for number, line in lines if (match := _SYMPTOM.match(line))]
    if not symptoms:
        if (cause := _daemon_cause(causes, lines)) is not None:
            return cause
        symptoms = [(cause.evidence[0], cause.headline) for cause in causes if cause.rank >= Rank.DOCKER][-1:]
    chain = last_chain(lines)
    if not symptoms and not chain:
        return None
    number, symptom = _first_symptom(symptoms) if symptoms else (chain[0].first, "")
    symptom = symptom.replace(" with the example of service.json", "").rstrip(".:")
    memory = next(((number, match) for number, line in lines if (match := _MEMORY.match(line))), None)
    if chain:
        detail = _Detail(chain_headline(chain), chain_evidence(chain))
    else:
        detail = _detail(lines, (number, symptom), memory[1] if memory else None)
    file, line = find_place(chain[0].frames) if chain else ("", None)
    return Cause(
        FailureClass.SMOKE,
        ": ".join(text for text in (symptom, detail.text) if text),
        Rank.INSTALL,
        file=file,
        line=line,
        evidence=(number, *((memory[0],) if memory else ()), *detail.evidence),
    )


def _daemon_cause(causes: list[Cause], lines: NumberedLines) -> Cause | None:
    """Return what the Docker engine says of a machine or a network, if that is why nothing could be tried."""
    from_daemon = {number for number, line in lines if line.startswith("docker: ") or "daemon" in line}
    return next(
        (
            cause
            for cause in causes
            if cause.failure_class is FailureClass.INFRA and from_daemon.intersection(cause.evidence)
        ),
        None,
    )


def _first_symptom(symptoms: list[NumberedLine]) -> NumberedLine:
    """Return what the step itself says first; what curl says only where there is nothing else."""
    return next((symptom for symptom in symptoms if not symptom[1].startswith("curl")), symptoms[0])


def _detail(lines: NumberedLines, symptom: NumberedLine, memory: re.Match[str] | None) -> _Detail:
    """Return what the log of a container says that shows no exception."""
    exit_code, out_of_memory = memory.groups() if memory else ("0", "false")
    if out_of_memory == "true" or exit_code == "137":
        return _Detail("out of memory (the container was killed)")
    for number, line in lines:
        if match := _SERVER.match(line):
            return _Detail(match[1] or match[2], (number,))
    seen_at, text = symptom
    if "POST /execute" in text or "curl" in text:
        body = next((line for number, line in lines if number > seen_at and line.strip()), "")
        return _Detail("" if _MEMORY.match(body) or body.rstrip(".:") == text else body)
    return _Detail(f"exit code {exit_code}" if exit_code != "0" and "stopped" in text else "")


def deployment_cause(lines: NumberedLines) -> Cause | None:
    """Return what a deployment died of, or None where that is not known."""
    reports = [
        (number, next(group for group in match.groups() if group))
        for number, line in lines
        if (match := _ROLLOUT.match(line)) and any(match.groups())
    ]
    if not reports:
        return None
    number, text = next(
        (report for report in reports if "not live" in report[1] or "roll" in report[1].lower()), reports[0]
    )
    if any(words in text for words in _NOT_LIVE):
        return _not_live_cause(number, text, (read_chains(lines) or [[]])[-1])
    network = next((cause for cause in named_causes(lines) if cause.rank is Rank.NETWORK), None)
    if network is not None:
        return network
    tunnel = next(((number, line) for number, line in lines if _SSH.match(line)), None)
    if tunnel is not None:
        refused = "Permission denied" in tunnel[1] or "verification failed" in tunnel[1]
        headline, evidence = f"{text}: {tunnel[1]}", (number, tunnel[0])
        return Cause(FailureClass.INFRA, headline, Rank.INSTALL, transient=not refused, evidence=evidence)
    out_of_reach = "cannot be reached" in text or "no Docker engine answers" in text.lower()
    failure_class = FailureClass.INFRA if out_of_reach else FailureClass.DOCKER
    return Cause(failure_class, text, Rank.INSTALL, transient=out_of_reach, evidence=(number,))


def _not_live_cause(number: int, text: str, chain: Chain) -> Cause:
    """Return why a service does not run that was rolled out: what the deployer says, and the last exception."""
    exception = ""
    if chain and chain[0].text not in text:
        # The exception replaces what the deployer quotes of the service's answer or log.
        text = _QUOTED.split(text.removesuffix(" Its log:").rstrip("."))[0]
        exception = f": {chain_headline(chain)}"
    file, line = find_place(chain[0].frames) if chain else ("", None)
    no_image = "No such image" in text or "pull" in text
    return Cause(
        FailureClass.INFRA if no_image else FailureClass.SMOKE,
        f"{text}{exception}",
        Rank.INSTALL,
        transient=no_image,
        file=file,
        line=line,
        evidence=(number, *((chain[0].first, chain[-1].last) if chain else ())),
    )
