"""How what passes through the engine is stored: as the bot's, and as JSON."""

from __future__ import annotations

import json
from typing import Any

from dbos import Serializer

APPLICATION = "gptdeploy"
"""By what the engine knows what is the bot's."""


class JsonSerializer(Serializer):
    """Store what passes through the engine as JSON that people can read, instead of pickles."""

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            data = {"$error": f"{type(data).__name__}: {data}"}
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and "$error" in data:
            return RuntimeError(data["$error"])
        return data

    def name(self) -> str:
        return "json"
