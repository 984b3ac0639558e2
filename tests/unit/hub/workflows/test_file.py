"""What a workflow file says of its jobs."""

from __future__ import annotations

import pytest

from bot.hub import workflows


@pytest.mark.parametrize(
    ("workflow", "permissions"),
    [
        ("jobs: {a: {}}", {"contents": "read", "packages": "read"}),
        ("permissions: {}\njobs: {a: {}}", {}),
        ("permissions: {contents: read, issues: none}\njobs: {a: {}}", {"contents": "read"}),
        (
            "permissions: {contents: read}\njobs: {a: {permissions: {pull-requests: write}}, b: }",
            {"contents": "read", "pull_requests": "write"},
        ),
    ],
)
def test_permissions_of_a_workflows_token(workflow: str, permissions: dict[str, str]) -> None:
    assert workflows.token_permissions(workflow) == permissions


def test_timeouts_and_names() -> None:
    text = "name: Build it\non: push\njobs: {a: {timeout-minutes: 2.5}, b: {}}\n"

    assert workflows.timeouts(text) == {"a": 2.5, "b": 360}
    assert workflows.workflow_name(text) == "Build it"
    assert workflows.workflow_name("on: push\n") == ""


@pytest.mark.parametrize("text", ["on: [push", "- a list", ""])
def test_a_file_that_is_no_workflow_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|mapping"):
        workflows.workflow_name(text)


MANY = """\
on: push
jobs:
  one: {runs-on: ubuntu-latest, timeout-minutes: 08}
  two:
    runs-on: ubuntu-latest
    needs: one
    continue-on-error: true
    steps:
      - name: 12:30
        run: |
          echo "on: $X"
          exit 1
  three:
    runs-on: ubuntu-latest
    needs: [one, two]
"""


def test_jobs_are_left_out_and_waited_for_no_more() -> None:
    assert workflows.needs(MANY) == {"one": [], "two": ["one"], "three": ["one", "two"]}

    shorter = workflows.without_jobs(MANY, {"one"})

    assert workflows.needs(shorter) == {"two": [], "three": ["two"]}
    before, after = workflows.load(MANY), workflows.load(shorter)
    two = {name: value for name, value in before["jobs"]["two"].items() if name != "needs"}
    assert (after["jobs"]["two"], after[True]) == (two, before[True])
    # What reads YAML by newer rules sees the same words, too.
    assert shorter.startswith("on: push\n")
    assert "continue-on-error: true\n" in shorter
    assert workflows.without_jobs(MANY, ()) == MANY


def test_outputs_are_those_of_jobs_that_have_run() -> None:
    text = "on: push\njobs:\n  two:\n    if: needs.one.outputs.x != ''\n    env: {X: '${{ needs.one.outputs.x }}'}\n"
    two = workflows.load(workflows.with_empty_outputs(text))["jobs"]["two"]
    output = "(needs.one.result != 'skipped' && needs.one.outputs.x || '')"
    assert two == {"if": f"{output} != ''", "env": {"X": f"${{{{ {output} }}}}"}}
    assert workflows.with_empty_outputs(MANY) == MANY


@pytest.mark.parametrize("text", ["jobs: [", "- a", ""])
def test_jobs_of_what_is_no_workflow(text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|mapping"):
        workflows.without_jobs(text, {"one"})
