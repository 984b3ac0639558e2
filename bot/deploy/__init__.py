"""Where services run: a Docker engine in Swarm mode with an ingress and a playground, and how services get there.

A platform is the network, the ingress, the playground and the services of one name on an engine. `command` holds the
command line, `rollout` brings one service live.
"""

from bot.deploy.layout import DEFAULT_NAME, NAME_VARIABLE, Platform
from bot.deploy.smoke import answers
from bot.deploy.swarm import connect, find_platform, platform_down, platform_port, platform_up

__all__ = [
    "DEFAULT_NAME",
    "NAME_VARIABLE",
    "Platform",
    "answers",
    "connect",
    "find_platform",
    "platform_down",
    "platform_port",
    "platform_up",
]
