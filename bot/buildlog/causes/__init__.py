"""Why a step failed: `judge` chooses one cause from those that the kinds of output tell, a module a kind.

`rules` names causes by single lines, `phase` says what was running, `fingerprint` makes equal failures comparable.
"""

from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.causes.fingerprint import fingerprint
from bot.buildlog.causes.judge import Verdict, judge
from bot.buildlog.causes.phase import script_name
from bot.buildlog.causes.pytest_report import TestFailure
from bot.buildlog.causes.rules import named_cause
from bot.buildlog.causes.tests import classify
from bot.buildlog.causes.tracebacks import find_place, is_own, read_frame

__all__ = [
    "Cause",
    "Rank",
    "TestFailure",
    "Verdict",
    "classify",
    "find_place",
    "fingerprint",
    "is_own",
    "judge",
    "named_cause",
    "read_frame",
    "script_name",
]
