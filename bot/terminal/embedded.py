"""The embedded GitHub with everything behind it, as a place where an issue is opened."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

from bot.clients.github import GitHub
from bot.demo.processes import BotCommands
from bot.demo.state import State
from bot.deploy import answers
from bot.errors import UserError
from bot.terminal.exchanges import Exchanges
from bot.terminal.place import Place

_POLL_SECONDS = 0.3


@contextmanager
def embedded(console: Console, folder: Path, label: str) -> Iterator[Place]:
    """Start what the demo starts, and stop it again, except for the platform with what is deployed on it.

    Args:
        folder: the demo's.
        label: of the issues that the bot works on.

    Raises:
        UserError: a part is missing or does not come up.
    """
    try:
        from bot.demo import stack as parts
    except ImportError as error:
        raise UserError(
            f"Without --repo I need what the demo needs ({error}): pip install 'gptdeploy[demo]'"
        ) from error
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    state = State(folder)
    with state.held(), ExitStack() as stack:
        transcript = state.fresh("transcript") / "transcript.jsonl"
        environ = parts.environment() | {"GPTDEPLOY_TRANSCRIPT": str(transcript), "GPTDEPLOY_LABEL": label}
        client = parts.prepare_machine(state, console.print)
        stack.callback(client.close)
        running = parts.start(stack, state, client, parts.Choices("", environ, BotCommands()), console.print)
        if running.scripted:
            console.print("model: scripted replies for the examples (no OPENAI_API_KEY, no OPENAI_BASE_URL)")
        github = GitHub.with_token(running.hub.api_url, running.hub.token(parts.OWNER))
        stack.callback(github.close)
        repository = github.repository(parts.REPOSITORY)
        again = "`gptdeploy demo --down` removes what is still up"
        yield Place(repository, _POLL_SECONDS, again, Exchanges(transcript), answers)
