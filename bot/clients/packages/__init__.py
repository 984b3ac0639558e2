"""What services are built from: Python packages, Debian packages, the base image. The way in is `Packages`."""

from bot.clients.packages.base_image import BASE_IMAGE
from bot.clients.packages.client import Packages
from bot.clients.packages.resolve import Unresolvable

__all__ = ["BASE_IMAGE", "Packages", "Unresolvable"]
