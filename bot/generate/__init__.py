"""What the model does, a function a stage: typed in, typed out, no effects but the model's."""

from bot.generate.aim import aim_of, named_services
from bot.generate.fix import FixRequest, write_fix
from bot.generate.implement import write_service
from bot.generate.interface_changes import interface_changes
from bot.generate.interface_table import FieldRow, interface_rows, status_rows
from bot.generate.network import Egress, open_to_new
from bot.generate.points import with_points
from bot.generate.prompt import prompts_version
from bot.generate.replan import change_plan
from bot.generate.respecify import change_spec
from bot.generate.revise import AS_SUGGESTED, RevisionRequest, write_revision
from bot.generate.specify import write_spec
from bot.generate.strategize import propose_strategies
from bot.generate.suggestions import with_suggestions
from bot.generate.tests import change_tests, review_tests, write_tests
from bot.generate.writer import Writer

__all__ = [
    "AS_SUGGESTED",
    "Egress",
    "FieldRow",
    "FixRequest",
    "RevisionRequest",
    "Writer",
    "aim_of",
    "change_plan",
    "change_spec",
    "change_tests",
    "interface_changes",
    "interface_rows",
    "named_services",
    "open_to_new",
    "prompts_version",
    "propose_strategies",
    "review_tests",
    "status_rows",
    "with_points",
    "with_suggestions",
    "write_fix",
    "write_revision",
    "write_service",
    "write_spec",
    "write_tests",
]
