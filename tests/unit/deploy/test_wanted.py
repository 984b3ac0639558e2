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
        ("a" * 34, 12, "a" * 34 + "-pr-12"),
        ("a" * 40, 12, "a" * 29 + "-e33c-pr-12"),
        # No two hyphens where it is cut.
        ("a" * 28 + "-" + "b" * 11, 12, "a" * 28 + "-bdec-pr-12"),
        ("a" * 40, 2**31 - 1, "a" * 21 + "-e33c-pr-2147483647"),
    ],
)
def test_a_preview_is_called_like_a_service(slug: str, pull: int, name: str) -> None:
    assert preview_name(slug, pull) == name
    assert re.fullmatch("[a-z]([a-z0-9-]{0,38}[a-z0-9])?", name)


def test_two_long_names_of_one_pull_request_stay_apart() -> None:
    assert preview_name("a" * 38 + "-b", 12) != preview_name("a" * 38 + "-c", 12)
