"""Packages come by name from the index and from Debian, and only those that a service has not anyway."""

from __future__ import annotations

import pytest

from bot.guard.packages.requirements import debian_packages, direct_requirements, python_packages, with_note


def test_names_versions_extras_and_comments_are_read() -> None:
    kept, problems = python_packages(["qrcode[pil]", "", "# why", "requests >= 2  # for http", "Pillow", "pillow==9"])
    assert kept == ["qrcode[pil]", "requests>=2", "Pillow"]
    assert problems == []


def test_what_every_service_has_and_the_standard_library_are_dropped() -> None:
    assert python_packages(
        ["fastapi", "uvicorn[standard]", "pydantic<2", "pytest", "json", "re", "Base64", "Flask"]
    ) == ([], [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-r other.txt", "is an option"),
        ("--extra-index-url http://evil.example/simple", "is an option"),
        ("-e .", "is an option"),
        ("https://evil.example/x.whl", "is not a package name"),
        ("git+https://evil.example/x", "is not a package name"),
        ("x @ https://evil.example/x.whl", "is a URL"),
        ("x @ file:///etc/passwd", "is a URL"),
        ("./local", "is not a package name"),
        ("/abs/x.whl", "is not a package name"),
        ("None needed.", "is not a package name"),
        ("PIL", "require `pillow`"),
        ("cv2", "require `opencv-python-headless`"),
    ],
)
def test_anything_but_a_name_is_refused_with_the_reason(line: str, words: str) -> None:
    kept, problems = python_packages([line, "requests"])
    assert kept == ["requests"]
    assert len(problems) == 1
    assert words in problems[0]


def test_debian_names() -> None:
    assert debian_packages(["ffmpeg", "", "libgl1 # for cv2", "g++", "ffmpeg"]) == (["ffmpeg", "libgl1", "g++"], [])


def test_setuptools_is_no_part_of_the_image_and_may_be_wanted_in_an_old_version() -> None:
    assert python_packages(["setuptools<82"]) == (["setuptools<82"], [])


@pytest.mark.parametrize("name", ["curl; rm -rf /", "$(id)", "-y", "Upper", "a b", "x", '"', "None needed"])
def test_what_is_no_debian_name_is_refused(name: str) -> None:
    kept, problems = debian_packages([name])
    assert kept == []
    assert "no name of a Debian package" in problems[0]


def test_pinned_requirements_tell_what_they_were_pinned_for() -> None:
    pinned = with_note(["qrcode[pil]", "requests>=2"], "pillow==1  # via qrcode\nqrcode==2\nrequests==3\n")
    assert direct_requirements(pinned) == ["qrcode[pil]", "requests>=2"]
    assert "pillow==1" in pinned
    assert direct_requirements(with_note([], "fastapi==1\n")) == []


def test_without_the_note_it_is_what_no_other_package_asked_for() -> None:
    assert direct_requirements("fastapi==1\npillow==1  # via qrcode\nqrcode==2\n") == ["qrcode==2"]
