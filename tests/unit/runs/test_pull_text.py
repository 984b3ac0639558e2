"""The description of a pull request follows its run, and what people write stays."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.generate import prompts_version
from bot.generate.draft import object_schema
from bot.render import COMMENT_LIMIT
from bot.runs.pull_text import Shown, brought_up, parts
from bot.values.build import BuildRecord
from bot.values.cost import Usage
from bot.values.packages import Material
from bot.values.progress import Progress, StrategyRecord
from bot.values.service import Scenario, Service, Spec
from tests.fakes.fields import field

TEXT = object_schema([field("text")])
SPEC = Spec(
    slug="shout",
    title="Shout",
    summary="Says it louder.",
    input_schema=TEXT,
    output_schema=TEXT,
    scenarios=(Scenario(name="one", text="One"),),
)
SERVICE = Service(executor="", tests="", requirements="", example={"text": "it's"}, system_packages=("tesseract-ocr",))
QRCODE = Material(name="qrcode", version="8.2", licence="BSD | License")
SPENT = Usage(prompt=1000, completion=200, calls=3, models=("big", "small"))


def build(number: int, died_of: str = "") -> BuildRecord:
    url = f"https://github.com/octo/services/actions/runs/{number}"
    return BuildRecord(commit=f"{number:07}" + "0" * 33, url=url, began=1, seconds=2, died_of=died_of)


def told(*builds: BuildRecord, service: Service = SERVICE, **values: Any) -> Shown:
    record = StrategyRecord(name="pillow", builds=builds, usage=Usage(prompt=100, calls=1))
    known = {"run_id": "r", "repo": "octo/services", "issue": 3, "started_at": 0, "cause": "the issue", "usage": SPENT}
    progress = Progress.model_validate({**known, "strategies": (record,), **values})
    return Shown(SPEC, "gptdeploy/3-x/1-pillow", service, progress, 0)


def description(shown: Shown, *materials: Material) -> str:
    return "Mine.\n{service}\nYours.\n{builds}\n\n{made}\n\nPush.".format(**parts(shown, materials))


MADE = f"- 1970-01-01 00:00 UTC, the issue: `big`, `small` with prompts `{prompts_version()}`, "


def test_packages_commands_and_what_it_was_made_by() -> None:
    assert description(told(), QRCODE) == (
        "Mine.\n<!-- gptdeploy:service -->\n"
        "| package | version | licence |\n| --- | --- | --- |\n| `qrcode` | 8.2 | `BSD \\| License` |\n\n"
        "What these and the server need is in `requirements.txt`, in exact versions.\n\n"
        "**System packages**: `tesseract-ocr`\n\n"
        "**Run it** in a clone of `gptdeploy/3-x/1-pillow`, and call it from another terminal:\n\n"
        "```sh\ndocker build --tag shout services/shout && docker run --rm --read-only --tmpfs /tmp "
        "--publish 127.0.0.1:9080:8080 shout\n```\n\n"
        "```sh\ncurl http://127.0.0.1:9080/execute -H 'Content-Type: application/json' --data-binary "
        "'{\"text\": \"it'\\''s\"}'\n```\n"
        "<!-- gptdeploy:end -->\nYours.\n<!-- gptdeploy:builds -->\n\n<!-- gptdeploy:end -->\n\n"
        f"<!-- gptdeploy:made -->\n**Made by**\n\n{MADE}1,200 tokens until then, 100 tokens of it for this strategy\n"
        "<!-- gptdeploy:end -->\n\nPush."
    )


def test_what_is_not_known_is_said() -> None:
    assert "| `qrcode` | 8.2 | unknown |" in description(told(), Material(name="qrcode", version="8.2"))
    assert "**Packages**: none but the server's" in description(told())


def test_it_follows_the_run_and_keeps_what_earlier_runs_and_people_wrote() -> None:
    first = description(told(), QRCODE).replace("Yours.", "Edited.")
    red = build(1, died_of="E: `x`")
    second = brought_up(first, told(red, build(2)), [])
    lines = (
        "- [0000001](https://github.com/octo/services/actions/runs/1): ❌ `` E: `x` ``, 2 s\n"
        "- [0000002](https://github.com/octo/services/actions/runs/2): ✅ green, 2 s\n"
    )
    assert f"<details><summary>2 builds</summary>\n\n{lines}\n</details>" in second
    assert "none but the server's" in second
    assert "Edited." in second
    # Once more changes nothing, and neither does GitHub's way to end lines.
    assert brought_up(second, told(red, build(2)), []) == second
    assert str(brought_up(str(second).replace("\n", "\r\n"), told(red, build(2)), [])).replace("\r\n", "\n") == second

    later: dict[str, Any] = {
        "started_at": 120,
        "cause": "`/retry` on #4",
        "usage": Usage(prompt=7, cost_usd=0.5, calls=1, models=("big",)),
    }
    third = brought_up(second, told(build(3), **later), [])
    assert f"<summary>3 builds</summary>\n\n{lines}- [0000003]" in third
    assert f"{MADE}1,200 tokens" in third
    assert "- 1970-01-01 00:02 UTC, `/retry` on #4: `big` with prompts `" in third
    assert "`, 0.5000 USD until then, 100 tokens of it" in third
    # A run that asked no model made nothing.
    deployed = brought_up(third, told(started_at=240, cause="`/deploy`", usage=Usage()), [])
    assert deployed == third


def test_a_part_that_was_taken_away_stays_away() -> None:
    first = description(told(), QRCODE)
    without = first.replace("<!-- gptdeploy:builds -->\n\n<!-- gptdeploy:end -->", "")
    assert "builds" not in brought_up(without, told(build(1)), [QRCODE])
    assert brought_up("all mine", told(build(1)), []) == "all mine"


def test_what_github_would_not_take_is_not_written() -> None:
    long = description(told()).replace("Yours.", "x" * (COMMENT_LIMIT - 1_500))
    assert brought_up(long, told(*(build(number, "E" * 100) for number in range(10))), [QRCODE]) == long


def test_a_licence_is_nobodys_markdown() -> None:
    hostile = Material(name="x", version="1|2", licence="@octo <img src=x> [a](b) `|`")
    row = "| `x` | 1\\|2 | `` @octo <img src=x> [a](b) `\\|` `` |"
    assert row in description(told(), hostile)


def test_only_the_newest_builds_are_kept() -> None:
    text = brought_up(description(told()), told(*(build(number) for number in range(100))), [])
    assert "<summary>60 builds</summary>" in text
    assert "[0000099]" in text
    assert "[0000039]" not in text


def test_a_build_that_is_looked_at_again_is_one_build() -> None:
    first = description(told(build(1)))
    again = brought_up(first, told(build(1).model_copy(update={"seconds": 0})), [])
    assert again.count("actions/runs/1)") == 1
    assert "green, 2 s" in again


@pytest.mark.parametrize("text", ["short", "it's " * 200])
def test_the_command_sends_the_example(tmp_path: Path, text: str) -> None:
    example = {"text": text}
    service = SERVICE.model_copy(update={"example": example})
    shown = told(service=service)
    described = Path(tmp_path / "services/shout/service.json")
    described.parent.mkdir(parents=True)
    described.write_text(f'{{"example": {json.dumps(example)}}}')
    command = parts(shown, [])["service"].rpartition("```sh\n")[2].partition("\n```")[0]
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\ncase "$5" in @-) cat ;; *) printf %s "$5" ;; esac\n')
    curl.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == json.dumps(example)


def test_it_speaks_the_language_of_the_issue() -> None:
    german = replace(told(build(1)), spec=SPEC.model_copy(update={"language": "de"}))
    text = description(german, Material(name="qrcode", version="8.2"))
    assert "| Paket | Version | Lizenz |" in text
    assert "| `qrcode` | 8.2 | unbekannt |" in text
    assert "**Starte ihn** in einem Klon von `gptdeploy/3-x/1-pillow`" in text
    assert "<summary>1 Build</summary>" in text
    assert brought_up(text, german, [QRCODE]) == text.replace("8.2 | unbekannt", "8.2 | `BSD \\| License`")
