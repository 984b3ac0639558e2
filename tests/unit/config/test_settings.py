"""The bot's settings, from the variables of the environment."""

from __future__ import annotations

import pytest

from bot.config import Settings
from bot.errors import UserError
from bot.values.seats import Limits
from tests.fakes.app_key import app_key

KEY = app_key()
GIVEN = {
    "GITHUB_APP_ID": "1",
    "GITHUB_PRIVATE_KEY": KEY,
    "GITHUB_WEBHOOK_SECRET": "it is a secret",
    "OPENAI_API_KEY": "key",
}


def test_all_faults_are_named_at_once_without_their_values() -> None:
    variables = {"GITHUB_APP_ID": "one", "GITHUB_WEBHOOK_SECRET": "secret", "OPENAI_TIMEOUT": "-7", "HOME": "/root"}
    with pytest.raises(UserError) as refused:
        Settings.from_environment(variables)
    text = str(refused.value)
    assert text.startswith("Settings: ")
    for name in ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET", "OPENAI_TIMEOUT"):
        assert f"{name}: " in text
    assert "'one'" not in text and "'secret'" not in text and "-7" not in text


def test_an_empty_variable_is_not_set() -> None:
    settings = Settings.from_environment(GIVEN | {"OPENAI_MODEL": "", "GPTDEPLOY_LABEL": ""})
    assert (settings.openai_model, settings.label) == (None, "microservice")


def test_a_model_needs_a_key_or_an_endpoint() -> None:
    variables = {name: value for name, value in GIVEN.items() if name != "OPENAI_API_KEY"}
    with pytest.raises(UserError, match="set OPENAI_API_KEY, or OPENAI_BASE_URL"):
        Settings.from_environment(variables)
    assert Settings.from_environment(variables | {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}).openai_api_key is None


@pytest.mark.parametrize(
    ("api", "site"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octo.ghe.com/", "https://octo.ghe.com"),
        ("https://git.example.com/api/v3", "https://git.example.com"),
        ("http://127.0.0.1:9000/api/v3", "http://127.0.0.1:9000"),
    ],
)
def test_links_lead_to_where_people_read(api: str, site: str) -> None:
    assert Settings.from_environment(GIVEN | {"GITHUB_API_URL": api}).github_site == site


def test_limits_are_those_of_all_workers_and_nobody_has_more_than_there_is() -> None:
    assert Settings.from_environment(GIVEN).limits == Limits()
    limits = Settings.from_environment(GIVEN | {"GPTDEPLOY_BUILDS": "8", "GPTDEPLOY_MODEL_CALLS_EACH": "2"}).limits
    assert (limits.builds.whole, limits.model_calls.each) == (8, 2)
    with pytest.raises(UserError, match="set GPTDEPLOY_RUNS_EACH to no more than GPTDEPLOY_RUNS"):
        Settings.from_environment(GIVEN | {"GPTDEPLOY_RUNS_EACH": "9", "GPTDEPLOY_RUNS": "8"})
    with pytest.raises(UserError, match="GPTDEPLOY_BUILDS_EACH"):
        Settings.from_environment(GIVEN | {"GPTDEPLOY_BUILDS_EACH": "0"})
