"""Small valid files for example requests, because a model cannot write the base64 of a picture."""

from bot.generate.samples.placeholders import filled, listed, placeholder, sample

__all__ = ["filled", "listed", "placeholder", "sample"]
