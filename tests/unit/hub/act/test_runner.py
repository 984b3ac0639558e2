"""The real act on tiny workflows: jobs, steps, logs and conclusions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.hub.state import Job
from tests.unit.hub.act.act_bench import TOKEN, Bench
from tests.unit.workflow_files import BUILD, DEPLOY, workflow


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


GREEN = """
name: Green
on: push
env: {COLOUR: blue}
jobs:
  one:
    name: The job
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with: {fetch-depth: 2, persist-credentials: false}
      - name: Look around
        run: |
          echo "repository $GITHUB_REPOSITORY at $GITHUB_SHA $GITHUB_REF"
          echo "run $GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT by $GITHUB_ACTOR"
          echo "api $GITHUB_API_URL $GITHUB_GRAPHQL_URL"
          echo "outside <$OPENAI_API_KEY$GITHUB_TOKEN>"
          git log --format='commit %s'
          cat kept.log
      - name: Hold the token
        env: {TOKEN: "${{ secrets.GITHUB_TOKEN }}", REGISTRY: "${{ vars.REGISTRY }}"}
        run: |
          echo "token $TOKEN registry $REGISTRY"
          printf %s "$TOKEN" | base64
          echo "::error::an annotation"
          echo "::stop-commands::s70p"
          echo "::error::as it was printed"
          echo "::s70p::"
      - run: "true"
"""


def test_a_green_run_has_jobs_steps_and_a_log_like_githubs(bench: Bench) -> None:
    assert bench.run(GREEN, OPENAI_API_KEY="sk-of-the-bot") == "success"

    (job,) = bench.jobs
    assert (job.name, job.status, job.conclusion) == ("The job", "completed", "success")
    assert bench.steps() == dict.fromkeys(
        [
            "Set up job",
            "Run actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8",
            "Look around",
            "Hold the token",
            "Run true",
            "Complete job",
        ],
        "success",
    )
    assert all(step.started_at and step.completed_at and step.started_at <= step.completed_at for step in job.steps)
    log = bench.log()
    start = log.index('##[group]Run echo "token $TOKEN registry $REGISTRY"')
    assert log[start + 1] == '\x1b[36;1mecho "token $TOKEN registry $REGISTRY"\x1b[0m'
    assert log[log.index("##[endgroup]", start) - 2 :][:3] == ["env:", "  COLOUR: blue", "##[endgroup]"]
    said = log[log.index("##[endgroup]", start) + 1 :][:4]
    assert said == ["token *** registry 127.0.0.1:5000", "***", "##[error]an annotation", "::error::as it was printed"]


def test_steps_see_the_run_and_nothing_of_the_bots_environment(bench: Bench) -> None:
    bench.run(GREEN, OPENAI_API_KEY="sk-of-the-bot")

    log = bench.log()
    assert f"repository octo/demo at {bench.sha} refs/heads/main" in log
    assert "run 7-2 by octo" in log
    assert "api http://127.0.0.1:1/api/v3 http://127.0.0.1:1/api/graphql" in log
    assert "outside <>" in log
    assert [line for line in log if line.startswith("commit ")] == ["commit second", "commit first"]
    assert "committed" in log
    assert TOKEN not in bench.jobs[0].log.read_text()


RED = """
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    defaults: {run: {shell: bash}}
    steps:
      - name: Fail
        run: |
          for number in $(seq 1 500); do echo "line $number"; done
          (echo piped; exit 3) | cat
      - name: Left out
        run: echo never
      - name: Clean up
        if: ${{ !cancelled() }}
        run: echo tidy
  after:
    needs: one
    runs-on: ubuntu-latest
    steps:
      - run: echo never
