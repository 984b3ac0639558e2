"""When a workflow runs, by GitHub's rules; the patterns are those of its filter pattern cheat sheet."""

from __future__ import annotations

import pytest

from bot.hub.workflows import triggers

CHEAT_SHEET = [
    ("feature/*", ["feature/my-branch", "feature/your-branch"], ["feature/beta-a/my-branch", "feature"]),
    ("feature/**", ["feature/beta-a/my-branch", "feature/mona/the/octocat"], ["features/x"]),
    ("main", ["main"], ["mainline", "my-main"]),
    ("*", ["main", "releases"], ["all/the/branches"]),
    ("**", ["main", "all/the/branches"], []),
    ("*feature", ["mona-feature", "feature"], ["feature-mona", "x/feature"]),
    ("v2*", ["v2", "v2.0", "v2.9"], ["v1"]),
    ("v[12].[0-9]+.[0-9]+", ["v1.10.1", "v2.0.0"], ["v3.0.0", "v1.x.1"]),
    ("*.jsx?", ["page.js", "page.jsx"], ["page.jsxx", "app/page.js"]),
    ("**.js", ["index.js", "js/index.js", "src/js/app.js"], ["index.jsx"]),
    ("docs/*", ["docs/README.md", "docs/file.txt"], ["docs/mona/octocat.txt", "docs"]),
    ("docs/**/*.md", ["docs/README.md", "docs/mona/hello-world.md", "docs/a/b.md"], ["docs/a.txt", "README.md"]),
    ("**/docs/**", ["docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"], ["mydocs/x"]),
    ("**/README.md", ["README.md", "js/README.md"], ["READMEmd", "js/OLD-README.md"]),
    ("**/*src/**", ["a/src/app.js", "my-src/code/js/app.js"], ["srcs/app.js"]),
    ("services/**", ["services/qr/executor.py", "services/README.md"], ["service/x", "a/services/x"]),
]


@pytest.mark.parametrize(("pattern", "value", "expected"), [
    (pattern, value, expected)
    for pattern, matching, others in CHEAT_SHEET
    for expected, values in ((True, matching), (False, others))
    for value in values
])  # fmt: skip
def test_patterns_match_as_github_documents(pattern: str, value: str, expected: bool) -> None:
    assert triggers.matches([pattern], value) is expected


@pytest.mark.parametrize(
    ("patterns", "value", "expected"),
    [
        (["*.md", "!README.md"], "README.md", False),
        (["*.md", "!README.md"], "hello.md", True),
        (["*.md", "!README.md", "README*"], "README.md", True),
        (["!README.md"], "hello.md", False),
    ],
)
def test_the_last_matching_pattern_decides(patterns: list[str], value: str, expected: bool) -> None:
    assert triggers.matches(patterns, value) is expected


def runs(
    on: str, event: str, action: str | None = None, branch: str = "main", paths: tuple[str, ...] = ("services/qr/x.py",)
) -> bool:
    return triggers.triggered(f"on: {on}\njobs: {{}}\n", event, action=action, branch=branch, paths=paths)


@pytest.mark.parametrize("on", ["push", "[push, pull_request]", "{push: }", "{push: {branches: [main]}}"])
def test_on_is_a_name_a_list_or_a_mapping(on: str) -> None:
    assert runs(on, "push")
    assert not runs(on, "issues", "opened")


def test_quoted_on_is_read_too() -> None:
    assert triggers.triggered('"on": push\n', "push", action=None, branch="main", paths=())


@pytest.mark.parametrize(
    ("on", "event", "action", "expected"),
    [
        ("pull_request", "pull_request", "opened", True),
        ("pull_request", "pull_request", "synchronize", True),
        ("pull_request", "pull_request", "reopened", True),
        ("pull_request", "pull_request", "closed", False),
        ("pull_request", "pull_request", "labeled", False),
        ("{pull_request: {types: [closed]}}", "pull_request", "closed", True),
        ("{pull_request: {types: closed}}", "pull_request", "opened", False),
        ("issues", "issues", "labeled", True),
        ("{workflow_dispatch: {inputs: {service: {required: true}}}}", "workflow_dispatch", None, True),
    ],
)
def test_activity_types(on: str, event: str, action: str | None, expected: bool) -> None:
    assert runs(on, event, action) is expected


