"""The table of patterns by which lines of a build's output name a cause: rank, class, transient, pattern.

A pattern's first group that matches is the headline. Of several patterns that match a line the first one counts.
"""

from __future__ import annotations

from enum import IntEnum

from bot.values.failure import FailureClass

PIP, APT, CODE, TEST = FailureClass.PIP, FailureClass.APT, FailureClass.CODE, FailureClass.TEST
DOCKER, SMOKE, INFRA = FailureClass.DOCKER, FailureClass.SMOKE, FailureClass.INFRA


class Rank(IntEnum):
    """How much a cause says: of several in one part of a log the lowest is taken."""

    STOPPED = 0
    NETWORK = 1
    INNER = 2
    INSTALL = 3
    DOCKER = 4
    SHELL = 5
    EXCEPTION = 6
    OUTER = 7
    VAGUE = 8


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
_SAID = r"^(?:ERROR: |Error: |error: |\[stderr\] )?"
_DOCKER = (
    r"^(?:(?:ERROR|Error|error|docker): |Error response from daemon: |failed to |Get \"?http|#|received |"
    r"unexpected status|pulling from host)"
)

TABLE: tuple[tuple[Rank, FailureClass, bool, str], ...] = (
    # The runner
    (
        Rank.STOPPED,
        INFRA,
        True,
        r"^(?:Error: )?(The (?:self-)?hosted runner.* lost communication .*|The runner has received a shutdown .*)",
    ),
    # Networks, mirrors and registries
    (
        Rank.NETWORK,
        INFRA,
        True,
        r"^(blob upload (?:unknown|invalid).*|received unexpected HTTP status: 5\d\d.*|unknown blob$)",
    ),
    (Rank.NETWORK, INFRA, True, rf"^E: (Failed to fetch .*{_NET}.*)"),
    (Rank.NETWORK, INFRA, True, r"^(?:E: |\S+: )?((?:Temporary failure resolving|Could not resolve host) .*)"),
    (Rank.NETWORK, APT, True, r"^E: (Failed to fetch .*(?:Hash Sum mismatch|unexpected size|Mirror sync).*)"),
    (Rank.NETWORK, APT, True, r"^E: (Failed to fetch .* 404 .*)"),
    (Rank.NETWORK, APT, True, r"^E: ((?:Could not get lock|Unable to acquire the dpkg|Unable to lock) .*)"),
    (Rank.NETWORK, APT, True, r"^E: (Release file for .* is not valid yet.*)"),
    (Rank.NETWORK, APT, False, r"^E: (Failed to fetch .*)"),
    (Rank.NETWORK, INFRA, True, r"^.*?((?:\[Errno 28\] )?[Nn]o space left on device.*)"),
    (Rank.NETWORK, INFRA, True, r"^(?:ERROR|error): (HTTP error (?:5\d\d|429) .*)"),
    (Rank.NETWORK, INFRA, True, rf"{_SAID}(Could not install packages due to an OSError: .*{_NET}.*)"),
    (
        Rank.NETWORK,
        INFRA,
        True,
        r"^ *(?:pip\._vendor\.)?(?:urllib3|requests)\.exceptions\.((?:ReadTimeout|ConnectTimeout|Protocol|MaxRetry|SSL|"
        r"NewConnection|IncompleteRead|Connection|ChunkedEncoding|Proxy|NameResolution)\w*: .*)",
    ),
    (
        Rank.NETWORK,
        INFRA,
        True,
        rf"^(?:error|  ?[×╰├]?[─>▶ ]*(?:Caused by|cause)): (.*(?:fetch|request|dns|connect).*{_NET}.*)",
    ),
    (Rank.NETWORK, INFRA, True, rf"^ *(fatal: unable to access .*{_NET}.*)"),
    (Rank.NETWORK, INFRA, True, r"^(curl: \((?:5|6|7|16|18|28|35|52|55|56|92)\) (?!.*(?:localhost|127\.0\.0\.1)).*)"),
    (Rank.NETWORK, INFRA, True, r"^(curl: \(22\) .*(?:error: |HTTP )?(?:5\d\d|429)\b.*)"),
    (
        Rank.NETWORK,
        INFRA,
        True,
        r"^(wget: unable to resolve .*|.*failed: (?:Temporary failure|Connection (?:timed|refused)).*)",
    ),
    (
        Rank.NETWORK,
        INFRA,
        True,
        r".*?(toomanyrequests: .*|You have reached your (?:unauthenticated )?pull rate limit.*)",
    ),
    (
        Rank.NETWORK,
        INFRA,
        True,
        rf"{_DOCKER}.*?((?:429 Too Many Requests|received unexpected HTTP status: 5\d\d|TLS handshake).*)",
    ),
    (Rank.NETWORK, INFRA, True, r".*?((?:Cannot|Could not) connect to the Docker daemon.*|error during connect: .*)"),
    (
        Rank.NETWORK,
        INFRA,
        True,
        rf"{_DOCKER}.*?((?:dial tcp|lookup) .*|(?:[Gg]et|[Hh]ead|[Pp]ut|[Pp]ost|"
        rf"[Pp]atch) \"?https?://.*{_NET}.*|i/o timeout.*|"
        r"net/http: .*|unexpected status(?: code)?.*?:? 5\d\d.*|(?:connection|stream) (?:reset|error).*|"
        r"connection refused.*|"
        r"unexpected EOF.*|5\d\d (?:Internal|Bad|Service|Gateway).*|context deadline exceeded.*|"
        r"blob upload (?:unknown|invalid).*|"
        r"rpc error: code = (?:Unavailable|Canceled|DeadlineExceeded).*|failed to create endpoint .*|unknown blob.*|"
        r"server misbehaving.*|received unexpected HTTP status.*|transport is closing.*)",
    ),
    (Rank.NETWORK, INFRA, True, rf"{_DOCKER}.*?((?:tls: |x509: ).*)"),
    (Rank.NETWORK, INFRA, True, r"^.*?(port is already allocated|Ports are not available).*"),
    # What a package's build died of
    (Rank.INNER, PIP, False, r".*?(fatal error: \S+: No such file or directory)"),
    (Rank.INNER, PIP, False, r".*?(fatal error: Killed signal terminated program \S+)"),
    (Rank.INNER, PIP, False, r"^ *(?:error: )?(command '\S+' failed: (?!.*exit code).*|unable to execute '\S+': .*)"),
    (Rank.INNER, PIP, False, r"^ *(?:error: )?(can't find Rust compiler.*|linker `?\S+ not found)"),
    (
        Rank.INNER,
        PIP,
        False,
        r"^ *(?:ERROR: |error: )?((?:Rust not found|Cargo, the Rust package manager, is not installed).*)",
    ),
    (
        Rank.INNER,
        PIP,
        False,
        r"^ *(?:\w*Error: |ERROR: |error: )*(CMake (?:must be|is not) installed.*|"
        r"cmake: (?:command )?not found)",
    ),
    (
        Rank.INNER,
        PIP,
        False,
        r"^ *(.*Unknown compiler\(s\): .*|.*No CMAKE_CXX?_COMPILER could be found.*|"
        r"No CMAKE_\w+ could be found.*)",
    ),
    (Rank.INNER, PIP, False, r"^ *(?:CMake Error.*: )(?! *$)(.*)"),
    (Rank.INNER, PIP, False, r"^ *(Could NOT find \w+.*|Could not find a package configuration file .*)"),
    (
        Rank.INNER,
        PIP,
        False,
        r"^ *(?:\w*Error: |ERROR: )?(.*(?:pg_config executable not found|mysql_config not found|"
        r"pkg-config.* not found).*)",
    ),
    (Rank.INNER, PIP, False, r"^ *(Package '?\S+'?(?:, required by .*,)? (?:was )?not found.*|No package '\S+' found)"),
    (
        Rank.INNER,
        PIP,
        False,
        r"^ *(?:\S*meson\.build:\d+:\d+: )?(?:ERROR|Error): ((?:Dependency|Dependency lookup for|Program|"
        r"Compiler|Could not) .*)",
    ),
    (Rank.INNER, PIP, False, r"^ *(?:/usr/bin/ld: )(cannot find -l\S+.*)"),
    (Rank.INNER, PIP, False, r"^ *(?:error|Error) in \S+ setup command: (.*)"),
    (
        Rank.INNER,
        PIP,
        False,
        r"^ *(.* is deprecated, use '.*' *rather than '.*' for pip commands.*|"
        r"The '\S+' PyPI package is deprecated.*)",
    ),
    (Rank.INNER, PIP, False, r"^ *(?:\S+:\d+:\d+: error: )(.*)"),
    (
        Rank.INNER,
        PIP,
        False,
        r"^ *(?:error(?:\[E\d+\])?: )((?!subprocess|metadata|command|failed-wheel|legacy|invalid-|"
        r"externally|resolution|installation|uninstall)\S.*)",
    ),
    # Installing
    (
        Rank.INSTALL,
        APT,
        False,
        r"^E: ((?:Unable to locate|Couldn't find any) package .*|Unable to find a source package .*)",
    ),
    (Rank.INSTALL, APT, False, r"^E: (Package '.*' has no installation candidate|Version '.*' for '.*' was not found)"),
    (
        Rank.INSTALL,
        APT,
        False,
        r"^E: (The repository '.*' .*|Unable to correct problems.*|Unmet dependencies.*|"
        r"Unsupported file .*)",
    ),
    (Rank.INSTALL, APT, False, r"^(dpkg: (?:error|dependency problems).*)"),
    (Rank.INSTALL, APT, False, r"^E: (?!Sub-process)(.*)"),
    (Rank.INSTALL, PIP, False, r"^ERROR: (No matching distribution found for .*)"),
    (
        Rank.INSTALL,
        PIP,
        False,
        r"^ERROR: (Cannot install .*|Invalid requirement.*|Could not find a version that satisfies .*)",
    ),
    (
        Rank.INSTALL,
        PIP,
        False,
        r"^ERROR: (THESE PACKAGES DO NOT MATCH THE HASHES|Hashes are required|In --require-hashes mode)",
    ),
    (
        Rank.INSTALL,
        PIP,
        False,
        r"^ERROR: (.* requires a different Python.*|.* is not a supported wheel on this platform.*)",
    ),
    (Rank.INSTALL, PIP, False, r"^ *(?:╰─▶|cause:) (Because .*)"),
    (Rank.INSTALL, PIP, False, r"^ *(?:× |error: )(No solution found when resolving dependencies.*)"),
    (
        Rank.INSTALL,
        PIP,
        False,
        r"^ERROR: ((?:Could not open requirements file|Could not install packages|HTTP error 4|"
        r"Could not detect|Cannot find command|.* has inconsistent ).*)",
    ),
    (Rank.INSTALL, PIP, False, r"^(error: externally-managed-environment.*|ERROR: Directory .* is not installable.*)"),
    (
        Rank.OUTER,
        PIP,
        False,
        r"^ *(?:ERROR: )?(Failed building wheel for .*|Failed to build .*|Could not build wheels for .*)",
    ),
    (
        Rank.OUTER,
        PIP,
        False,
        r"^ *(?:error: )?(subprocess-exited-with-error|metadata-generation-failed|"
        r"failed-wheel-build-for-install)",
    ),
    (Rank.OUTER, APT, False, r"^E: (Sub-process .*)"),
    # The Dockerfile and the builder
    (Rank.DOCKER, DOCKER, False, r".*?((?:COPY|ADD) failed: .*|dockerfile parse error.*|unknown instruction: .*)"),
    (
        Rank.DOCKER,
        DOCKER,
        False,
        r".*?(pull access denied for .*|manifest for .* not found.*|manifest unknown.*|"
        r"no match for platform .*)",
    ),
    (Rank.DOCKER, DOCKER, False, r".*?((?:exec )?\S*: exec format error|exec format error)"),
    (Rank.DOCKER, DOCKER, False, r".*?(failed to (?:compute cache key|calculate checksum).*)"),
    (
        Rank.DOCKER,
        DOCKER,
        False,
        r"^(?!E: ).*?((?:unauthorized|denied|insufficient_scope)(?:: .*|$)|authentication required.*|"
        r"no basic auth credentials.*)",
    ),
    (
        Rank.DOCKER,
        DOCKER,
        False,
        r"^(?:ERROR: |error: )?failed to (?:solve|build): (?!(?:executor failed|process )\S*)(.*)",
    ),
    (Rank.DOCKER, DOCKER, False, r"^(?:ERROR: |Error: )?Error response from daemon: (.*)"),
    (
        Rank.DOCKER,
        DOCKER,
        False,
        r"^(invalid reference format.*|unable to prepare context: .*|failed to read dockerfile: .*)",
    ),
    # Shells
    (Rank.SHELL, PIP, False, r"^\S*python[\d.]*: (No module named \S+)"),
    (
        Rank.SHELL,
        DOCKER,
        False,
        r"^(?:/bin/|/usr/bin/)?(?:ba|da|a)?sh: (?:line )?(?:\d+: )?(\S+: (?:command )?not found|"
        r"\S+: Permission denied)",
    ),
    (Rank.SHELL, DOCKER, False, r".*?(exec: \".*\": .*(?:not found|no such file|permission denied).*)"),
    (
        Rank.VAGUE,
        DOCKER,
        False,
        r"^(?:ERROR|Error|error|fatal|FATAL|gptdeploy)(?:: | \S+: )(?!failed to solve: process|"
        r"process \"|executor failed)(.*)",
    ),
)
