"""What the bot has beside GitHub: a model, a database, a worker."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from bot.clients.llm import Message, Model, ModelError
from bot.doctor.finding import Finding, green, red
from bot.doctor.patient import NeedsFirst, Patient
from bot.errors import UserError
from bot.runs.durable.database import shown
from bot.runs.durable.postgres import is_postgres
from bot.runs.durable.readiness import causes
from bot.runs.durable.server_fault import server_fault
from bot.runs.durable.sqlite import sqlite_path
from bot.worker import model_settings

_MODEL_SECONDS = 60.0
_HELD = "End whoever holds it, or give the file to the bot's user"


def model(patient: Patient) -> Finding:
    """The model answers one small question."""
    try:
        settings = replace(model_settings(patient.endpoint), timeout=_MODEL_SECONDS, retries=0)
    except UserError as error:
        return red(str(error), "Set it in `.env`, and start the bot again")
    question = Message(role="user", content="Answer with one word: is this an answer?")
    with closing(Model(settings)) as asked:
        try:
            asked.begin("doctor", [[question]]).ask()
        except ModelError as error:
            return red(str(error.why), "Set OPENAI_API_KEY, OPENAI_BASE_URL or OPENAI_MODEL in `.env`")
    where = settings.base_url or "OpenAI"
    return green(f"{settings.name or 'the model'} at {where} answers")


def database(patient: Patient) -> Finding:
    """The database can be written, and has space."""
    where = shown(patient.database_url)
    if is_postgres(patient.database_url):
        fault = server_fault(patient.database_url)
        return red(fault.seen, fault.remedy) if fault else green(where)
    if not sqlite_path(patient.database_url).exists():
        return red(f"{where} is not there yet", "Start the bot with `gptdeploy serve` once: it makes it")
    wrong = causes(patient.database_url)
    for name, how in (
        ("database", _HELD),
        ("disk", "Make space; runs that met a full disk go on by themselves"),
    ):
        if name in wrong:
            return red(wrong[name], how)
    return green(where)


def worker(patient: Patient) -> Finding:
    """A worker carries out runs."""
    wrong = causes(patient.database_url)
    if "database" in wrong and is_postgres(patient.database_url):
        # The server is asked for its workers.
        raise NeedsFirst("database")
    cause = wrong.get("worker", "")
    return red(cause, "Start it: `gptdeploy serve`, or `gptdeploy worker`") if cause else green("it looks for work")
