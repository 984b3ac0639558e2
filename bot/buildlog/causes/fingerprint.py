"""The fingerprint of a failure: equal for the same failure of different runs, different for different failures."""

from __future__ import annotations

import hashlib
import re

from bot.buildlog.causes.cause import Cause
from bot.values.failure import Phase

_TIMING = re.compile(
    r"\b(?:time|elapsed|seconds?|duration|took|latency|timeout|perf_counter|monotonic|ms)\b", re.IGNORECASE
)
_REPLACEMENTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"0x[0-9a-fA-F]+", "H"),
        (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "H"),
        (r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\b", "D"),
        (r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b", "D"),
        (r"(?<![\w.])(?:/[\w.@+~-]+)+/", ""),
        (
            r"\b(?:tmp|pip-(?:build|install|wheel|ephem|req|modern|target)[\w-]*?-|pytest-|req_|"
            r"build-env-)(?=\w*[\d_])\w+",
            "T",
        ),
        (r"(?<![\w.])/?tmp[a-z0-9_]{8}\b", "T"),
        (r"\btmp[a-z0-9_]{6,10}(?![\w/])", "T"),
        (r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}(?:-[0-9a-f]+)*\b", "H"),
        (r"\[IP: [^\]]*\]", ""),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "A"),
        (r"(\b(?:localhost|[\w-]+(?:\.[\w-]+)+)):\d{2,5}\b", r"\1"),
        (
            r"(?i)\b(port|pid|process|line|request|id|worker|thread|attempt|job|run|step|"
            r"exit code:? at)([ =:#'\"-]+)\d+",
            r"\1\2N",
        ),
        (r"(\.py):\d+", r"\1"),
        (r"\(line \d+\)|\(char \d+\)", ""),
        (r"(?<![\w.])\d+(?:[.,]\d+)* ?(?:[mnµu]?s|seconds?|minutes?|[kKMGT]i?B|bytes|%)(?![\w])", "N"),
        (r"(?<![\w.])\d{10,}(?![\w.])", "N"),
        (r"[A-Za-z0-9+/_-]{120,}={0,2}", "B"),
        (r"\(\d[\d,]* characters\)", ""),
    )
)
_SET = re.compile(r"\{([^{}:]*,[^{}:]*)\}")
_LARGE = re.compile(r"(?<![\w.])\d{5,}(?![\w.])")
_MEASURED = re.compile(r"(?<![\w.])\d+\.\d{3,}(?= ?[<>])|(?<=[<>] )\d+\.\d{3,}")
_FLOAT = re.compile(r"(?<![\w.])\d+\.\d+(?:e[+-]?\d+)?(?![\w.])")


def fingerprint(cause: Cause, phase: Phase) -> str:
    """Return 16 hex digits for a cause; time, machine and builder make no difference."""
    text = "\n".join(sorted({_normalised(line) for line in (cause.key or cause.headline).split("\n")}))
    return hashlib.sha256(f"{cause.failure_class} {phase}\n{text}".encode()).hexdigest()[:16]


def _normalised(text: str) -> str:
    """Return a line without what differs from run to run: times, ids, addresses, ports, folders, the order of sets."""
    timed = _TIMING.search(text) is not None
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    text = _SET.sub(lambda braces: "{" + ", ".join(sorted(braces[1].split(", "))) + "}", text)
    # In an assertion a number is what the test is about, unless it was measured.
    text = (_MEASURED if "assert" in text else _LARGE).sub("N", text)
    if timed:
        text = re.sub(r"(?<![A-Za-z_])\d+(?:\.\d+)?", "N", text)
    else:
        text = _FLOAT.sub(lambda number: f"{float(number[0]):.3g}", text)
    return " ".join(text.split())
