"""GitHub in the bot's own words: the only way to it, and the only home of PyGithub.

Every write first looks for what an earlier try may have left (by a hidden marker, a branch's name, a commit's trailer)
and adopts it, so that a step can be run again at any point. Failed reads are repeated by the client; writes never are.
Failures are `TransientError` where time mends them and `UserError` (`Rejected`, `HeadMoved`) where a person can.

Importing this imports PyGithub, which is slow and which the web process does not need.
"""

from bot.clients.github.client import GitHub, Repository
from bot.clients.github.contents import NewCommit
from bot.clients.github.conversion import convert
from bot.clients.github.errors import HeadMoved, NoLog, Rejected
from bot.clients.github.merging import MergeText
from bot.clients.github.news import PAGE
from bot.clients.github.pacing import Pace
from bot.clients.github.sign_in import SignIn

__all__ = [
    "PAGE",
    "GitHub",
    "HeadMoved",
    "MergeText",
    "NewCommit",
    "NoLog",
    "Pace",
    "Rejected",
    "Repository",
    "SignIn",
    "convert",
]
