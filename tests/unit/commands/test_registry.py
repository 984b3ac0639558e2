"""A command says what it does and how it is typed."""

from __future__ import annotations

import pytest

from bot.commands.registry import Command, Invocation, Place, Registry
from bot.sentence import verbatim


def _nothing(invocation: Invocation) -> str:
    return ""


@pytest.mark.parametrize(
    ("help_text", "example", "places"),
    [
        (" ", "/dance", (Place.ISSUE,)),
        ("Dances.", "", (Place.ISSUE,)),
        ("Dances.", "/sing", (Place.ISSUE,)),
        ("Dances.", "/dance", ()),
    ],
)
def test_no_command_without_help_example_and_place(help_text: str, example: str, places: tuple[Place, ...]) -> None:
    with pytest.raises(ValueError, match="/dance"):
        Command(name="dance", help=verbatim(help_text), example=example, places=places, action=_nothing)


def test_no_command_twice() -> None:
    dance = Command(name="dance", help=verbatim("Dances."), example="/dance", places=(Place.ISSUE,), action=_nothing)
    with pytest.raises(ValueError, match="twice"):
        Registry([dance, dance])
