"""What the hub's pages are made of: Markdown, issue forms, logs, times."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.hub.actions.scheduler import token_permissions
from bot.hub.request_log import kind_of
from bot.hub.state.store import now
from bot.hub.web import issue_forms, markdown, workflow_runs

FORM = """\
name: Microservice
description: Describe a service
title: "[service] "
labels: [microservice]
body:
  - type: markdown
    attributes: {value: "Be **brief**."}
  - type: textarea
    id: description
    attributes: {label: Description, placeholder: What it does}
    validations: {required: true}
  - type: textarea
    id: example
    attributes: {label: Example, render: json}
  - type: dropdown
    id: size
    attributes: {label: Size, options: [small, large]}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b\n---|---\n1 | 2", "<td>1</td>"),
        ("~~gone~~", "<s>gone</s>"),
        ("see #12.", 'see <a href="/o/r/issues/12">#12</a>.'),
        ("http://qr.localhost:8080/.", '<a href="http://qr.localhost:8080/">http://qr.localhost:8080/</a>.'),
        ("[#3](http://x/)", '<a href="http://x/">#3</a>'),
        ("`#3 http://x/`", "<code>#3 http://x/</code>"),
        ("<details>\n<summary>More</summary>\n\n- one\n\n</details>", "<details>\n<summary>More</summary>"),
        ("a <!-- hidden --> b", "<p>a  b</p>"),
        ("<!-- a\nb -->\n\nc", "<p>c</p>"),
        ("`<!-- shown -->`", "&lt;!-- shown --&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<details onclick=x>", "&lt;details onclick=x&gt;"),
        ("<img src=x onerror=y", "&lt;img src=x onerror=y"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
    ],
)
def test_markdown(text: str, expected: str) -> None:
    assert expected in markdown.to_html(text, "/o/r")


def test_markdown_hides_comments_altogether() -> None:
    assert "gptdeploy" not in markdown.to_html("text\n<!-- gptdeploy:status -->", "/o/r")


def test_form_becomes_the_body_that_github_writes() -> None:
    form = issue_forms.parse(FORM)

    body = form.body({"description": " Generate\r\na code ", "example": '{"a": 1}'})

    assert body == (
        '### Description\n\nGenerate\na code\n\n### Example\n\n```json\n{"a": 1}\n```\n\n### Size\n\n_No response_'
    )
    assert (form.title, form.labels) == ("[service] ", ("microservice",))
    assert form.fields[-1].options == ("small", "large")


def test_form_knows_what_is_missing() -> None:
    form = issue_forms.parse(FORM)

    assert form.missing({"description": "  "}) == ["Description"]
    assert form.missing({"description": "x"}) == []


@pytest.mark.parametrize("text", ["body: [", "- a", "name: x", ""])
def test_what_is_no_form_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|form"):
        issue_forms.parse(text)


def test_log_keeps_its_newest_lines_without_times_and_colours(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    stamp = "2026-01-01T00:00:00.0000000Z"
    lines = [f"{stamp} line {n}" for n in range(workflow_runs.LOG_LINES)]
    log.write_text("\ufeff" + "\n".join([*lines, f"{stamp} \x1b[31m<red>\x1b[0m", f"{stamp} ##[error]it broke", ""]))

    shown = workflow_runs.log_html(log).splitlines()

    assert len(shown) == workflow_runs.LOG_LINES
    assert shown[0] == '<span class="line">line 2</span>'
    assert shown[-2:] == ['<span class="line">&lt;red&gt;</span>', '<span class="error">it broke</span>']
    assert workflow_runs.log_html(tmp_path / "none") == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "just now"), (42, "42 seconds ago"), (60, "1 minute ago"), (7_300, "2 hours ago")]
)
def test_ago(seconds: int, words: str) -> None:
    assert workflow_runs.ago(now() - timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/api/v3/repos/o/r/issues/1/comments", "read"),
        ("POST", "/api/v3/repos/o/r/issues/1/comments", "content"),
        ("PATCH", "/api/v3/repos/o/r/issues/1", "content"),
        ("PUT", "/api/v3/repos/o/r/pulls/2/merge", "content"),
        ("DELETE", "/api/v3/repos/o/r/git/refs/heads/x", "content"),
        ("POST", "/api/v3/repos/o/r/issues/1/reactions", "write"),
        ("POST", "/api/v3/repos/o/r/actions/workflows/x.yml/dispatches", "write"),
        ("POST", "/api/v3/repos/o/r/actions/runs/1/rerun", "write"),
        ("POST", "/api/v3/app/installations/1/access_tokens", "write"),
    ],
)
def test_kinds_of_requests(method: str, path: str, kind: str) -> None:
    assert kind_of(method, path) == kind


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
    assert token_permissions(workflow) == permissions
