"""A package index that knows every name but some, without a network."""

from __future__ import annotations

from bot.clients.packages import BASE_IMAGE, Packages, Unresolvable


class FakePackages(Packages):
    """Pins everything to version 1.0.

    Attributes:
        asked: the requirements that were to be pinned, in order.
        unknown: names that do not exist.
    """

    def __init__(self, *unknown: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.unknown = set(unknown)

    def pin(self, requirements: str) -> str:
        self.asked.append(requirements)
        names = requirements.split()
        for name in names:
            if name in self.unknown:
                raise Unresolvable(f"{name} was not found in the package registry")
        return "".join(f"{name}==1.0\n" for name in [*names, "fastapi"])

    def base_image(self) -> str:
        return BASE_IMAGE
