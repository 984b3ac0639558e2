"""Which lines of a build's output name a cause: patterns, each with the kind of cause and how much it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.lines import NumberedLine
from bot.values.failure import FailureClass

# What networks, mirrors and registries say when they do not answer as they should.
_NET = (
    r"(?:Temporary failure|Could not resolve|Couldn't resolve|Name or service not known|"
    r"Could not connect|Cannot initiate|"
    r"Connection (?:failed|timed out|refused|reset|aborted)|[Rr]ead timed out|timed out|Unable to connect|"
    r"Network is unreachable|No route to host|Max retries exceeded|IncompleteRead|Connection broken|RemoteDisconnected|"
    r"handshake|SSLError|SSLEOFError|EOF occurred|unexpected EOF|\b5\d\d  ?[A-Z]|Undetermined Error|Bad header|"
    r"server misbehaving|no such host|i/o timeout|connection re(?:set|fused)|dns error|operation timed out|"
    r"error sending request|[Nn]ewConnectionError|NameResolutionError|ReadTimeoutError|"
    r"ConnectTimeoutError|ProtocolError|"
    r"ConnectionError|IncompleteMessage|returned error: (?:5\d\d|429)|[Tt]oo [Mm]any [Rr]equests)"
)
_PREFIX = r"^(?:ERROR: |Error: |error: |\[stderr\] )?"
_DOCKER = (
    r"^(?:(?:ERROR|Error|error|docker): |Error response from daemon: |failed to |Get \"?http|#|received |"
    r"unexpected status|pulling from host)"
)


class _Rule(NamedTuple):
    rank: Rank
    failure_class: FailureClass
    transient: bool
    pattern: re.Pattern[str]


def _rules(rank: Rank, failure_class: FailureClass, *patterns: str, transient: bool = False) -> Iterator[_Rule]:
    return (_Rule(rank, failure_class, transient, re.compile(pattern)) for pattern in patterns)


# Of several patterns that match a line the first one counts; its first group that matches is the headline.
_RULES = (
    # The runner
    *_rules(
        Rank.STOPPED,
        FailureClass.INFRA,
        r"^(?:Error: )?(The (?:self-)?hosted runner.* lost communication .*|The runner has received a shutdown .*)",
        transient=True,
    ),
    # Networks, mirrors and registries
    *_rules(
        Rank.NETWORK,
        FailureClass.INFRA,
        r"^(blob upload (?:unknown|invalid).*|received unexpected HTTP status: 5\d\d.*|unknown blob$)",
        rf"^E: (Failed to fetch .*{_NET}.*)",
        r"^(?:E: |\S+: )?((?:Temporary failure resolving|Could not resolve host) .*)",
        transient=True,
    ),
    *_rules(
        Rank.NETWORK,
        FailureClass.APT,
        r"^E: (Failed to fetch .*(?:Hash Sum mismatch|unexpected size|Mirror sync).*)",
        r"^E: (Failed to fetch .* 404 .*)",
        r"^E: ((?:Could not get lock|Unable to acquire the dpkg|Unable to lock) .*)",
        r"^E: (Release file for .* is not valid yet.*)",
        transient=True,
    ),
    *_rules(
        Rank.NETWORK,
        FailureClass.APT,
        r"^E: (Failed to fetch .*)",
    ),
    *_rules(
        Rank.NETWORK,
        FailureClass.INFRA,
        r"^.*?((?:\[Errno 28\] )?[Nn]o space left on device.*)",
        r"^(?:ERROR|error): (HTTP error (?:5\d\d|429) .*)",
        rf"{_PREFIX}(Could not install packages due to an OSError: .*{_NET}.*)",
        r"^ *(?:pip\._vendor\.)?(?:urllib3|requests)\.exceptions\.((?:ReadTimeout|ConnectTimeout|Protocol|MaxRetry|SSL|"
        r"NewConnection|IncompleteRead|Connection|ChunkedEncoding|Proxy|NameResolution)\w*: .*)",
        rf"^(?:error|  ?[×╰├]?[─>▶ ]*(?:Caused by|cause)): (.*(?:fetch|request|dns|connect).*{_NET}.*)",
        rf"^ *(fatal: unable to access .*{_NET}.*)",
        r"^(curl: \((?:5|6|7|16|18|28|35|52|55|56|92)\) (?!.*(?:localhost|127\.0\.0\.1)).*)",
        r"^(curl: \(22\) .*(?:error: |HTTP )?(?:5\d\d|429)\b.*)",
        r"^(wget: unable to resolve .*|.*failed: (?:Temporary failure|Connection (?:timed|refused)).*)",
        r".*?(toomanyrequests: .*|You have reached your (?:unauthenticated )?pull rate limit.*)",
        rf"{_DOCKER}.*?((?:429 Too Many Requests|received unexpected HTTP status: 5\d\d|TLS handshake).*)",
        r".*?((?:Cannot|Could not) connect to the Docker daemon.*|error during connect: .*)",
        rf"{_DOCKER}.*?((?:dial tcp|lookup) .*|(?:[Gg]et|[Hh]ead|[Pp]ut|[Pp]ost|"
        rf"[Pp]atch) \"?https?://.*{_NET}.*|i/o timeout.*|"
        r"net/http: .*|unexpected status(?: code)?.*?:? 5\d\d.*|(?:connection|stream) (?:reset|error).*|"
        r"connection refused.*|"
        r"unexpected EOF.*|5\d\d (?:Internal|Bad|Service|Gateway).*|context deadline exceeded.*|"
        r"blob upload (?:unknown|invalid).*|"
        r"rpc error: code = (?:Unavailable|Canceled|DeadlineExceeded).*|failed to create endpoint .*|unknown blob.*|"
        r"server misbehaving.*|received unexpected HTTP status.*|transport is closing.*)",
        rf"{_DOCKER}.*?((?:tls: |x509: ).*)",
        r"^.*?(port is already allocated|Ports are not available).*",
        transient=True,
    ),
    # What a package's build died of
    *_rules(
        Rank.INNER,
        FailureClass.PIP,
        r".*?(fatal error: \S+: No such file or directory)",
        r".*?(fatal error: Killed signal terminated program \S+)",
        r"^ *(?:error: )?(command '\S+' failed: (?!.*exit code).*|unable to execute '\S+': .*)",
        r"^ *(?:error: )?(can't find Rust compiler.*|linker `?\S+ not found)",
        r"^ *(?:ERROR: |error: )?((?:Rust not found|Cargo, the Rust package manager, is not installed).*)",
        r"^ *(?:\w*Error: |ERROR: |error: )*(CMake (?:must be|is not) installed.*|"
        r"cmake: (?:command )?not found)",
        r"^ *(.*Unknown compiler\(s\): .*|.*No CMAKE_CXX?_COMPILER could be found.*|"
        r"No CMAKE_\w+ could be found.*)",
        r"^ *(?:CMake Error.*: )(?! *$)(.*)",
        r"^ *(Could NOT find \w+.*|Could not find a package configuration file .*)",
        r"^ *(?:\w*Error: |ERROR: )?(.*(?:pg_config executable not found|mysql_config not found|"
        r"pkg-config.* not found).*)",
        r"^ *(Package '?\S+'?(?:, required by .*,)? (?:was )?not found.*|No package '\S+' found)",
        r"^ *(?:\S*meson\.build:\d+:\d+: )?(?:ERROR|Error): ((?:Dependency|Dependency lookup for|Program|"
        r"Compiler|Could not) .*)",
        r"^ *(?:/usr/bin/ld: )(cannot find -l\S+.*)",
        r"^ *(?:error|Error) in \S+ setup command: (.*)",
        r"^ *(.* is deprecated, use '.*' *rather than '.*' for pip commands.*|"
        r"The '\S+' PyPI package is deprecated.*)",
        r"^ *(?:\S+:\d+:\d+: error: )(.*)",
        r"^ *(?:error(?:\[E\d+\])?: )((?!subprocess|metadata|command|failed-wheel|legacy|invalid-|"
        r"externally|resolution|installation|uninstall)\S.*)",
    ),
    # Installing
    *_rules(
        Rank.INSTALL,
        FailureClass.APT,
        r"^E: ((?:Unable to locate|Couldn't find any) package .*|Unable to find a source package .*)",
        r"^E: (Package '.*' has no installation candidate|Version '.*' for '.*' was not found)",
        r"^E: (The repository '.*' .*|Unable to correct problems.*|Unmet dependencies.*|"
        r"Unsupported file .*)",
        r"^(dpkg: (?:error|dependency problems).*)",
        r"^E: (?!Sub-process)(.*)",
    ),
    *_rules(
        Rank.INSTALL,
        FailureClass.PIP,
        r"^ERROR: (No matching distribution found for .*)",
        r"^ERROR: (Cannot install .*|Invalid requirement.*|Could not find a version that satisfies .*)",
        r"^ERROR: (THESE PACKAGES DO NOT MATCH THE HASHES|Hashes are required|In --require-hashes mode)",
        r"^ERROR: (.* requires a different Python.*|.* is not a supported wheel on this platform.*)",
        r"^ *(?:╰─▶|cause:) (Because .*)",
        r"^ *(?:× |error: )(No solution found when resolving dependencies.*)",
        r"^ERROR: ((?:Could not open requirements file|Could not install packages|HTTP error 4|"
        r"Could not detect|Cannot find command|.* has inconsistent ).*)",
        r"^(error: externally-managed-environment.*|ERROR: Directory .* is not installable.*)",
    ),
    *_rules(
        Rank.OUTER,
        FailureClass.PIP,
        r"^ *(?:ERROR: )?(Failed building wheel for .*|Failed to build .*|Could not build wheels for .*)",
        r"^ *(?:error: )?(subprocess-exited-with-error|metadata-generation-failed|"
        r"failed-wheel-build-for-install)",
    ),
    *_rules(
        Rank.OUTER,
        FailureClass.APT,
        r"^E: (Sub-process .*)",
    ),
    # The Dockerfile and the builder
    *_rules(
        Rank.DOCKER,
        FailureClass.DOCKER,
        r".*?((?:COPY|ADD) failed: .*|dockerfile parse error.*|unknown instruction: .*)",
        r".*?(pull access denied for .*|manifest for .* not found.*|manifest unknown.*|"
        r"no match for platform .*)",
        r".*?((?:exec )?\S*: exec format error|exec format error)",
        r".*?(failed to (?:compute cache key|calculate checksum).*)",
        r"^(?!E: ).*?((?:unauthorized|denied|insufficient_scope)(?:: .*|$)|authentication required.*|"
        r"no basic auth credentials.*)",
        r"^(?:ERROR: |error: )?failed to (?:solve|build): (?!(?:executor failed|process )\S*)(.*)",
        r"^(?:ERROR: |Error: )?Error response from daemon: (.*)",
        r"^(invalid reference format.*|unable to prepare context: .*|failed to read dockerfile: .*)",
    ),
    # Shells
    *_rules(
        Rank.SHELL,
        FailureClass.PIP,
        r"^\S*python[\d.]*: (No module named \S+)",
    ),
    *_rules(
        Rank.SHELL,
        FailureClass.DOCKER,
        r"^(?:/bin/|/usr/bin/)?(?:ba|da|a)?sh: (?:line )?(?:\d+: )?(\S+: (?:command )?not found|"
        r"\S+: Permission denied)",
        r".*?(exec: \".*\": .*(?:not found|no such file|permission denied).*)",
    ),
    *_rules(
        Rank.VAGUE,
        FailureClass.DOCKER,
        r"^(?:ERROR|Error|error|fatal|FATAL|gptdeploy)(?:: | \S+: )(?!failed to solve: process|"
        r"process \"|executor failed)(.*)",
    ),
)
_SOLVE = re.compile(
    r"^(?:ERROR: |error: )?(?:failed to (?:build|solve)(?: with frontend dockerfile\.v0)?: |"
    r"rpc error: code = Unknown desc = |failed to create LLB definition: )+"
)
_EXITED = re.compile(r"^(?:process \"|executor failed running|The command '.*' returned a non-zero code)")
_HARMLESS = re.compile(
    r"^(?:WARNING: |W: |DEPRECATED|debconf: |npm warn|\[notice\]|ERROR: pip's dependency resolver does not currently)|"
    r"DeprecationWarning|FutureWarning|UserWarning"
)


def named_cause(line: str) -> Cause | None:
    """Return the cause that a line of output names, or None."""
    if _HARMLESS.search(line) or _EXITED.match(_SOLVE.sub("", line)):
        return None
    for rule in _RULES:
        if match := rule.pattern.match(line):
            headline = next((group for group in match.groups() if group), match[0])
            return Cause(rule.failure_class, _SOLVE.sub("", headline.strip()), rule.rank, rule.transient)
    return None


def named_causes(lines: Iterable[NumberedLine]) -> list[Cause]:
    """Return the causes that single lines name, in their order, each with its line as evidence."""
    return [cause.at(number) for number, line in lines if (cause := named_cause(line))]
