"""The name of a service: a DNS label that no other service has."""

from __future__ import annotations

import pytest

from bot.generate.draft import slug


@pytest.mark.parametrize(
    ("proposed", "title", "taken", "name"),
    [
        ("qr-code", "QR code with a logo", (), "qr-code"),
        ("qr-code", "QR code with a logo", ("qr-code",), "qr-code-logo"),
        ("qr-code", "QR code with a logo", ("qr-code", "qr-code-logo"), "qr-code-2"),
        ("qr-code", "A QR code service", ("qr-code",), "qr-code-2"),
        ("qr-code", "A QR code service", ("qr-code", "qr-code-2"), "qr-code-3"),
        ("", "Größe messen", ("groe-messen",), "groe-messen-2"),
        # A label of DNS has an end.
        ("x" * 36, "Extraordinary", ("x" * 36,), f"{'x' * 36}-2"),
    ],
)
def test_a_name_that_is_taken_is_told_apart(proposed: str, title: str, taken: tuple[str, ...], name: str) -> None:
    assert slug(proposed, title, taken) == (name if proposed else slug("", title, taken))
    assert slug(proposed, title, taken) not in taken
