"""What the model does, a function a stage: typed in, typed out, no effects but the model's."""

from bot.generate.fix import fix
from bot.generate.implement import implement
from bot.generate.specify import specify
from bot.generate.strategize import strategize

__all__ = ["fix", "implement", "specify", "strategize"]
