"""What becomes of a comment, however it was heard of."""

from __future__ import annotations

from collections.abc import Collection

from bot.commands.parser import listen
from bot.runs import Runs
from bot.values.command import CommandRequest


def hear_comment(request: CommandRequest, bot: int | None, runs: Runs, bots: Collection[int]) -> str:
    """Store what a comment asks for, wake the run that may wait for it, and return in a few words what was done.

    Args:
        bot: id of the account of a bot that has made it; bots: ids of those that may give commands.
    """
    # What a bot does must start nothing, or two bots, of which this may be one, could react to each other for ever.
    if bot is not None and bot not in bots:
        return "ignored: a bot"
    heard = listen(request.body)
    outcomes = []
    # Who says something on a pull request may have to be told how to be heard.
    # So has who has left a key there.
    if heard.commands or (heard.talk and request.is_pull) or request.keys:
        runs.command(request)
        outcomes.append(f"queued comment {request.comment_id}")
    # Other text in a comment on an issue may be the answer that its run waits for.
    if heard.talk and not request.is_pull:
        runs.signal(request.repo, request.number)
        outcomes.append(f"signalled the run of #{request.number}")
    return ", ".join(outcomes) or "ignored: no command"
