"""A comment goes in, the exact reply and what it started come out."""

from __future__ import annotations

import pytest

from bot.commands import COMMANDS
from bot.commands.answer import Addressee, carry_out
from bot.commands.registry import Command
from bot.errors import TransientError, UserError
from bot.values.github import WorkflowRun
from bot.values.naming import run_id
from bot.values.progress import Stage
from bot.values.run import RunKind, RunRequest
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import REPO, FakeRepository, asked, comment, merged

CALLED = Addressee(name="gptdeploy")


@pytest.mark.parametrize(
    ("body", "number", "started", "reply"),
    [
        (
            "/retry",
            3,
            asked(RunKind.RETRY),
            "On it: I read the issue again and try fresh strategies. The status comment above shows how far I am.",
        ),
        (
            "/retry",
            12,
            asked(RunKind.RETRY_PULL, 12),
            "On it: I go on fixing this branch, on top of what is there now. "
            "The status comment on #3 shows how far I am.",
        ),
        (
            "/retry",
            13,
            asked(RunKind.RETRY_PULL, 13),
            "On it: I go on fixing this branch, on top of what is there now. "
            "The status comment on #3 shows how far I am.",
        ),
        (
            "/deploy",
            3,
            asked(RunKind.DEPLOY),
            "On it: I deploy what is merged for this issue. The status comment above shows how far I am.",
        ),
        (
            "/deploy",
            12,
            asked(RunKind.DEPLOY, 12),
            "On it: I merge this pull request if its build is green, and deploy it. "
            "The status comment on #3 shows how far I am.",
        ),
        (
            "/deploy",
            14,
            asked(RunKind.DEPLOY, 14),
            "On it: I deploy this merged pull request again. The status comment on #3 shows how far I am.",
        ),
        (
            "/approve",
            3,
            asked(RunKind.NEW),
            "On it: the idea is approved, and I begin. The status comment above shows how far I am.",
        ),
    ],
)
def test_what_starts_a_run(
    runs: FakeRuns, repository: FakeRepository, body: str, number: int, started: RunRequest, reply: str
) -> None:
    assert carry_out(comment(body, number), repository, runs) == reply
    assert runs.started == [started]
    assert repository.reactions == [("eyes", 99)]


@pytest.mark.parametrize(
    ("body", "number", "reply"),
    [
        (
            "/retry",
            14,
            "This pull request is merged. `/update TEXT` on #3 changes what is live, `/deploy` deploys it again.",
        ),
        (
            "/deploy",
            13,
            "This pull request is closed. `/retry` opens it again and goes on with it.",
        ),
        ("/approve", 12, "`/approve` works on an issue, not on a pull request."),
        (
            "/deploy not yet",
            12,
            "`/deploy` must stand alone on its line, so I have done nothing. Type just `/deploy` if you mean it.",
        ),
        ("/stop", 3, "Nothing is running for #3. `/status` says how it ended."),
    ],
)
def test_what_cannot_be_done(runs: FakeRuns, repository: FakeRepository, body: str, number: int, reply: str) -> None:
    assert carry_out(comment(body, number), repository, runs) == reply
    assert runs.started == []
    assert repository.reactions == [("eyes", 99)]


@pytest.mark.parametrize("command", [command for command in COMMANDS if not command.anyone])
@pytest.mark.parametrize(("actor", "access"), [("visitor", "read"), ("stranger", "no")])
def test_persons_who_may_not_are_told(
    runs: FakeRuns, repository: FakeRepository, command: Command, actor: str, access: str
) -> None:
    runs.start(asked(RunKind.NEW))
    reply = carry_out(comment(f"/{command.name}", actor=actor), repository, runs)
    assert reply == (
        f"@{actor}, `/{command.name}` needs write access to this repository, and you have {access} access.\n"
        "Ask a maintainer to type it."
    )
    assert len(runs.started) == 1
    assert runs.stopped == []


def test_write_access_is_enough(runs: FakeRuns, repository: FakeRepository) -> None:
    carry_out(comment("/retry", actor="writer"), repository, runs)
    assert [request.actor for request in runs.started] == ["writer"]


def test_nothing_is_begun_anew_while_a_pull_request_is_green(runs: FakeRuns, repository: FakeRepository) -> None:
    repository.built = WorkflowRun(
        id=1, attempt=1, head_sha="a" * 40, status="completed", conclusion="success", url="u"
    )
    assert carry_out(comment("/retry"), repository, runs).startswith("#12 is green, so I begin nothing anew.")
    assert not runs.started
    carry_out(comment("/retry", number=12), repository, runs)
    assert [request.kind for request in runs.started] == [RunKind.RETRY_PULL]


def test_a_run_that_waits_for_people_makes_way(runs: FakeRuns, repository: FakeRepository) -> None:
    first = runs.start(asked(RunKind.DEPLOY, delivery="first")).run_id
    runs.published[first] = runs.published[first].model_copy(update={"stage": Stage.WAITING})
    assert carry_out(comment("/deploy", number=12), repository, runs).startswith("On it: ")
    assert runs.stopped == [first]
    assert [request.delivery for request in runs.started] == ["first", "guid"]


def test_nothing_is_built_anew_beside_what_is_merged(runs: FakeRuns, repository: FakeRepository) -> None:
    reply = carry_out(comment("/retry with segno"), merged(repository), runs)
    assert reply.startswith(
        "`qr-code` is merged for #3, so I build nothing anew: it would be a second service beside it."
    )
    assert runs.started == []


