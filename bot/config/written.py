"""How people write the value of a setting, in YAML and in the environment."""

from __future__ import annotations

import json
from typing import Any


def written(value: Any) -> str:
    """Return a value as a person would write it: `ask`, `5`, `0.5`, `true`, `[]`; "null" for None."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(value).removesuffix(".0")
    return json.dumps(value, ensure_ascii=False)