"""


def test_a_red_run_keeps_the_failing_steps_last_lines(bench: Bench) -> None:
    assert bench.run(RED) == "failure"

    assert [(job.name, job.conclusion) for job in bench.jobs] == [("one", "failure"), ("after", "skipped")]
    assert bench.steps() == {
        "Set up job": "success",
        "Fail": "failure",
        "Left out": "skipped",
        "Clean up": "success",
        "Complete job": "success",
    }
    log = bench.log()
    assert log[log.index("line 500") :][:3] == ["line 500", "piped", "##[error]Process completed with exit code 3."]
    assert "never" not in log
    assert not bench.jobs[1].log.exists()


def test_changes_are_told_as_they_happen(bench: Bench) -> None:
    seen: list[str] = []

    def look(jobs: list[Job]) -> None:
        running = [step.name for step in jobs[0].steps if step.status == "in_progress"]
        if running == ["Clean up"]:
            seen.append(jobs[0].log.read_text())

    bench.run(RED, look)

    assert "exit code 3" in seen[0]
    assert not re.search(r"Z tidy$", seen[0], re.MULTILINE)


def test_a_repository_cannot_plant_settings_of_act(bench: Bench) -> None:
    work = bench.folder / "work"
    work.mkdir()
    for planted in (".env", ".secrets", ".vars", ".input"):
        (work / planted).write_text("PLANTED=yes\n")
    (work / ".actrc").write_text("--env PLANTED=yes\n")
    step = "echo planted $PLANTED ${{ secrets.PLANTED }} ${{ vars.PLANTED }} ${{ inputs.PLANTED }} end"
    bench.run(f"on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {step}\n")

    assert "planted end" in bench.log()


def test_a_workflow_act_refuses_fails_with_its_word_in_the_log(bench: Bench) -> None:
    assert (
        bench.run("on: push\njobs:\n  one:\n    needs: nowhere\n    runs-on: ubuntu-latest\n    steps: [{run: x}]\n")
        == "failure"
    )

    assert [job.conclusion for job in bench.jobs] == ["failure"]
    assert any(line.startswith("##[error]") for line in bench.log())


def test_a_file_that_is_no_yaml_fails_without_jobs(bench: Bench) -> None:
    assert bench.run("on: [push\n") == "failure"
    assert bench.jobs == []


TWO_JOBS = """
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps: [{run: exit 1}]
  two:
    needs: [one]
    runs-on: ubuntu-latest
    steps: [{uses: actions/checkout@v5}, {run: git status --short; echo end}]
"""


def test_jobs_that_are_done_are_not_run_again(bench: Bench) -> None:
    bench.kept = frozenset({"one"})

    assert bench.run(TWO_JOBS) == "success"

    assert [(job.key, job.conclusion) for job in bench.jobs] == [("two", "success")]
    # The steps see the commit as it is, not the workflow that was cut.
    assert bench.log()[-1] == "end"
    assert not any(line.startswith(" M") for line in bench.log())


SKIPPED = """
on: push
jobs:
  one:
    if: github.event_name == 'workflow_dispatch'
    runs-on: ubuntu-latest
    outputs: {word: "${{ steps.say.outputs.word }}"}
    steps: [{id: say, run: 'echo word=hello >> "$GITHUB_OUTPUT"'}]
  two:
    needs: one
    if: ${{ !cancelled() && needs.one.outputs.word == '' }}
    runs-on: ubuntu-latest
    steps:
      - if: needs.one.outputs.word != ''
        run: exit 1
      - env: {WORD: "${{ needs.one.outputs.word }}"}
        run: echo "word <$WORD>"
"""


def test_a_skipped_job_has_no_outputs(bench: Bench) -> None:
    assert bench.run(SKIPPED) == "success"
    assert {job.key: job.conclusion for job in bench.jobs} == {"one": "skipped", "two": "success"}
    assert "word <>" in bench.log(1)


def test_a_job_that_has_run_passes_its_outputs_on(bench: Bench) -> None:
    ran = SKIPPED.replace("== 'workflow_dispatch'", "== 'push'").replace("word == ''", "word == 'hello'")
    assert bench.run(ran.replace("run: exit 1", "run: 'true'")) == "success"
    assert "word <hello>" in bench.log(1)


CACHED = """
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - name: Not here
        if: env.RUNNER_ENVIRONMENT == 'github-hosted'
        uses: actions/cache/restore@0123456789012345678901234567890123456789 # v5
        with: {path: kept, key: a}
      - name: Fetch
        id: fetch
        uses: actions/cache/restore@v4
        with: {path: kept, key: a}
      - run: echo "found <${{ steps.fetch.outputs.cache-hit }}>"
      - name: Keep
        uses: actions/cache/save@v4
        with: {path: kept, key: a}
"""


def test_githubs_cache_is_there_and_empty(bench: Bench) -> None:
    assert bench.run(CACHED) == "success"

    assert list(bench.steps().values()) == ["success", "skipped", "success", "success", "success", "success"]
    assert "found <>" in bench.log()


@pytest.mark.parametrize(
    ("value", "labels", "conclusion"),
    [
        ("", ["ubuntu-latest"], "success"),
        ("big", ["big"], "success"),
        ('["self-hosted", "big"]', ["self-hosted", "big"], "success"),
        ("big", ["ubuntu-latest"], "skipped"),
    ],
)
def test_the_variable_chooses_the_runner_of_the_shipped_workflows(
    bench: Bench, value: str, labels: list[str], conclusion: str
) -> None:
    bench.variables |= {"GPTDEPLOY_RUNNER": value} if value else {}
    bench.labels = labels
    jobs = [job for name in (BUILD, DEPLOY) for job in workflow(name)["jobs"].values()]
    (runs_on,) = {job["runs-on"] for job in jobs}
    # act takes a job that no runner is there for as one that succeeds without a step.
    assert bench.run(f"on: push\njobs:\n  one:\n    runs-on: {runs_on}\n    steps:\n      - run: echo here\n")
    ran = bool(bench.jobs) and "here" in bench.log()
    assert ran == (conclusion == "success")
