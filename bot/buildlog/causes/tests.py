"""What tests died of: by pytest's report, by unittest's, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile, takewhile

from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.causes.pytest_report import TestFailure
from bot.buildlog.causes.tracebacks import (
    OWN_FILES,
    chain_evidence,
    chain_headline,
    find_place,
    read_chains,
)
from bot.buildlog.facts import Facts
from bot.buildlog.lines import NumberedLines
from bot.values.failure import FailureClass
from bot.values.service import Dispute

_LIBRARY = re.compile(
    r"cannot open shared object file|cannot load library|no library called|Could not find .* shared library|"
    r"No such file or directory: '[a-z][\w+-]*(?:\.\d+)*'$|"
    r"is not installed or it's not in your PATH|Unable to find .* binary|"
    r"failed to find lib\w+|[Uu]nable to (?:find|load) (?:shared )?library|"
    r"missing dependencies to run browsers|"
    r"not installed or not in (?:your )?PATH|Unable to get page count\. Is poppler",
    re.IGNORECASE,
)
_MODULE = re.compile(r"No module named '?(\w+)")
_OWN_MODULES = {name.removesuffix(".py") for name in OWN_FILES}
_BROKEN_CODE = ("SyntaxError", "IndentationError", "TabError", "NameError", "UnboundLocalError", "ImportError")
_TEST_FILES = ("test_", "conftest")
_TESTS = "test_executor.py"
_UNITTEST = re.compile(r"^(?:FAIL|ERROR): (\w+) \(")
_PACKAGES = re.compile(
    r"compiled using NumPy 1\.x|numpy\.\w+ size changed|_ARRAY_API not found|multiarray failed to import"
)
"""What packages say that do not go together."""
_DETAILS = 12
"""How many further lines of an error tell it from others."""
_INTERNAL = "INTERNALERROR>"
_SCENARIO = "SCENARIO ERROR: "
_UNFIT = re.compile(r"^(?:scenario )?(\w+)(?:\[.*\])? ((?:passes whatever|was skipped: ).*)")
"""Why a test is refused that no change of the code can mend."""
_BUILDER = re.compile(
    r"The command '.*' returned a non-zero code: |process \".*\" did not complete successfully: |"
    r"(?: ---> )?Removing intermediate container |\s*$"
)
"""What Docker's builders say of an instruction that has failed, after its output."""
_INTERRUPT = re.compile(r"^!+ KeyboardInterrupt !+$")
_INTERRUPTED_AT = re.compile(r"^(\S+\.py):(\d+): KeyboardInterrupt")
_USAGE = re.compile(r"^ERROR: (file or directory not found.*|not found: .*)|^\S+: (error: .*)")
_NONE_RAN = re.compile(r"^=+ no tests ran in ")
_TIMED_OUT = 124
"""Exit code of `timeout`."""
_NO_TESTS = 5
"""Exit code of pytest: https://docs.pytest.org/en/stable/reference/exit-codes.html"""


def report_cause(groups: Sequence[Sequence[TestFailure]]) -> Cause:
    """Return what the first of the failures in pytest's report died of; `groups` are those of one cause each."""
    # What keeps a file from being collected comes before what fails in another.
    first = next((group[0] for group in groups if group[0].kind == "collecting"), groups[0][0])
    collecting = first.kind == "collecting"
    headline = first.error or "failed without a reason"
    if len(first.raised) > 1 and first.raised[-1] != first.raised[0] and not collecting:
        headline = f"{headline} (then {first.raised[-1]})"
    failure_class = classify(first.raised[0] if first.raised else headline, FailureClass.TEST)
    if failure_class is FailureClass.TEST and collecting and not _is_test_file(first.file):
        failure_class = FailureClass.CODE
    if headline.startswith("NameError") and first.file.startswith("test_") and not first.kind:
        failure_class = FailureClass.TEST
    if failure_class is FailureClass.TEST and first.name and not collecting:
        headline = f"{first.name}: {headline}"
    file = first.file or (_TESTS if first.name.endswith(_TESTS) else "")
    key = "\n".join(sorted(_key(failure) for group in groups for failure in group))
    return Cause(failure_class, headline, Rank.EXCEPTION, file=file, line=first.line, key=key)


def _is_test_file(path: str) -> bool:
    return path.rpartition("/")[2].startswith(_TEST_FILES)


def _key(failure: TestFailure) -> str:
    # `assert False` says nothing; what pytest explains below does. Of a long message, the end may be what differs.
    bare = failure.error.endswith(("assert False", "assert None", "assert not True"))
    details = failure.details[:_DETAILS] if failure.continued else failure.details[:3] if bare else ()
    telling = (line for line in details if not line.strip().startswith("For further") and "input_value=" not in line)
    return " ".join([failure.name, failure.error, *failure.raised[1:], *telling])


def classify(exception: str, otherwise: FailureClass) -> FailureClass:
    """Return the class of failure that an exception is, by the file that mends it.

    A module that is missing is a matter of the requirements (pip), a library one of the system packages (apt).

    Args:
        exception: its line, e.g. "ImportError: no module named x".
        otherwise: the class of an exception that does not tell.
    """
    module = _MODULE.search(exception)
    if module and exception.startswith(("ModuleNotFoundError", "ImportError")):
        return FailureClass.CODE if module[1] in _OWN_MODULES else FailureClass.PIP
    if _PACKAGES.search(exception):
        return FailureClass.PIP
    if _LIBRARY.search(exception):
        return FailureClass.APT
    return FailureClass.CODE if exception.startswith(_BROKEN_CODE) else otherwise


