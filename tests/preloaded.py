"""What a worker reads before it has done anything: the process from which tests fork workers reads it once for all."""

import bot.__main__
import bot.clients.llm.endpoint
import bot.worker
from bot.language import detected

__all__ = ["bot"]

# The models of languages are read when a text is first looked at, which takes most of a second.
detected("A text in some language.")
