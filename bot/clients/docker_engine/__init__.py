"""The Docker engine: a service is built and tested on it before anything is pushed."""

from bot.clients.docker_engine.connection import connect
from bot.clients.docker_engine.engine import Engine, Limits
from bot.clients.docker_engine.removal import tolerate

__all__ = ["Engine", "Limits", "connect", "tolerate"]
