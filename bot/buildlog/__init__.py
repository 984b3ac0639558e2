"""What a failed job died of, read from its log: one cause, and an excerpt with what a person must see of it.

`gptdeploy excerpt` is in `command`.
"""

from bot.buildlog.excerpt import LIMIT as EXCERPT_LIMIT
from bot.buildlog.green import read_build_facts
from bot.buildlog.read import HEADLINE_LIMIT, find_failure, read_failure

__all__ = ["EXCERPT_LIMIT", "HEADLINE_LIMIT", "find_failure", "read_build_facts", "read_failure"]
