"""Steps are known in the language in which a person writes."""

from __future__ import annotations

import pytest

from bot.runs.scenarios.gherkin import step_kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Feature: x\nScenario: y\nGiven a\nAnd b\nWhen c\nThen d\nBut e", "fsgawta"),
        ("Szenario 2: y\nAngenommen a\nGegeben b\nWenn c\nDann d\nUnd e", "sggwta"),
        ("Escenario: y\nDado un texto\nCuando lo envío\nEntonces sale", "sgwt"),
        ("シナリオ: y\n前提 a\nもし b\nならば c", "sgwt"),
        ("**Given** a\n_When_ b\nThen c", "gwt"),
        # English and German words count alone, those of other languages only among steps.
        ("Then d\nDann e\nAlors f", "tt-"),
        ("Et moi\nDonc je suis", "--"),
        ("Andy eats\nScenario y\n* item", "---"),
    ],
)
def test_kinds(text: str, kinds: str) -> None:
    assert "".join(kind or "-" for kind in step_kinds(text.split("\n"))) == kinds