@pytest.mark.parametrize(
    ("filters", "branch", "paths", "expected"),
    [
        ("{branches: [main], paths: ['services/**']}", "main", ["README.md", "services/a/b"], True),
        ("{branches: [main], paths: ['services/**']}", "main", ["README.md"], False),
        ("{branches: [main], paths: ['services/**']}", "other", ["services/a/b"], False),
        ("{branches-ignore: ['gptdeploy/**']}", "gptdeploy/7-0a/1-x", ["x"], False),
        ("{branches-ignore: ['gptdeploy/**']}", "main", ["x"], True),
        ("{paths-ignore: ['docs/**']}", "main", ["docs/a", "docs/b"], False),
        ("{paths-ignore: ['docs/**']}", "main", ["docs/a", "src/b"], True),
    ],
)
def test_filters(filters: str, branch: str, paths: list[str], expected: bool) -> None:
    assert runs(f"{{push: {filters}}}", "push", None, branch, tuple(paths)) is expected


CONTEXT = {
    "ref": "refs/heads/main",
    "workflow": "W",
    "sha": "5a",
    "event": {"pull_request": {"number": 7}, "inputs": None},
}


@pytest.mark.parametrize(
    ("concurrency", "expected"),
    [
        ("all", ("all", False)),
        ("{group: 'x-${{ github.workflow }}-${{github.ref}}'}", ("x-W-refs/heads/main", False)),
        ("{group: 'b-${{ github.event.pull_request.number }}', cancel-in-progress: true}", ("b-7", True)),
        ("{group: '${{ github.event.inputs.service || github.sha }}'}", ("5a", False)),
        ("{group: \"${{ github.head_ref || 'none' }}\"}", ("none", False)),
    ],
)
def test_concurrency_groups(concurrency: str, expected: tuple[str, bool]) -> None:
    assert triggers.concurrency_group(f"on: push\nconcurrency: {concurrency}\n", CONTEXT) == expected


def test_no_concurrency_is_no_group() -> None:
    assert triggers.concurrency_group("on: push\n", CONTEXT) is None


def test_an_expression_it_does_not_know_is_refused_not_guessed() -> None:
    with pytest.raises(ValueError, match="hashFiles"):
        triggers.concurrency_group("concurrency: ${{ hashFiles('x') }}\n", CONTEXT)


def test_timeouts_and_names() -> None:
    text = "name: Build it\non: push\njobs: {a: {timeout-minutes: 2.5}, b: {}}\n"

    assert triggers.timeouts(text) == {"a": 2.5, "b": 360}
    assert triggers.workflow_name(text) == "Build it"
    assert triggers.workflow_name("on: push\n") == ""


@pytest.mark.parametrize("text", ["on: [push", "- a list", ""])
def test_a_file_that_is_no_workflow_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|mapping"):
        triggers.workflow_name(text)


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
    assert triggers.needs(MANY) == {"one": [], "two": ["one"], "three": ["one", "two"]}

    cut = triggers.without_jobs(MANY, {"one"})

    assert triggers.needs(cut) == {"two": [], "three": ["two"]}
    before, after = triggers.load(MANY), triggers.load(cut)
    two = {name: value for name, value in before["jobs"]["two"].items() if name != "needs"}
    assert (after["jobs"]["two"], after[True]) == (two, before[True])
    # What reads YAML by newer rules sees the same words, too.
    assert cut.startswith("on: push\n")
    assert "continue-on-error: true\n" in cut
    assert triggers.without_jobs(MANY, ()) == MANY


@pytest.mark.parametrize("text", ["jobs: [", "- a", ""])
def test_jobs_of_what_is_no_workflow(text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|mapping"):
        triggers.without_jobs(text, {"one"})
