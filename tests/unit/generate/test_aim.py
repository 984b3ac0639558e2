"""Which services the words of an issue name."""

from __future__ import annotations

import pytest

from bot.generate import named_services
from bot.values.service import Idea

SERVICES = ("qr-code", "draw", "upper-case")


@pytest.mark.parametrize(
    ("title", "description", "named"),
    [
        ("A border", "The QR code service needs a border.", ("qr-code",)),
        ("A border for qr-code", "Please.", ("qr-code",)),
        ("A border", "qr_code and upper case", ("qr-code", "upper-case")),
        ("A border", "QR codes with a border", ("qr-code",)),
        ("A border", "Our `draw` is too slow", ("draw",)),
        ("A border", "The draw service is too slow", ("draw",)),
        ("A border", "services/draw answers 500", ("draw",)),
        ("Draw", "Draw a border around a picture", ()),
        ("A border", "sqr-codex, upper-casement, drawservice", ()),
    ],
)
def test_named_services(title: str, description: str, named: tuple[str, ...]) -> None:
    assert named_services(Idea(title=title, description=description), SERVICES) == named
