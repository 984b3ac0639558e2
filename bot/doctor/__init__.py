"""`gptdeploy doctor`: whether all is set up that issues need to become services, and what to do where it is not."""

from bot.doctor.examination import CHECKS, Check, examine, healthy
from bot.doctor.finding import Finding, State
from bot.doctor.patient import Patient

__all__ = ["CHECKS", "Check", "Finding", "Patient", "State", "examine", "healthy"]
