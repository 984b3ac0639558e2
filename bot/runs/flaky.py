"""Whether tests that failed may well be green when the same commit is built again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.sentence import Sentence, sentence, verbatim
from bot.values.failure import FailedTest, Failure, FailureClass

_SHAPES = re.compile(
    r"time[d ]?[- ]?out|connection (?:refused|reset|aborted|closed)|connect(?:ion)?error|remotedisconnected"
    r"|broken ?pipe|temporary failure|name resolution|network is unreachable",
    re.IGNORECASE,
)
"""What errors look like that come of time and of the network."""


def why_flaky(failure: Failure, failing: Sequence[frozenset[str]]) -> Sentence | None:
    """Return why a red build may be green when it is run again, or None.

    Another run of the same commit costs minutes. A fix costs those, too, and tokens, and changes what may be right. So
    it is worth it where every test that failed has an error of time or network, or was green in an earlier build of
    the same strategy while others failed.

    Args:
        failing: names of the tests that failed in each earlier build of the strategy whose tests have run.
    """
    if failure.failure_class is not FailureClass.TEST or not failure.tests:
        return None
    names = _listed(failure.tests)
    if all(_SHAPES.search(test.error) for test in failure.tests):
        return sentence("once more, as time or network may be the reason: %(names)s", names=names)
    if all(any(test.name not in before for before in failing) for test in failure.tests):
        return sentence("once more, as it was green before: %(names)s", names=names)
    return None


def _listed(tests: Sequence[FailedTest]) -> Sentence:
    first = ", ".join(f"`{test.name}`" for test in tests[:3])
    if len(tests) <= 3:
        return verbatim(first)
    return sentence("%(some)s and %(count)s more", some=first, count=len(tests) - 3)
