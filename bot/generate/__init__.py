"""What the model does, a function a stage: typed in, typed out, no effects but the model's."""

from bot.generate.fix import FixRequest, write_fix
from bot.generate.implement import write_service
from bot.generate.specify import write_spec
from bot.generate.strategize import propose_strategies
from bot.generate.tests import review_tests, write_tests
from bot.generate.writer import Writer

__all__ = [
    "FixRequest",
    "Writer",
    "propose_strategies",
    "review_tests",
    "write_fix",
    "write_service",
    "write_spec",
    "write_tests",
]
