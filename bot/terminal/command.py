"""What `gptdeploy --description ...` does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bot.demo.command import DEPLOYED, NOT_DEPLOYED, IssueFile
from bot.errors import UserError
from bot.terminal.embedded import embedded
from bot.terminal.place import Place, on_github
from bot.terminal.watch import Watch, is_live

_DEMO_FOLDER = Path(".gptdeploy")


@dataclass(frozen=True)
class Wish:
    """What a person wants, and where.

    Attributes:
        repo: "owner/name" on GitHub, or "" for the embedded one.
        token: for GitHub, or "".
    """

    description: str
    tests: Sequence[str] = ()
    repo: str = ""
    label: str = ""
    token: str = ""
    api_url: str = ""


def create(wish: Wish, *, verbose: bool) -> int:
    """Open an issue, follow its run, and return how the process ends: 0 if the service is live, 1 if not.

    Raises:
        UserError: it cannot begin.
    """
    console = Console()
    place: AbstractContextManager[Place]
    if wish.repo:
        place = nullcontext(on_github(wish.repo, wish.token, wish.api_url))
        if verbose:
            console.print("Prompts and replies are the bot's alone; excerpts of failed builds are shown.")
    else:
        place = embedded(console, _DEMO_FOLDER, wish.label)
    again = ""
    try:
        with place as where:
            again = where.again
            return _follow(console, where, wish, verbose=verbose)
    except KeyboardInterrupt:
        console.print(f"stopped{'; ' if again else ''}{again}")
        return NOT_DEPLOYED


def _follow(console: Console, place: Place, wish: Wish, *, verbose: bool) -> int:
    text = IssueFile(title=wish.description[:60], description=wish.description, scenarios=tuple(wish.tests))
    issue = place.repository.open_issue(text.title, text.body(), [wish.label])
    if wish.label not in issue.labels:
        raise UserError(
            f"{issue.url} is open, and somebody with write access has to give it the label `{wish.label}`: "
            "your token may not, and the bot starts with the label."
        )
    progress = Watch(console, place, issue, _ask, verbose=verbose).until_end()
    live = progress.deployment
    if live is None or not is_live(progress) or not place.works(live.api_url, progress.slug):
        console.print(f"not deployed: {progress.note or 'see the issue'}", style="bold red", soft_wrap=True)
        return NOT_DEPLOYED
    console.print(f"playground: {live.playground_url}", style="bold green", soft_wrap=True)
    console.print(f"api: POST {live.api_url}", soft_wrap=True)
    return DEPLOYED


def _ask(prompt: str) -> str | None:
    """Return what the person at the terminal answers, "" for nothing but the enter key; None where nobody is there."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.strip() if line else None