def test_while_a_run_is_at_work(runs: FakeRuns, repository: FakeRepository) -> None:
    runs.start(asked(RunKind.NEW, delivery="earlier"))
    assert carry_out(comment("/retry"), repository, runs) == (
        "I am already at work on #3 (stage: queued), so I have started nothing new.\n"
        "Wait for it to end, or type `/stop` first."
    )
    assert len(runs.started) == 1


def test_carried_out_again_after_a_crash(runs: FakeRuns, repository: FakeRepository) -> None:
    first = carry_out(comment("/stop\n/retry"), repository, runs)
    run = runs.active(REPO, 3)
    again = carry_out(comment("/stop\n/retry"), repository, runs)
    assert first is not None and "On it" in first
    assert again is not None and "On it" in again
    assert runs.active(REPO, 3) == run
    assert runs.stopped == []


def test_stop(runs: FakeRuns, repository: FakeRepository) -> None:
    run = runs.start(asked(RunKind.NEW, delivery="earlier")).run_id
    assert carry_out(comment("/stop", 12), repository, runs) == (
        "Stopped the work on #3. What is pushed stays as it is; `/retry` starts again."
    )
    assert runs.stopped == [run]
    # The run itself can no longer say so.
    assert "Stopped; `/retry` starts afresh." in repository.comments[3, "status:3"]


def test_two_commands_get_one_reply(runs: FakeRuns, repository: FakeRepository) -> None:
    stopped = runs.start(asked(RunKind.NEW, delivery="earlier")).run_id
    assert carry_out(comment("/stop\n/retry"), repository, runs) == (
        "**`/stop`**\n\nStopped the work on #3. What is pushed stays as it is; `/retry` starts again.\n\n"
        "**`/retry`**\n\nOn it: I read the issue again and try fresh strategies. "
        "The status comment above shows how far I am."
    )
    assert runs.stopped == [stopped]
    assert runs.active(REPO, 3) == run_id(REPO, 3, "guid/1")
    assert repository.reactions == [("eyes", 99)]


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("> /retry", 3),
        ("Nice work", 3),
        ("/lgtm", 3),
        ("/assign @octo\n/kind bug", 12),
        ("/retry", 4),
        ("/approve", 4),
        ("/retyr", 4),
        ("@gptdeploy /help", 4),
        ("/retry", 15),
        ("/deploy", 16),
    ],
)
def test_what_is_not_for_the_bot_gets_nothing_at_all(
    runs: FakeRuns, repository: FakeRepository, body: str, number: int
) -> None:
    assert carry_out(comment(body, number), repository, runs, CALLED) == ""
    assert (runs.started, repository.reactions) == ([], [])


def test_a_mistyped_command_is_told_the_nearest_one(runs: FakeRuns, repository: FakeRepository) -> None:
    reply = carry_out(comment("/retyr\n/lgtm", actor="stranger"), repository, runs)
    assert reply == "I do not know `/retyr`. Did you mean `/retry`? Nothing was done; `/help` lists what I know."
    assert repository.reactions == [("eyes", 99)]


def test_a_command_behind_the_bots_name(runs: FakeRuns, repository: FakeRepository) -> None:
    carry_out(comment("@gptdeploy /retry"), repository, runs, CALLED)
    assert runs.started == [asked(RunKind.RETRY)]


def test_an_issue_without_the_label_is_the_bots_where_it_has_worked(runs: FakeRuns, repository: FakeRepository) -> None:
    request = asked(RunKind.NEW).model_copy(update={"issue": 4})
    runs.end(runs.start(request).run_id, Stage.STOPPED)
    assert carry_out(comment("/retry", 4), repository, runs) == (
        "This issue does not carry the label `microservice`, so I have nothing to build here. "
        "If it describes a service, set the label: that starts the work."
    )


def test_a_bot_that_is_allowed_needs_no_access(runs: FakeRuns, repository: FakeRepository) -> None:
    request = comment("/retry", actor="stranger").model_copy(update={"by_bot": True})
    carry_out(request, repository, runs)
    assert len(runs.started) == 1


def test_a_deleted_comment_is_carried_out_all_the_same(runs: FakeRuns, repository: FakeRepository) -> None:
    repository.reaction_error = UserError("no such comment")
    assert carry_out(comment("/retry"), repository, runs)
    assert runs.started == [asked(RunKind.RETRY)]


def test_what_time_mends_is_tried_again(runs: FakeRuns, repository: FakeRepository) -> None:
    repository.reaction_error = TransientError("502")
    with pytest.raises(TransientError):
        carry_out(comment("/retry"), repository, runs)
    assert runs.started == []


def test_another_label(runs: FakeRuns, repository: FakeRepository) -> None:
    assert carry_out(comment("/retry"), repository, runs, Addressee(label="service")) == ""
    assert carry_out(comment("/retry", 4), repository, runs, Addressee(label="Bug"))


@pytest.mark.parametrize(
    ("body", "actor", "reply"),
    [
        ("/status", "visitor", "Für #3 ist bisher nichts gelaufen."),
        (
            "/retry",
            "visitor",
            "@visitor, `/retry` braucht Schreibrecht in diesem Repository",
        ),
        ("/retyr", "octo", "`/retyr` kenne ich nicht."),
        ("/help", "visitor", "Ein Issue mit dem Label `microservice` bittet mich um einen Dienst."),
    ],
)
def test_an_issue_that_no_run_has_read_is_answered_in_its_language(
    runs: FakeRuns, repository: FakeRepository, body: str, actor: str, reply: str
) -> None:
    repository.body = "Aus einem Text soll ein QR-Code werden."
    assert str(carry_out(comment(body, 3, actor=actor), repository, runs, CALLED)).startswith(reply)
