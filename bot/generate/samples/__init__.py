"""Small valid files for example requests and for tests, because a model cannot write the base64 of a picture."""

from bot.generate.samples.in_tests import sample_faults, sample_files
from bot.generate.samples.placeholders import filled, listed, listed_for_tests, placeholder, sample

__all__ = ["filled", "listed", "listed_for_tests", "placeholder", "sample", "sample_faults", "sample_files"]
