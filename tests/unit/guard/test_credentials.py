"""Keys and tokens are found by their form, and what the person gave is theirs."""

from __future__ import annotations

import pytest

from bot.guard.credentials import find_credentials
from bot.guard.source import Source
from bot.guard.tests import scenario_faults
from bot.values.service import Scenario

KEY = "AKIAIOSFODNN7EXAMPLE"
BLOCK = f"-----BEGIN RSA PRIVATE KEY-----\n{'MIIEpAIBAAKCAQEA' * 4}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        f"gh{'p'}_{'a1B2' * 9}",
        f"github_pat_{'a1_' * 12}",
        f"sk-{'proj-a1B2' * 4}",
        KEY,
        f"xox{'b'}-{'12-ab' * 4}",
        BLOCK,
    ],
)
def test_a_secret_is_found_and_not_repeated(text: str) -> None:
    (found,) = find_credentials(f'KEY = "{text}"')
    assert text.startswith(found.removesuffix("…"))
    assert len(found) < 10


@pytest.mark.parametrize(
    "text", ["sk-learn", "risk-" + "a" * 30, "ask-" + "b" * 30, r"AKIA[A-Z0-9]{16}", "-----BEGIN PRIVATE KEY-----", ""]
)
def test_other_text_is_no_secret(text: str) -> None:
    assert list(find_credentials(f"A = r'{text}'")) == []


def test_a_scenario_may_hold_what_looks_like_a_secret() -> None:
    scenario = Scenario(name="found", text=f"{KEY} is found", request={"text": KEY})
    source = f'def test_found(call):\n    assert call({{"text": "{KEY}"}}) == (200, {{"found": 1}})\n'
    assert scenario_faults(Source.read("test_executor.py", source), [scenario]) == []
    other = scenario_faults(Source.read("test_executor.py", source.replace("1}", f"'{KEY[:-1]}X'}}")), [scenario])
    assert [fault for fault in other if fault.endswith("[test-holds-secret]")] == other != []
