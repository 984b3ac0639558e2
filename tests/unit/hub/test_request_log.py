"""What counts against GitHub's limits."""

from __future__ import annotations

import pytest

from bot.hub.request_log import kind_of


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
        ("POST", "/api/v3/repos/o/r/actions/runs/1/rerun-failed-jobs", "write"),
        ("POST", "/api/v3/app/installations/1/access_tokens", "write"),
    ],
)
def test_kinds_of_requests(method: str, path: str, kind: str) -> None:
    assert kind_of(method, path) == kind
