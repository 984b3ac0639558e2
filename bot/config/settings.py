"""The bot's settings, from the environment or a `.env` file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from bot.config.faults import faults
from bot.config.limits import LimitSettings
from bot.config.private_key import read_private_key
from bot.config.stored import environment
from bot.config.written import written
from bot.errors import UserError
from bot.values.value import Value

DEFAULT_LABEL = "microservice"
POLL_SECONDS = 10.0
"""Between two looks at what is new, where there are no webhooks."""
_TOLD = (
    *("label", "poll_seconds", "allowed_bots", "openai_model", "model_specify", "model_tests", "model_strategize"),
    *("model_implement", "model_fix", "fallbacks", "effort", "context"),
)
"""Settings that people on GitHub may know: no secret, no address and no path."""


def takes_no_webhooks(environ: Mapping[str, Any]) -> bool:
    """Return whether the settings say that the bot asks GitHub what is new."""
    return str(environ.get("GPTDEPLOY_POLL", "")).lower() in ("1", "on", "t", "true", "y", "yes")


class OperatorSetting(Value):
    """A setting of the bot as people on GitHub are told of it: the variable's name, and its value in words.

    Attributes:
        given: it is set in the environment; otherwise it has its default.
    """

    name: str
    value: str
    given: bool


class _FromEnvironment(BaseModel):
    """Settings, one environment variable each; the variable's name is the field's alias."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, hide_input_in_errors=True)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must not be seen anywhere."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings from `environ`, by default the process's, after loading `.env`.

        Raises:
            UserError: names every setting that is missing or wrong.
        """
        if environ is None:
            environ = environment()
            # The model's SDK reads others of its variables there.
            os.environ.update(environ)
        # An empty variable is how compose files and CI say "not set".
        present = {name: value for name, value in environ.items() if value}
        known = {str(field.alias) for field in cls.model_fields.values()}
        try:
            settings = cls.model_validate({name: value for name, value in present.items() if name in known})
        except ValidationError as error:
            # Not as its cause: that holds the values.
            raise UserError("Settings: %(faults)s", faults=faults(error)) from None
        # The deployer starts without this, too.
        from bot.foreign import conceal

        conceal(settings.secrets)
        return settings


class AppSettings(_FromEnvironment):
    """Who the bot is on GitHub."""

    github_app_id: int = Field(alias="GITHUB_APP_ID", description="The GitHub App's id.")
    github_private_key: SecretStr = Field(
        alias="GITHUB_PRIVATE_KEY",
        description="The App's private key: PEM, also on one line with `\\n` in it, its base64, or the path of a file "
        "with it.",
    )
    github_webhook_secret: SecretStr = Field(
        alias="GITHUB_WEBHOOK_SECRET", min_length=8, description="The secret that signs the App's webhooks."
    )
    github_client_id: str | None = Field(
        default=None,
        alias="GITHUB_CLIENT_ID",
        description="The App's client id, to sign people in on the bot's page; with it goes GITHUB_CLIENT_SECRET.",
    )
    github_client_secret: SecretStr | None = Field(
        default=None,
        alias="GITHUB_CLIENT_SECRET",
        description="A client secret of the App. Without the two the page is for the bot's own machine alone.",
    )
    github_api_url: str = Field(
        default="https://api.github.com", alias="GITHUB_API_URL", description="GitHub's REST API, or an Enterprise one."
    )

    @field_validator("github_private_key")
    @classmethod
    def _good_key(cls, value: SecretStr) -> SecretStr:
        return SecretStr(read_private_key(value.get_secret_value()))

    @model_validator(mode="after")
    def _whole_sign_in(self) -> Self:
        if (self.github_client_id is None) != (self.github_client_secret is None):
            raise ValueError("set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET both, or neither")
        return self

    @property
    def private_key(self) -> str:
        """The App's private key in PEM format; it has signed something."""
        return self.github_private_key.get_secret_value()

    @property
    def github_site(self) -> str:
        """Where people read what the API serves: https://github.com, an Enterprise server's root, or X.ghe.com."""
        api = self.github_api_url.rstrip("/")
        return api.removesuffix("/api/v3") if api.endswith("/api/v3") else api.replace("://api.", "://", 1)


