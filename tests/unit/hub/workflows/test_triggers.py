"""When a workflow runs, by GitHub's rules; the patterns are those of its filter pattern cheat sheet."""

from __future__ import annotations

import pytest

from bot.hub import workflows

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
    assert workflows.matches([pattern], value) is expected


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
    assert workflows.matches(patterns, value) is expected


def runs(
    on: str, event: str, action: str | None = None, branch: str = "main", paths: tuple[str, ...] = ("services/qr/x.py",)
) -> bool:
    return workflows.triggered(f"on: {on}\njobs: {{}}\n", event, action=action, branch=branch, paths=paths)


@pytest.mark.parametrize("on", ["push", "[push, pull_request]", "{push: }", "{push: {branches: [main]}}"])
def test_on_is_a_name_a_list_or_a_mapping(on: str) -> None:
    assert runs(on, "push")
    assert not runs(on, "issues", "opened")


def test_quoted_on_is_read_too() -> None:
    assert workflows.triggered('"on": push\n', "push", action=None, branch="main", paths=())


@pytest.mark.parametrize(
    ("on", "event", "action", "expected"),
    [
        ("pull_request", "pull_request", "opened", True),
        ("pull_request", "pull_request", "synchronize", True),
        ("pull_request", "pull_request", "reopened", True),
        ("pull_request", "pull_request", "closed", False),
        ("pull_request", "pull_request", "labeled", False),
        ("{pull_request: {types: [closed]}}", "pull_request", "closed", True),
        ("pull_request_target", "pull_request_target", "opened", True),
        ("pull_request_target", "pull_request_target", "closed", False),
        ("{pull_request_target: {types: [closed]}}", "pull_request_target", "closed", True),
        ("{pull_request_target: {types: [closed]}}", "pull_request", "closed", False),
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
