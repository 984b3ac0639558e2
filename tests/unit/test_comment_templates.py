"""What stands in code in a template of a comment is a name: a text of anybody's would end it, and is `code` itself."""

from __future__ import annotations

import re

from bot.render import templates_dir

_IN_CODE = re.compile(r"`[^`\n{]*\{\{\s*([^}|]+?)\s*\}\}[^`\n]*`|`[^`\n\"]*%\((\w+)\)s[^`\n\"]*`")
NAMES = {
    *("slug", "spec.slug", "name", "scenario.name", "requirement.name", "criterion.check", "material.name"),
    *("call.name", "call.meant", "operation", "options", "command", "number", "live.before.number", "permission"),
    *("path", "rules_path", "workflow", "repo", "unseen", "label", "prompts", "branch", "base", "file"),
    *("repository", "typed", "meant", "version", "command.example"),
    "progress.deployment.api_url",
}
"""Each follows a pattern without backticks, or is the bot's or the operator's own."""


def test_what_stands_in_code_is_a_name() -> None:
    texts = [file.read_text() for file in (templates_dir() / "comments").rglob("*.j2")]
    found = {first or second for text in texts for first, second in _IN_CODE.findall(text)}
    assert found - NAMES == set()
