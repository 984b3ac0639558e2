"""Where services run: a Docker engine in Swarm mode with an ingress and a playground, and how services get there.

A platform is the network, the ingress, the playground and the services of one name on an engine. `command` holds the
command line, `rollout` brings one service live.
"""

from bot.deploy.connection import connect
from bot.deploy.doors import Broken, Gap, Public, certificate_seconds, resolve
from bot.deploy.layout import DEFAULT_NAME, NAME_VARIABLE, Platform
from bot.deploy.owner import Owner
from bot.deploy.pulling import CannotPull, look_at_pulling
from bot.deploy.smoke import answers
from bot.deploy.swarm import find_platform, platform_down, platform_port, platform_up

__all__ = [
    "DEFAULT_NAME",
    "NAME_VARIABLE",
    "Broken",
    "CannotPull",
    "Gap",
    "Owner",
    "Platform",
    "Public",
    "answers",
    "certificate_seconds",
    "connect",
    "find_platform",
    "look_at_pulling",
    "platform_down",
    "platform_port",
    "platform_up",
    "resolve",
]
