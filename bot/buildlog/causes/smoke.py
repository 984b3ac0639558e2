"""What a smoke run or a deployment died of: what was seen from outside, and what the container says to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.buildlog.causes.cause import DOCKER, INFRA, SMOKE, Cause, Rank, of_line
from bot.buildlog.causes.tracebacks import chains, headline_of, own_place, syntax_errors

Lines = Sequence[tuple[int, str]]

_SYMPTOM = re.compile(
    r"^(The service has stopped before .*|/healthz has not answered .*|POST /execute .* instead of 200.*|"
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


def of_smoke(lines: Lines) -> Cause | None:
    """Return what a smoke run died of, or None."""
    infra = [cause.at(number) for number, line in lines if (cause := of_line(line)) and cause.failure_class is INFRA]
    symptoms = [(number, match[1]) for number, line in lines if (match := _SYMPTOM.match(line))]
    daemon = [
        one
        for one in infra
        if any(line.startswith("docker: ") or "daemon" in line for number, line in lines if number in one.lines)
    ]
    if daemon and not symptoms:
        return daemon[0]
    found = chains(lines)
    chain = found[-1] if found else [one] if (one := syntax_errors(lines)) else []
    memory = next(((number, match) for number, line in lines if (match := _MEMORY.match(line))), None)
    if not symptoms:
        symptoms = [
            (number, cause.headline) for number, line in lines if (cause := of_line(line)) and cause.rank >= Rank.DOCKER
        ][-1:]
    if not symptoms and not chain:
        return None
    # What the step says of it comes before what curl says.
    number, told = next(
        (one for one in symptoms if not one[1].startswith("curl")), symptoms[0] if symptoms else (chain[0].first, "")
    )
    told = told.replace(" with the example of service.json", "").rstrip(".:")
    shown = [number, *([memory[0]] if memory else [])]
    file, line = "", None
    detail = ""
    if chain:
        file, line = own_place(chain[0].frames)
        detail = headline_of(chain)
        shown += [chain[0].first, *(raised.last for raised in chain)]
    elif memory and (memory[1][2] == "true" or memory[1][1] == "137"):
        detail = "out of memory (the container was killed)"
    elif server := next(((at, match) for at, text in lines if (match := _SERVER.match(text))), None):
        detail = server[1][1] or server[1][2]
        shown.append(server[0])
    elif "instead of 200" in told or "curl" in told:
        body = next((text for at, text in lines if at > number and text.strip()), "")
        detail = "" if _MEMORY.match(body) else body
    elif memory and memory[1][1] != "0" and "stopped" in told:
        detail = f"exit code {memory[1][1]}"
    headline = f"{told}: {detail}" if told and detail else told or detail
    return Cause(SMOKE, headline, Rank.INSTALL, file=file, line=line, lines=tuple(shown))


def of_deployment(lines: Lines) -> Cause | None:
    """Return what a deployment died of, or None."""
    said = [
        (number, next(part for part in match.groups() if part))
        for number, line in lines
        if (match := _ROLLOUT.match(line)) and any(match.groups())
    ]
    if not said:
        return None
    found = [cause.at(number) for number, line in lines if (cause := of_line(line)) and cause.rank is Rank.NETWORK]
    number, told = next((one for one in said if "not live" in one[1] or "roll" in one[1].lower()), said[0])
    chain = (chains(lines) or [[]])[-1]
    if "not live" in told or "answers its own example" in told or "does not answer" in told or "stopped" in told:
        detail = ""
        if chain and chain[0].text not in told:
            told = re.split(r": [{<\[]", told.removesuffix(" Its log:").rstrip("."))[0]
            detail = f": {headline_of(chain)}"
        file, line = own_place(chain[0].frames) if chain else ("", None)
        shown = (number, *((chain[0].first, chain[-1].last) if chain else ()))
        kind = INFRA if "No such image" in told or "pull" in told else SMOKE
        return Cause(kind, f"{told}{detail}", Rank.INSTALL, transient=kind is INFRA, file=file, line=line, lines=shown)
    if found:
        return found[0]
    out_of_reach = "cannot be reached" in told or "no Docker engine answers" in told.lower()
    tunnel = next(((at, line) for at, line in lines if _SSH.match(line)), None)
    if tunnel is not None:
        refused = "Permission denied" in tunnel[1] or "verification failed" in tunnel[1]
        return Cause(INFRA, f"{told}: {tunnel[1]}", Rank.INSTALL, transient=not refused, lines=(number, tunnel[0]))
    return Cause(INFRA if out_of_reach else DOCKER, told, Rank.INSTALL, transient=out_of_reach, lines=(number,))
