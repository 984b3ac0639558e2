"""From what a model filled in to a specification, and the parts of a service's files that follow from that."""

from bot.generate.draft import skeleton
from bot.generate.draft.drafts import (
    REQUIREMENTS,
    AskingSpecDraft,
    FieldDraft,
    LimitDraft,
    PlanChangeDraft,
    RequirementDraft,
    SpecChangeDraft,
    SpecDraft,
    StrategiesDraft,
    StrategyDraft,
    TestChangeDraft,
    TestDraft,
    ValueDraft,
)
from bot.generate.draft.example import example_shape
from bot.generate.draft.interface import interface_source
from bot.generate.draft.json_schema import object_schema
from bot.generate.draft.names import scenario_name, slug
from bot.generate.draft.requirements import names_field, read_requirements, recheck, still_demanded
from bot.generate.draft.scenario_data import fitting_values, foreign_to, read_scenario, read_status, read_values

__all__ = [
    "REQUIREMENTS",
    "AskingSpecDraft",
    "FieldDraft",
    "LimitDraft",
    "PlanChangeDraft",
    "RequirementDraft",
    "SpecChangeDraft",
    "SpecDraft",
    "StrategiesDraft",
    "StrategyDraft",
    "TestChangeDraft",
    "TestDraft",
    "ValueDraft",
    "example_shape",
    "fitting_values",
    "foreign_to",
    "interface_source",
    "names_field",
    "object_schema",
    "read_requirements",
    "read_scenario",
    "read_status",
    "read_values",
    "recheck",
    "scenario_name",
    "skeleton",
    "slug",
    "still_demanded",
]
