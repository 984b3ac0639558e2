"""What a person does from nothing to a first live service: the list that the page shows, and the manual tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.doctor import Finding


@dataclass(frozen=True)
class Action:
    """One thing that a person does, in Markdown's plainest part: text with `code`.

    Attributes:
        check: the doctor's check that is green when it is done; "" where none can tell.
        done: it is done.
    """

    text: str
    check: str
    done: bool = False


_ACTIONS = (
    Action("Start `gptdeploy serve`, and open the address that it shows.", ""),
    Action("Press **Register the App on GitHub** on this page.", "credentials"),
    Action("Confirm its name on GitHub, which sends you back.", "credentials"),
    Action("Install the App on the repository that shall hold the services.", "installation"),
    Action("Give the bot a model: a key, or the address of an endpoint.", "model"),
    Action("Put the files into the repository: `gptdeploy init` in a clone of it.", "files"),
    Action("Commit and push them to the default branch.", "files"),
    Action("Set up a platform on a machine with a Docker engine: `gptdeploy platform up`.", "variables"),
    Action("Set the variables that the deploy workflow needs.", "variables"),
    Action("Set its secrets.", "secrets"),
    Action("Open an issue by the form: it becomes the first service.", "platform"),
)


def actions(found: Mapping[str, Finding]) -> list[Action]:
    """Return the list with what is done, by what the doctor has found; whoever sees it has done the first."""
    return [
        Action(each.text, each.check, each.check == "" or (each.check in found and found[each.check].state == "green"))
        for each in _ACTIONS
    ]
