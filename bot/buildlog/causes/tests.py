"""What tests died of: pytest's report, unittest's, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.buildlog.causes.cause import APT, CODE, PIP, TEST, Cause, Rank
from bot.buildlog.causes.pytest_report import TestFailure
from bot.buildlog.causes.tracebacks import OWN, Chain, chains, headline_of, own_place
from bot.values.failure import FailureClass

_LIBRARY = re.compile(
    r"cannot open shared object file|cannot load library|no library called|Could not find .* shared library|"
    r"No such file or directory: '[a-z][\w.+-]*'$|is not installed or it's not in your PATH|Unable to find .* binary|"
    r"failed to find lib\w+|[Uu]nable to (?:find|load) (?:shared )?library|"
    r"not installed or not in (?:your )?PATH|Unable to get page count\. Is poppler",
    re.IGNORECASE,
)
_MODULE = re.compile(r"No module named '?(\w+)")
_OWN_MODULES = {name.removesuffix(".py") for name in OWN}
_BROKEN_CODE = ("SyntaxError", "IndentationError", "TabError", "NameError", "UnboundLocalError", "ImportError")


def of_report(groups: Sequence[Sequence[TestFailure]]) -> Cause | None:
    if not groups:
        return None
    # What keeps a file from being collected comes before what fails in another.
    first = next((group[0] for group in groups if group[0].kind == "collecting"), groups[0][0])
    headline = first.error or "failed without a reason"
    if len(first.raised) > 1 and first.raised[-1] != first.raised[0] and first.kind != "collecting":
        headline = f"{headline} (then {first.raised[-1]})"
    failure_class = class_of(first.raised[0] if first.raised else headline, TEST)
    if (
        failure_class is TEST
        and first.kind == "collecting"
        and not first.file.rpartition("/")[2].startswith(("test_", "conftest"))
    ):
        failure_class = CODE
    if failure_class is CODE and headline.startswith("NameError") and first.file.startswith("test_") and not first.kind:
        failure_class = TEST
    if failure_class is TEST and first.name and first.kind != "collecting":
        headline = f"{first.name}: {headline}"
    file = first.file or ("test_executor.py" if first.name.endswith("test_executor.py") else "")
    key = "\n".join(sorted(_key(one) for group in groups for one in group))
    return Cause(failure_class, headline, Rank.EXCEPTION, file=file, line=first.line, key=key)


def _key(one: TestFailure) -> str:
    # `assert False` says nothing; what pytest explains below does.
    bare = one.error.endswith(("assert False", "assert None", "assert not True"))
    return " ".join([one.name, one.error, *one.raised[1:], *(one.details[:3] if bare else ())])


def class_of(error: str, otherwise: FailureClass) -> FailureClass:
    """Return which file mends an exception: requirements for a module, system packages for a library."""
    module = _MODULE.search(error)
    if module and error.startswith(("ModuleNotFoundError", "ImportError")):
        return CODE if module[1] in _OWN_MODULES else PIP
    if _LIBRARY.search(error):
        return APT
    return CODE if error.startswith(_BROKEN_CODE) else otherwise


def of_silent_tests(lines: Sequence[tuple[int, str]], code: int | None) -> Cause | None:
    """Return why tests failed that left no report."""
    texts = [line for _, line in lines]
    inner = [(number, line) for number, line in lines if line.startswith("INTERNALERROR>")]
    if inner:
        chain = (chains(inner) or [[]])[-1]
        told = (
            headline_of(chain)
            if chain
            else next((line[14:].strip() for _, line in reversed(inner) if line[14:].strip()), "")
        )
        file, row = own_place(chain[0].frames) if chain else ("", None)
        own = bool(file) and not file.startswith(("test_", "conftest"))
        return Cause(
            CODE if own else TEST,
            f"pytest's internal error: {told}",
            Rank.EXCEPTION,
            file=file,
            line=row,
            lines=(inner[0][0], inner[-1][0]),
        )
    if any(re.match(r"^!+ KeyboardInterrupt !+$", line) for line in texts) or code == 124:
        place = next((line for line in texts if re.match(r"^\S+\.py:\d+: KeyboardInterrupt", line)), "")
        file, _, rest = place.partition(":")
        where = own_place([(file, int(rest.partition(":")[0]))]) if place else ("", None)
        number = next((number for number, line in lines if "KeyboardInterrupt" in line), 0)
        return Cause(
            TEST,
            "The tests took too long and were stopped",
            Rank.EXCEPTION,
            file=where[0],
            line=where[1],
            lines=(number,),
        )
    if faults := [(number, line) for number, line in lines if line.startswith("SCENARIO ERROR: ")]:
        text = faults[0][1].removeprefix("SCENARIO ERROR: ")
        key = "\n".join(sorted(line for _, line in faults))
        return Cause(TEST, text, Rank.EXCEPTION, file="test_executor.py", lines=(faults[0][0],), key=key)
    for number, line in lines:
        if match := re.match(r"^ERROR: (file or directory not found.*|not found: .*)|^\S+: (error: .*)", line):
            return Cause(TEST, match[1] or match[2], Rank.EXCEPTION, lines=(number,))
    if code == 5 or any(re.match(r"^=+ no tests ran in ", line) for line in texts):
        number = next((number for number, line in lines if "no tests ran" in line), 0)
        return Cause(TEST, "No tests ran", Rank.EXCEPTION, file="test_executor.py", lines=(number,))
    return None


def of_unittest(failed: Sequence[tuple[int, re.Match[str]]], found: Sequence[Chain]) -> Cause:
    """Return what the first of unittest's failures died of."""
    chain = found[0]
    file, line = own_place(chain[0].frames)
    key = "\n".join(sorted(f"{match[1]} {one[0].text}" for (_, match), one in zip(failed, found, strict=False)))
    failure_class = class_of(chain[0].text, TEST)
    headline = headline_of(chain)
    shown = (failed[0][0], chain[0].first, *(raised.last for raised in chain))
    return Cause(
        failure_class,
        f"{failed[0][1][1]}: {headline}" if failure_class is TEST else headline,
        Rank.EXCEPTION,
        file=file,
        line=line,
        lines=shown,
        key=key,
    )