class EndpointSettings(_FromEnvironment):
    """Which models the bot asks, and where."""

    openai_api_key: SecretStr | None = Field(
        default=None,
        alias="OPENAI_API_KEY",
        description="The model's key; optional with OPENAI_BASE_URL.",
    )
    openai_base_url: str | None = Field(
        default=None, alias="OPENAI_BASE_URL", description="Any OpenAI-compatible endpoint, ending in /v1."
    )
    openai_model: str | None = Field(
        default=None,
        alias="OPENAI_MODEL",
        description="The model; by default the only one OPENAI_BASE_URL offers, else gpt-5-mini.",
    )
    model_specify: str | None = Field(
        default=None, alias="OPENAI_MODEL_SPECIFY", description="Another model for the specification."
    )
    model_tests: str | None = Field(
        default=None,
        alias="OPENAI_MODEL_TESTS",
        description="Another model for the tests, and for disputes about them.",
    )
    model_strategize: str | None = Field(
        default=None, alias="OPENAI_MODEL_STRATEGIZE", description="Another model for the strategies."
    )
    model_implement: str | None = Field(
        default=None, alias="OPENAI_MODEL_IMPLEMENT", description="Another model for the first files."
    )
    model_fix: str | None = Field(
        default=None, alias="OPENAI_MODEL_FIX", description="Another model for fixes, and for revisions."
    )
    fallbacks: str = Field(
        default="",
        alias="OPENAI_FALLBACKS",
        description="Models to ask instead when one refuses or is down, in order, separated by commas.",
    )
    effort: Literal["none", "minimal", "low", "medium", "high"] | None = Field(
        default=None,
        alias="OPENAI_EFFORT",
        description="Reasoning effort (`none` to `high`), for models that have it.",
    )
    context: int | None = Field(
        default=None,
        ge=4_000,
        alias="OPENAI_CONTEXT",
        description="Tokens a request and its reply may have together; by default what the endpoint or the price list "
        "says of the model.",
    )
    openai_timeout: float = Field(
        default=900, gt=0, alias="OPENAI_TIMEOUT", description="Seconds to wait for one reply of the model."
    )

    @model_validator(mode="after")
    def _some_model(self) -> Self:
        if self.openai_api_key is None and self.openai_base_url is None:
            raise ValueError("set OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint without a key")
        return self


class Settings(LimitSettings, EndpointSettings, AppSettings):
    """All of the bot's settings. `from_environment` reads them and reports every fault at once."""

    database_url: str = Field(
        default="sqlite:///gptdeploy.sqlite",
        alias="DATABASE_URL",
        repr=False,
        description="Where runs are kept: sqlite:///PATH; for more than one worker or machine "
        "postgresql://USER:PASSWORD@HOST/DATABASE.",
    )
    bind: str = Field(
        default="127.0.0.1:8000", alias="GPTDEPLOY_BIND", description="Address and port the web process listens on."
    )
    label: str = Field(
        default=DEFAULT_LABEL,
        alias="GPTDEPLOY_LABEL",
        description="The label that makes an issue a request for a service.",
    )
    allowed_bots: str = Field(
        default="",
        pattern=r"^[0-9, ]*$",
        alias="GPTDEPLOY_BOTS",
        description="Ids of bot accounts that may give commands, as if they had write access, separated by commas.",
    )
    webhook_proxy_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+/.+",
        alias="WEBHOOK_PROXY_URL",
        description="A channel of a relay such as smee.io, from which `serve` takes webhooks where GitHub cannot reach "
        "the bot.",
    )
    polls: bool = Field(
        default=False,
        alias="GPTDEPLOY_POLL",
        description="`true`: there are no webhooks, and the bot asks GitHub what is new.",
    )
    poll_seconds: float = Field(
        default=300.0,
        gt=0,
        alias="GPTDEPLOY_POLL_SECONDS",
        description="How long a run waits for a webhook before it asks GitHub itself; 10 with GPTDEPLOY_POLL.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        alias="GPTDEPLOY_METRICS_TOKEN",
        description="Whoever sends it as a bearer token reads `/metrics`, too; without it that is for the bot's own "
        "machine alone.",
    )
    transcript: Path | None = Field(
        default=None,
        alias="GPTDEPLOY_TRANSCRIPT",
        description="A file to which every prompt and reply is appended, a JSON object a line.",
    )

    @model_validator(mode="before")
    @classmethod
    def _poll_often(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {"GPTDEPLOY_POLL_SECONDS": POLL_SECONDS, **values} if takes_no_webhooks(values) else values

    @property
    def bots(self) -> frozenset[int]:
        """The ids of the bot accounts that may give commands."""
        return frozenset(int(number) for number in self.allowed_bots.replace(",", " ").split())

    @property
    def told(self) -> tuple[OperatorSetting, ...]:
        """Those that people on GitHub may know, as far as they have a value."""
        fields = type(self).model_fields
        return tuple(
            OperatorSetting(name=str(fields[name].alias), value=written(value), given=name in self.model_fields_set)
            for name in _TOLD
            if (value := getattr(self, name)) not in (None, "")
        )
