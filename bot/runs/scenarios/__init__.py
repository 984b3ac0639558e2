"""The scenarios in a section of an issue, in whatever form people write tests: list, lines, table, steps, commands."""

from bot.runs.scenarios.section import Section, read_scenarios

__all__ = ["Section", "read_scenarios"]
