"""The model, behind any OpenAI-compatible endpoint: begin a conversation, ask, refuse with the reasons, ask again.

Importing this does not import the SDK; making a `Model` does.
"""

from bot.clients.llm.completions import Message
from bot.clients.llm.conversation import Conversation
from bot.clients.llm.errors import ModelError, UnusableAnswer
from bot.clients.llm.model import DEFAULT_MODEL, Model, ModelSettings
from bot.clients.llm.replies import Refused, WouldFail, read_json

__all__ = [
    "DEFAULT_MODEL",
    "Conversation",
    "Message",
    "Model",
    "ModelError",
    "ModelSettings",
    "Refused",
    "UnusableAnswer",
    "WouldFail",
    "read_json",
]
