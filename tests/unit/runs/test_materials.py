"""The packages that a service names, each with its version and its licence."""

from __future__ import annotations

import pytest

from bot.runs.materials import materials
from bot.values.packages import Material
from tests.fakes.packages import FakePackages

PINNED = """# Required: qrcode[pil]>=8, Pillow
fastapi==0.120.0
pillow==12.0.0
    # via qrcode
qrcode[pil]==8.2  # a comment
typing-extensions==4.15.0
"""


def test_what_a_service_names_is_told_with_version_and_licence() -> None:
    packages = FakePackages(licences={"qrcode": "BSD License"})
    assert materials(packages, PINNED) == [
        Material(name="qrcode", version="8.2", licence="BSD License"),
        Material(name="pillow", version="12.0.0"),
    ]


@pytest.mark.parametrize(
    "requirements", ["", "# Required: nothing\nfastapi==1.0\n", "# Required: gone\nfastapi==1.0\n"]
)
def test_a_service_that_names_nothing_has_no_materials(requirements: str) -> None:
    assert materials(FakePackages(), requirements) == []


def test_an_index_that_does_not_answer_costs_the_licence_only() -> None:
    assert materials(FakePackages(down=True), PINNED)[0] == Material(name="qrcode", version="8.2")
