"""Which model an evaluation is of, found out as the bot finds it out."""

from __future__ import annotations

from collections.abc import Mapping

import click
import httpx

from bot.clients.llm import DEFAULT_MODEL
from tests.evaluate.endpoint import STAGES


def default_name(environ: Mapping[str, str]) -> str:
    """Return the model's name, by the bot's own rule: the one set, the only one on offer, or the default.

    Raises:
        click.UsageError: no model is named.
        click.ClickException: the endpoint does not answer.
    """
    base, key = environ.get("OPENAI_BASE_URL"), environ.get("OPENAI_API_KEY")
    if not base and not key:
        raise click.UsageError(
            "an evaluation needs a real model: set OPENAI_API_KEY, or OPENAI_BASE_URL (and OPENAI_MODEL) for an "
            "endpoint of your own, e.g. OPENAI_BASE_URL=http://127.0.0.1:11434/v1; or --replay what was recorded"
        )
    return environ.get("OPENAI_MODEL") or (_only_one(base, key) if base else None) or DEFAULT_MODEL


def describe(name: str, environ: Mapping[str, str]) -> str:
    """Return what to call the model: its name, and the models of stages that have another one."""
    # Some servers give the path of the file they serve.
    shown = name.rpartition("/")[2] if name.startswith("/") else name
    named = {stage: environ.get(f"OPENAI_MODEL_{stage.upper()}") for stage in STAGES}
    others = [f"{stage}: {model}" for stage, model in named.items() if model]
    return f"{shown} ({', '.join(others)})" if others else shown


def _only_one(base: str, key: str | None) -> str | None:
    """Return the model an endpoint offers, None where it offers several or does not say.

    Raises:
        click.ClickException: it does not answer.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        response = httpx.get(f"{base.rstrip('/')}/models", headers=headers, timeout=30)
        offered = [str(entry["id"]) for entry in response.json()["data"]]
    except httpx.TransportError as error:
        raise click.ClickException(f"the model's endpoint {base} does not answer: {error}") from error
    except (ValueError, KeyError, TypeError):
        return None
    return offered[0] if len(offered) == 1 else None
