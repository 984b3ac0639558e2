"""The image that deploys on runners: whether it can be pulled, and by whom."""

from __future__ import annotations

import pytest

from bot.doctor import State
from bot.init import repository_files
from bot.values.naming import DEPLOY_WORKFLOW
from tests.unit.doctor.ward import Ward, one, set_variables

WORKFLOWS = ".github/workflows"


def test_the_image_that_the_workflow_file_names_needs_no_variable(ward: Ward) -> None:
    digest = f"sha256:{'a' * 64}"
    image = f"{ward.registry.address}/octo/released@{digest}"
    path = f"{WORKFLOWS}/{DEPLOY_WORKFLOW}"
    ward.put(
        {path: repository_files()[path].replace("vars.GPTDEPLOY_IMAGE }", f"vars.GPTDEPLOY_IMAGE || '{image}' }}")}
    )
    set_variables(ward, "GPTDEPLOY_IMAGE")
    assert one("variables", ward.patient()).state is State.GREEN
    assert one("image", ward.patient()).state is State.RED
    ward.registry.manifests.add(f"octo/released/{digest}")
    # It can be seen by everybody who sees the repository.
    found = one("image", ward.patient(token=False))
    assert (found.state, found.seen) == (State.GREEN, f"everybody can pull {image}")
    ward.registry.private.add("octo/released")
    assert one("image", ward.patient()).state is State.UNKNOWN


@pytest.mark.parametrize("said", [b"<html>ok", b'{"message": "ok"}', b'["ok"]', b'{"token": null, "ok": 1}'])
def test_what_is_no_token_to_pull_with_is_told(ward: Ward, said: bytes) -> None:
    ward.registry.tokens = said
    found = one("image", ward.patient())
    assert found.state is State.RED and found.seen.startswith("127.0.0.1 gives no token to pull with, but '")
    assert "ok" in found.seen
