"""From what a model filled in to a specification, and the parts of a service's files that follow from that."""

from bot.generate.draft import skeleton
from bot.generate.draft.drafts import FieldDraft, SpecDraft, StrategiesDraft, StrategyDraft, TestDraft, ValueDraft
from bot.generate.draft.json_schema import object_schema
from bot.generate.draft.names import scenario_name, slug
from bot.generate.draft.scenario_data import read_scenario, read_values

__all__ = [
    "FieldDraft",
    "SpecDraft",
    "StrategiesDraft",
    "StrategyDraft",
    "TestDraft",
    "ValueDraft",
    "object_schema",
    "read_scenario",
    "read_values",
    "scenario_name",
    "skeleton",
    "slug",
]
