"""The rules for packages: which may be used, and whether they provide what the files import.

What the package index says comes in as values; `in_question` and `requirements_in_question` tell what to ask it.
"""

from bot.guard.packages.famous import FAMOUS
from bot.guard.packages.imports import import_faults, lacking_packages, requirements_in_question
from bot.guard.packages.requirements import debian_packages, direct_requirements, python_packages, with_note
from bot.guard.packages.verdicts import NOT_THERE, in_question, name_of, needless, verdicts

__all__ = [
    "FAMOUS",
    "NOT_THERE",
    "debian_packages",
    "direct_requirements",
    "import_faults",
    "in_question",
    "lacking_packages",
    "name_of",
    "needless",
    "python_packages",
    "requirements_in_question",
    "verdicts",
    "with_note",
]
