"""The names of previews."""

from __future__ import annotations

import re

import pytest

from bot.deploy.wanted import preview_name


@pytest.mark.parametrize(
    ("slug", "pull", "name"),
    [
        ("qr-code", 12, "qr-code-pr-12"),
        ("a", 1, "a-pr-1"),
        ("a" * 40, 12, "a" * 34 + "-pr-12"),
        # No two hyphens where it is cut.
        ("a" * 33 + "-" + "b" * 6, 12, "a" * 33 + "-pr-12"),
        ("a" * 40, 2**31 - 1, "a" * 26 + "-pr-2147483647"),
    ],
)
def test_a_preview_is_called_like_a_service(slug: str, pull: int, name: str) -> None:
    assert preview_name(slug, pull) == name
    assert re.fullmatch("[a-z]([a-z0-9-]{0,38}[a-z0-9])?", name)
