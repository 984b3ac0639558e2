"""From a specification to its tests, before there is any code; and from a dispute to tests that are right."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.llm import Message, Refused, WouldFail
from bot.foreign import printable
from bot.generate.draft import skeleton
from bot.generate.files import assemble_tests, read_files
from bot.generate.misread import Rereading
from bot.generate.points import listed
from bot.generate.prompt import LEVELS, about, messages
from bot.generate.writer import Writer
from bot.guard.packages import direct_requirements
from bot.guard.source import Source
from bot.guard.tests import holding
from bot.guard.text import cut, fenced, visible
from bot.values.cost import Usage
from bot.values.naming import TESTS
from bot.values.revision import Point
from bot.values.service import Dispute, Review, ScenarioTests, Spec

_COMPLAINTS_LIMIT = 2_000
_REASON_LIMIT = 500


def write_tests(writer: Writer, spec: Spec) -> tuple[ScenarioTests, Usage]:
    """Write the tests that every strategy has to pass: one a scenario, which call the service over HTTP.

    Raises:
        ModelError: the model gave no tests that pass the checks.
        TransientError: the package index does not answer.
    """
    prompts = [_prompt(spec, level) for level in range(LEVELS)]
    conversation = writer.begin("tests", prompts)
    rereading = Rereading(spec)
    while True:
        reply = conversation.ask()
        try:
            answer = read_files(reply, [TESTS])
            reread = rereading.read(answer.prose)
            tests = assemble_tests(writer.preflight, spec.reading(reread), answer)
            return tests.model_copy(update={"reread": reread}), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def review_tests(writer: Writer, spec: Spec, tests: ScenarioTests, disputes: Sequence[Dispute]) -> tuple[Review, Usage]:
    """Decide whether tests contradict the issue, as a fix says, and change those that do, or that cannot fail.

    Raises:
        ModelError: the model gave no tests that pass the checks.
        TransientError: the package index does not answer.
    """
    prompts = [_review_prompt(spec, tests, disputes, level) for level in range(LEVELS)]
    conversation = writer.begin("review", prompts)
    rereading = Rereading(spec)
    while True:
        reply = conversation.ask()
        try:
            return _review(writer, rereading, tests, disputes, reply), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def change_tests(
    writer: Writer, before: Spec, after: Spec, tests: ScenarioTests, points: Sequence[Point]
) -> tuple[ScenarioTests, Usage]:
    """Bring the tests up to a specification that has changed: those of other scenarios stay to the letter.

    Args:
        before: the specification that `tests` are of.
        points: what people asked for.

    Raises:
        ModelError: the model gave no tests that pass the checks.
        TransientError: the package index does not answer.
    """
    was = [f"test_{scenario.name}" for scenario in before.scenarios if scenario not in after.scenarios]
    was += [f"test_{requirement.name}" for requirement in before.tested if requirement not in after.tested]
    added = [scenario for scenario in after.scenarios if scenario not in before.scenarios]
    # A test with other words may have the name of the one before it: that is written anew.
    anew = {f"test_{scenario.name}" for scenario in added}
    gone = [name for name in was if name not in anew]
    goes = {*before.input_schema["properties"], *before.output_schema["properties"]}
    goes -= {*after.input_schema["properties"], *after.output_schema["properties"]}
    outdated = [name for name in holding(Source.read(TESTS, tests.source), goes) if name not in was]
    new = skeleton.tests(after.model_copy(update={"scenarios": tuple(added), "requirements": ()})) if added else ""
    prompts = [
        messages(
            "retest.md.j2",
            **about(after, level),
            test_file=tests.source.strip(),
            requirements="\n".join(direct_requirements(tests.requirements)),
            points=listed(points, level),
            new=new,
            gone=gone,
            outdated=outdated,
            goes=sorted(goes),
        )
        for level in range(LEVELS)
    ]
    conversation = writer.begin("retest", prompts)
    rereading = Rereading(after)
    while True:
        reply = conversation.ask()
        try:
            answer = read_files(reply, [TESTS])
            reread = rereading.read(answer.prose)
            may_change = [*was, *outdated, *(scenario.name for scenario in reread)]
            changed = assemble_tests(writer.preflight, after.reading(reread), answer, may_change, tests)
            if left := [name for name in gone if f"def {name}(" in changed.source]:
                raise Refused(f"Leave out {', '.join(left)}: what it tests is no more.")
            return changed.model_copy(update={"reread": reread}), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def _prompt(spec: Spec, level: int) -> list[Message]:
    return messages("tests.md.j2", **about(spec, level), test_file=skeleton.tests(spec))


def _review_prompt(spec: Spec, tests: ScenarioTests, disputes: Sequence[Dispute], level: int) -> list[Message]:
    complaints = "\n".join(f"{dispute.test}: {dispute.reason}" for dispute in disputes)
    return messages(
        "review.md.j2",
        **about(spec, level),
        test_file=tests.source.strip(),
        requirements="\n".join(direct_requirements(tests.requirements)),
        proven=_proven(disputes),
        complaints=fenced(printable(complaints), "complaints", _COMPLAINTS_LIMIT),
    )


def _proven(disputes: Sequence[Dispute]) -> bool:
    return any(dispute.proven for dispute in disputes)


def _review(
    writer: Writer, rereading: Rereading, tests: ScenarioTests, disputes: Sequence[Dispute], reply: str
) -> Review:
    """Return what a reply decides.

    Raises:
        Refused: it says nothing, or its tests do not pass the checks.
    """
    answer = read_files(reply)
    reread = rereading.read(answer.prose)
    spec = rereading.spec.reading(reread)
    reason = cut(visible(answer.prose).strip(), _REASON_LIMIT)
    if _proven(disputes) and answer.files.get(TESTS, tests.source).strip() == tests.source.strip():
        raise Refused(f"The build refuses these tests whatever the code is. Write {TESTS} anew, with them changed.")
    if TESTS not in answer.files:
        if not reason:
            raise Refused(f"Say whether the test is right; if it is not, write {TESTS} anew.")
        if faults := writer.preflight.tests(Source.read(TESTS, tests.source), spec) if reread else []:
            raise WouldFail("\n".join([*faults, f"Write {TESTS} anew, with what was misread."]))
        return Review(tests=tests, reason=reason, reread=reread)
    named = [*(dispute.test for dispute in disputes), *(scenario.name for scenario in reread)]
    changed = assemble_tests(writer.preflight, spec, answer, named, tests)
    return Review(tests=changed, reason=reason, reread=reread)
