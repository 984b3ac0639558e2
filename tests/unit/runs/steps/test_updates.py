"""The title of an update's pull request, once it was changed as people ask."""

from __future__ import annotations

import pytest

from bot.runs.steps.updates import title_after
from bot.sentence import sentence, verbatim
from bot.values.revision import InterfaceChange
from bot.values.service import Spec

QR = Spec(slug="qr", title="QR", summary="", input_schema={}, output_schema={}, scenarios=())
GONE = InterfaceChange(text=verbatim("request: `a` is gone"), breaks=True)
NEW = InterfaceChange(text=verbatim("request: `b` is new"), breaks=False)


@pytest.mark.parametrize(
    ("title", "interface", "after"),
    [
        ("Update QR: A border", (NEW,), "Update QR: A border"),
        ("Update QR: A border", (GONE, NEW), "Update QR, breaks callers: request: `a` is gone"),
        ("Update QR, breaks callers: request: `x` is gone", (GONE,), "Update QR, breaks callers: request: `a` is gone"),
        ("Update QR, breaks callers: request: `a` is gone", (NEW,), "Update QR: It is back"),
        ("A border, at last", (GONE,), "A border, at last"),
    ],
)
def test_title_after(title: str, interface: tuple[InterfaceChange, ...], after: str) -> None:
    assert title_after(title, QR, interface, "It is back. Nothing else.") == after


def test_a_title_is_in_the_language_of_the_issue() -> None:
    gone = sentence("%(part)s: `%(name)s` is gone", part=sentence("request"), name="a")
    german, breaking = QR.model_copy(update={"language": "de"}), InterfaceChange(text=gone, breaks=True)
    title = title_after("QR ändern: Ein Rand", german, (breaking,), "Ein Rand.")
    assert title == "QR ändern, mit Folgen für Aufrufer: Anfrage: `a` entfällt"
    assert title_after(title, german, (NEW,), "Er ist zurück. Sonst nichts.") == "QR ändern: Er ist zurück"
