"""The step and the instruction that failed are found, whoever wrote the log."""

from __future__ import annotations

import pytest

from bot.buildlog import find_failure, read_failure
from bot.buildlog.steps import find_failed_step
from bot.values.failure import FailureClass, Phase
from tests.unit.buildlog.written import APT, LOGS, as_github, classic


def test_the_step_is_read_from_the_log() -> None:
    act = ["[Build/Build] ⭐ Run Main Install", "[Build/Build]   | E: Unable to locate package x"]
    gh = ["Build\tInstall\t2026-05-07T10:00:00.0000000Z E: Unable to locate package x"]

    assert read_failure([*act, "[Build/Build]   ❌  Failure - Main Install [1.2s]"]).step == "Install"
    assert read_failure(
        [*gh, "Build\tInstall\t2026-05-07T10:00:01.0000000Z ##[error]Process completed with exit code 1."]
    ).step == ("Install")
    assert read_failure(as_github("E: Unable to locate package x")).step == "Run # The tests run in the build"
    assert read_failure(classic(APT, "E: Unable to locate package x").split("\n")).step.startswith("RUN apt-get update")


def test_raw_output_of_act_is_read_too() -> None:
    lines = ["[Microservice build/Build]   | " + line for line in (LOGS / "classic_apt.txt").read_text().split("\n")]

    assert read_failure(lines).headline == "Unable to locate package libnonsense9"


def test_a_failed_action_counts_before_what_runs_after_it() -> None:
    log = [
        "##[group]Run docker/build-push-action@v6",
        "##[endgroup]",
        "##[error]buildx failed with: ERROR: failed to solve: python:9: docker.io/library/python:9: not found",
        "##[group]Run echo cleaning up",
        "##[endgroup]",
        "E: Unable to locate package of-a-later-step",
        "##[error]Process completed with exit code 1.",
    ]

    failure = read_failure(log)

    assert "python:9: not found" in failure.headline
    assert failure.failure_class is FailureClass.DOCKER


def test_of_two_instructions_at_once_the_one_that_failed_counts() -> None:
    output = """\
#9 [docs 2/2] RUN make docs
#9 0.3 ERROR: Unknown directive
#9 0.3 Traceback (most recent call last):
#9 0.3   File "/docs/conf.py", line 3, in <module>
#9 0.3 ImportError: this one is caught
#10 [code 2/2] RUN pip install -r requirements.txt
#10 0.9 ERROR: No matching distribution found for qrcod==1
#9 ERROR: process "/bin/sh -c make docs" did not complete successfully: exit code: 137: context canceled
#10 ERROR: process "/bin/sh -c pip install" did not complete successfully: exit code: 1
------
 > [code 2/2] RUN pip install -r requirements.txt:
0.9 ERROR: No matching distribution found for qrcod==1
------
ERROR: failed to solve: process "/bin/sh -c pip install" did not complete successfully: exit code: 1"""

    failure = read_failure(as_github(output))

    assert failure.headline == "No matching distribution found for qrcod==1"
    assert "Unknown directive" not in failure.excerpt


def test_another_services_build_after_the_failed_one_is_not_read() -> None:
    green = "Sending build context to Docker daemon\nStep 1/1 : FROM python\n ---> f807c1140880\nSuccessfully built f8"
    refused = (
        "Sending build context to Docker daemon\nStep 1/9 : FROM nope\npull access denied for nope, denied: denied"
    )

    failure = read_failure(as_github(f"{refused}\nTesting services/other\n{green}"))

    assert (failure.phase, failure.failure_class) == (Phase.BASE_IMAGE, FailureClass.DOCKER)
    assert failure.headline.startswith("pull access denied for nope")


def test_cancelled_job_is_no_fault_of_the_code() -> None:
    lines = [
        "##[group]Run docker build .",
        "##[endgroup]",
        "#5 [1/2] RUN sleep",
        "##[error]The operation was canceled.",
    ]

    failure = read_failure(lines, "Build and test")

    assert (failure.failure_class, failure.headline) == (FailureClass.INFRA, "The operation was canceled.")


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        (
            "##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped.",
            "The runner has received a shutdown signal. This can happen when the runner service is stopped.",
        ),
        (
            "##[error]The job running on runner GitHub Actions 2 has exceeded the maximum execution time of 9 minutes.",
            "The job running on runner GitHub Actions 2 has exceeded the maximum execution time of 9 minutes.",
        ),
    ],
)
def test_a_runner_that_is_lost_is_infrastructure(line: str, headline: str) -> None:
    log = ["##[group]Run docker build .", "##[endgroup]", "#5 [1/2] RUN pip install x", "#5 1.1 ERROR: harmless"]

    failure = read_failure([*log, line, "##[error]The operation was canceled."], "Build and test")

    assert (failure.failure_class, failure.transient, failure.headline) == (FailureClass.INFRA, True, headline)
    assert failure.phase is Phase.PIP


def test_a_green_log_has_no_failure() -> None:
    log = [
        "##[group]Run docker build .",
        "##[endgroup]",
        "ERROR in a name is no error",
        "#5 DONE 1s",
        "Post job cleanup.",
    ]

    assert find_failure(log) is None
    assert read_failure(log).failure_class is FailureClass.INFRA


def test_lines_of_ours_cannot_be_forged() -> None:
    failure = read_failure(
        ["\0step Fake", "E: Unable to locate package x", "\0failed", "##[error]Process completed with exit code 1."]
    )

    assert (failure.step, failure.failure_class) == ("", FailureClass.APT)


def failing(script: str, output: str) -> list[str]:
    return [f"##[group]Run {script}", "##[endgroup]", output, "##[error]Process completed with exit code 1."]


LINT = failing("ruff check .", "ValueError: a linter's own")
TESTS = failing("python -m pytest", "KeyError: 'the cause'")


def test_a_step_after_which_another_one_fails_was_allowed_to_fail() -> None:
    assert find_failed_step([*LINT, *TESTS]).header == ["python -m pytest"]
    assert "a linter's own" in read_failure([*LINT, *TESTS]).excerpt


@pytest.mark.parametrize(
    "script", ["docker logs app", "cat server.log", "python publish.py", "rm -r data", "gptdeploy deploy"]
)
def test_a_step_that_runs_whatever_has_failed_is_not_the_one(script: str) -> None:
    assert find_failed_step([*TESTS, *failing(script, "KeyError: 'another'")]).header == ["python -m pytest"]


def test_the_name_of_the_failed_step_decides_where_it_is_known() -> None:
    assert find_failed_step([*LINT, *TESTS], "Run ruff check .").header == ["ruff check ."]
    logs = failing("docker logs app", "KeyError: 'another'")
    assert find_failed_step([*TESTS, *logs], "Run docker logs app").header == ["docker logs app"]
