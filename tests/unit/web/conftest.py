"""The web application on runs in memory."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.config import Settings
from bot.web import create_app
from tests.fakes.app_key import app_key
from tests.fakes.runs import FakeRuns

SECRET = "it is a secret"


def settings(**changed: Any) -> Settings:
    values = {
        "GITHUB_APP_ID": 1,
        "GITHUB_PRIVATE_KEY": app_key(),
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "OPENAI_API_KEY": "key",
    }
    return Settings.model_validate(values | changed)


@pytest.fixture
def runs() -> FakeRuns:
    return FakeRuns()


@pytest.fixture
def client(runs: FakeRuns) -> FlaskClient:
    return create_app(settings(), runs).test_client()
