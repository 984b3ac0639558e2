"""Which model is asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.fakes.model import serving
from tests.unit.clients.llm.conversing import ASK, files


@pytest.mark.parametrize(
    ("models", "name"), [(("qwen",), "qwen"), (("a", "b"), "gpt-5-mini"), ((), "gpt-5-mini"), (None, "gpt-5-mini")]
)
def test_the_only_model_an_endpoint_lists_is_used(models: tuple[str, ...] | None, name: str) -> None:
    with serving(models=models) as (_, model):
        assert model.default_name() == name


def test_a_named_model_is_used_whatever_is_listed() -> None:
    with serving("two", name="mine") as (fake, model):
        files(model, "fix", ASK, read=str)
    assert fake.requests[0]["model"] == "mine"


def test_the_sdk_is_imported_only_by_who_makes_a_model() -> None:
    """It takes most of a second, and whoever deploys a service or shows a page needs only names."""
    script = "import sys, bot.clients.llm, bot.generate; print('openai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
