"""The command that runs the tests is read from the Dockerfile, as the builder would read it."""

from __future__ import annotations

import re

import pytest

from bot.clients.docker_engine.stages import read_stages
from bot.render import render


def dockerfile(fixtures: bool = False, test_requirements: bool = False) -> str:
    return render(
        "service/Dockerfile.j2",
        base_image="python:3.13-slim",
        system_packages=("ffmpeg",),
        fixtures=fixtures,
        test_requirements=test_requirements,
    )


@pytest.mark.parametrize("fixtures", [False, True])
def test_the_template_is_understood(fixtures: bool) -> None:
    stages = read_stages(dockerfile(fixtures))
    assert stages is not None
    # Isolated from what may lie where Python looks for modules.
    assert stages.command == "python -Iu /usr/local/lib/testing/run.py"
    assert stages.drops_rights
    *_, last = stages.before_tests.rstrip().splitlines()
    assert last.startswith("COPY interface.py")
    assert ("COPY fixtures/ " in stages.before_tests) is fixtures
    assert dockerfile(fixtures).startswith(stages.before_tests)


def test_fixtures_never_reach_the_service() -> None:
    *_, test, service = dockerfile(fixtures=True).split("FROM ")
    assert "COPY fixtures/ " in test
    assert "fixtures" not in service


def test_what_tests_need_is_installed_for_them_alone() -> None:
    dependencies, tools, test, service = dockerfile(test_requirements=True).split("\nFROM ")[-4:]
    assert "COPY test_requirements.txt" in tools
    assert re.search(
        r"pip --python /usr/local/lib/testing/venv install .* --requirement test_requirements.txt",
        tools.replace("\\\n", ""),
    )
    assert "test_requirements" not in dependencies + test + service
    assert "test_requirements" not in dockerfile()


def test_nothing_is_installed_once_the_tools_are_there() -> None:
    *_, test, service = dockerfile().split("FROM ")
    assert test.startswith("tools AS test")
    assert "install" not in test + service


def test_of_several_runs_the_last_one_is_the_tests() -> None:
    stages = read_stages(
        "FROM x AS tools\nRUN no\nfrom tools as Test\nrun one \\\n  # why\n\n  two\nCOPY a .\nRUN three \\\n && four\n"
        "FROM x\nRUN no\n"
    )
    assert stages is not None
    assert stages.command == "three  && four"
    assert not stages.drops_rights
    assert stages.before_tests.endswith("run one \\\n  # why\n\n  two\nCOPY a .\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FROM x\nRUN y\n",
        "FROM x AS dependencies\nFROM dependencies AS test\nRUN pip install pytest\nRUN pytest\n",
        "FROM x AS tools\nFROM tools AS test\n",
        'FROM x AS tools\nFROM tools AS test\nRUN ["pytest"]\n',
        "FROM x AS tools\nFROM tools AS test\nRUN --network=none pytest\n",
    ],
)
def test_what_is_not_the_templates_is_left_alone(text: str) -> None:
    assert read_stages(text) is None
