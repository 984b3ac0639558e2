"""`gptdeploy demo`: the whole way from an issue to a playground, on this machine."""

from __future__ import annotations

import json
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console

from bot.demo.examples import EXAMPLES, load
from bot.demo.live import follow
from bot.demo.outcome import outcome
from bot.demo.processes import BotCommands
from bot.demo.state import State
from bot.deploy import answers
from bot.errors import UserError
from bot.values.progress import Stage

if TYPE_CHECKING:
    from bot.demo.stack import Stack

DEPLOYED, NOT_DEPLOYED = 0, 1
"""How the demo ends. Where it cannot start it ends as every command does, with `bot.errors.EXIT_STATUS`."""

_STATE = Path(".gptdeploy")


class IssueFile(BaseModel):
    """What `--issue-file` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    description: str
    scenarios: tuple[str, ...] = ()

    def body(self) -> str:
        """Return the issue's body, as GitHub's issue form writes it."""
        scenarios = "\n".join(f"- {scenario}" for scenario in self.scenarios) or "_No response_"
        return f"### Description\n\n{self.description}\n\n### Test scenarios\n\n{scenarios}\n"


@click.command()
@click.option(
    "--description", help="What the service shall do. Needs a real model (OPENAI_API_KEY or OPENAI_BASE_URL)."
)
@click.option("--test", "tests", multiple=True, help="How it shall be tested; may be given several times.")
@click.option(
    "--issue-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON with title, description and scenarios, instead of --description and --test.",
)
@click.option("--example", default="qr", show_default=True, type=click.Choice(EXAMPLES), help="An example issue.")
@click.option("--once", is_flag=True, help="End with the outcome; the deployed service stays up until --down.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object, as the last line.")
@click.option(
    "--config",
    "config",
    multiple=True,
    metavar="KEY=VALUE",
    help="A line of the repository's .github/microservice.yml.",
)
@click.option("--down", is_flag=True, help="Remove all that the demo started, and end.")
# For measuring alone: how the bot fares with a GitHub that is far away.
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, hidden=True)
@click.make_pass_decorator(BotCommands, ensure=True)
def demo(  # noqa: PLR0913 (an argument an option)
    bot: BotCommands,
    description: str | None,
    tests: tuple[str, ...],
    issue_file: Path | None,
    example: str,
    once: bool,
    as_json: bool,
    config: tuple[str, ...],
    down: bool,
    latency: float,
) -> None:
    """Turn an issue into a running service on this machine.

    All parts are real; without a key a scripted model answers for the examples, with OPENAI_API_KEY or OPENAI_BASE_URL
    the real one does for any description. It ends with 0 (deployed, and the service answered its own example), 1 (not),
    2 (could not start).
    """
    try:
        from bot.demo import stack as parts
    except ImportError as error:
        raise UserError(f"The demo needs more than the bot ({error}): pip install 'gptdeploy[demo]'") from error
    # Standard output is for the outcome alone when it is JSON.
    console = Console(stderr=as_json)
    # A shell that starts the demo in the background makes it ignore Ctrl-C; this undoes it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    state = State(_STATE)
    try:
        with state.held(), ExitStack() as stack:
            if down:
                parts.take_down(state, console.print)
                return
            issue = _issue(description, tests, issue_file, example)
            lines = _pairs(config)
            if once:
                # Nobody is there to answer a question.
                lines.setdefault("clarify", "never")
            choices = parts.Choices(parts.repository_config(lines), parts.environment(), bot, latency)
            client = parts.prepare_machine(state, console.print)
            stack.callback(client.close)
            running = parts.start(stack, state, client, choices, console.print)
            code, result = _watch(console, running, issue)
            if as_json:
                click.echo(json.dumps(result))
            if not once:
                console.print("Running until Ctrl-C.")
                signal.pause()
    except KeyboardInterrupt:
        console.print("stopped; `gptdeploy demo --down` removes what is still up")
        sys.exit(NOT_DEPLOYED if once else DEPLOYED)
    sys.exit(code)


def _watch(console: Console, running: Stack, issue: IssueFile) -> tuple[int, dict[str, Any]]:
    """Open the issue, show the run until it ends, and ask the live service its own example."""
    began, before = time.monotonic(), len(running.hub.requests)
    number, page = running.open_issue(issue.title, issue.body())
    links = {"issue": page, "bot": running.bot_url}
    if running.scripted:
        console.print("model: scripted replies for the examples (no OPENAI_API_KEY, no OPENAI_BASE_URL)")
    progress = follow(console, lambda: running.look(number), links)
    # What a person waits: from opening the issue, not from when the bot noticed it.
    seconds = progress.seconds.model_copy(update={"total": time.monotonic() - began})
    live = progress.deployment
    answered = live is not None and answers(live.api_url, progress.slug)
    result = outcome(progress.model_copy(update={"seconds": seconds}), running.requests(before), answered)
    if progress.stage is Stage.DONE and live is not None:
        console.print(f"playground: {live.playground_url}", style="bold green", soft_wrap=True)
        console.print(f"api: POST {live.api_url}", soft_wrap=True)
    else:
        console.print(f"not deployed: {progress.note}", style="bold red", soft_wrap=True)
    return (DEPLOYED if result["outcome"] == "deployed" else NOT_DEPLOYED), result


def _issue(description: str | None, tests: tuple[str, ...], issue_file: Path | None, example: str) -> IssueFile:
    """Return what the issue shall say, from whichever option says it."""
    if issue_file is not None:
        if description is not None or tests:
            raise UserError("--issue-file stands in for --description and --test; give one or the other.")
        try:
            return IssueFile.model_validate_json(issue_file.read_text())
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise UserError(f"{issue_file}: {faults}") from error
    if description is not None:
        return IssueFile(title=description[:60], description=description, scenarios=tests)
    known = load(example)
    return IssueFile(title=known.title, description=known.description, scenarios=tests or known.scenarios)


def _pairs(config: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in config:
        key, equals, value = line.partition("=")
        if not equals:
            raise UserError(f"--config takes KEY=VALUE, not {line!r}.")
        pairs[key.strip()] = value.strip()
    return pairs