def silent_tests_cause(lines: NumberedLines, exit_code: int | None) -> Cause | None:
    """Return why tests failed that left no report, or None where that is not known."""
    return (
        _internal_error(lines)
        or _timeout(lines, exit_code)
        or _scenario_error(lines)
        or _usage_error(lines)
        or _no_tests(lines, exit_code)
    )


def _internal_error(lines: NumberedLines) -> Cause | None:
    inner = [(number, line) for number, line in lines if line.startswith(_INTERNAL)]
    if not inner:
        return None
    chain = (read_chains(inner) or [[]])[-1]
    if chain:
        headline = chain_headline(chain)
        file, line = find_place(chain[0].frames)
    else:
        texts = [line.removeprefix(_INTERNAL).strip() for _, line in inner]
        headline = next((text for text in reversed(texts) if text), "")
        file, line = "", None
    own = bool(file) and not file.startswith(_TEST_FILES)
    return Cause(
        FailureClass.CODE if own else FailureClass.TEST,
        f"pytest's internal error: {headline}",
        Rank.EXCEPTION,
        file=file,
        line=line,
        evidence=(inner[0][0], inner[-1][0]),
    )


def _timeout(lines: NumberedLines, exit_code: int | None) -> Cause | None:
    if exit_code != _TIMED_OUT and not any(_INTERRUPT.match(line) for _, line in lines):
        return None
    where = next((match for _, line in lines if (match := _INTERRUPTED_AT.match(line))), None)
    file, line = find_place([(where[1], int(where[2]))]) if where else ("", None)
    return Cause(
        FailureClass.TEST,
        "The tests took too long and were stopped",
        Rank.EXCEPTION,
        file=file,
        line=line,
        evidence=(_first_with("KeyboardInterrupt", lines),),
    )


def _scenario_error(lines: NumberedLines) -> Cause | None:
    faults = [line.removeprefix(_SCENARIO) for _, line in lines if line.startswith(_SCENARIO)]
    return _faulty_tests(faults, lines, _last_faults([text for _, text in lines])) if faults else None


def stated_cause(facts: Facts, lines: NumberedLines) -> Cause | None:
    """Return why tests that passed show nothing, as the build states it, or None where it states no such thing."""
    return _faulty_tests(facts.faults, lines, facts.faults) if facts.faults else None


def _faulty_tests(faults: Sequence[str], lines: NumberedLines, certain: Sequence[str]) -> Cause:
    """Return that tests show nothing; `certain` are the faults that nobody but the build can have told."""
    evidence = (_first_with(f"{_SCENARIO}{faults[0]}", lines),)
    key = "\n".join(sorted(f"{_SCENARIO}{fault}" for fault in faults))
    disputes = _unfit_tests(certain)
    return Cause(
        FailureClass.TEST, faults[0], Rank.EXCEPTION, file=_TESTS, evidence=evidence, key=key, disputes=disputes
    )


def _last_faults(lines: Sequence[str]) -> list[str]:
    """Return the faults that `testing/run.py` tells at the end of an output in which it states no facts.

    It says so when the processes of service and tests have ended, so that only the builder's own lines come after it.
    """
    of_builder = dropwhile(_BUILDER.match, lines[::-1])
    told = [text.removeprefix(_SCENARIO) for text in takewhile(lambda text: text.startswith(_SCENARIO), of_builder)]
    return told[::-1]


def _unfit_tests(faults: Sequence[str]) -> tuple[Dispute, ...]:
    """Return the tests that `testing/run.py` refuses, if it refuses nothing else."""
    unfit = [match for fault in faults if (match := _UNFIT.match(fault))]
    if len(unfit) < len(faults):
        return ()
    reasons: dict[str, str] = {}
    for match in unfit:
        reasons.setdefault(match[1], match[2])
    return tuple(Dispute(test=test, reason=reason, proven=True) for test, reason in reasons.items())


def _usage_error(lines: NumberedLines) -> Cause | None:
    for number, line in lines:
        if match := _USAGE.match(line):
            return Cause(FailureClass.TEST, match[1] or match[2], Rank.EXCEPTION, evidence=(number,))
    return None


def _no_tests(lines: NumberedLines, exit_code: int | None) -> Cause | None:
    if exit_code != _NO_TESTS and not any(_NONE_RAN.match(line) for _, line in lines):
        return None
    evidence = (_first_with("no tests ran", lines),)
    return Cause(FailureClass.TEST, "No tests ran", Rank.EXCEPTION, file=_TESTS, evidence=evidence)


def _first_with(words: str, lines: NumberedLines) -> int:
    return next((number for number, line in lines if words in line), 0)


def unittest_cause(lines: NumberedLines) -> Cause | None:
    """Return what the first of unittest's failures died of, or None where unittest reports none."""
    failed = [(number, match[1]) for number, line in lines if (match := _UNITTEST.match(line))]
    if not failed:
        return None
    number, name = failed[0]
    chains = [chain for chain in read_chains(lines) if chain[0].first > number]
    if not chains:
        return None
    chain = chains[0]
    failure_class = classify(chain[0].text, FailureClass.TEST)
    headline = chain_headline(chain)
    file, line = find_place(chain[0].frames)
    return Cause(
        failure_class,
        f"{name}: {headline}" if failure_class is FailureClass.TEST else headline,
        Rank.EXCEPTION,
        file=file,
        line=line,
        evidence=(number, *chain_evidence(chain)),
        key="\n".join(sorted(f"{name} {chain[0].text}" for (_, name), chain in zip(failed, chains, strict=False))),
    )
