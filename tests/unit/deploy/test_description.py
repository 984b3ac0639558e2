"""What is read of a `service.json`, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.deploy.description import Description, Resources, read_description
from bot.errors import UserError
from tests.unit.deploy.described import DESCRIBED, service_folder


def test_a_description_is_read(tmp_path: Path) -> None:
    description = read_description(service_folder(tmp_path, json.dumps(DESCRIBED)))
    assert description == Description.model_validate(DESCRIBED)
    assert description.resources == Resources(timeout=60, memory=1024, cpus=1, pids=256)


def test_resources_are_read_and_what_a_rollout_does_not_need_is_left_out(tmp_path: Path) -> None:
    text = json.dumps({**DESCRIBED, "resources": {"memory": 64}, "strategy": {"name": "segno"}})
    assert read_description(service_folder(tmp_path, text)).resources == Resources(memory=64)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("{", "qr-code", "not valid JSON"),
        ("[]", "qr-code", "needs `slug`"),
        ('{"slug": "qr-code"}', "qr-code", "needs `slug`"),
        (json.dumps({**DESCRIBED, "resources": {"memory": "much"}}), "qr-code", r"`resources\.memory`"),
        (json.dumps(DESCRIBED), "other", "must be the same"),
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, text: str, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_description(service_folder(tmp_path, text, name))
