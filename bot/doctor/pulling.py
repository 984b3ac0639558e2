"""Whether the platform can pull, which only its own engine can tell."""

from __future__ import annotations

from bot.deploy import CannotPull, Owner, connect, find_platform, look_at_pulling
from bot.doctor.configured import seen
from bot.doctor.finding import Finding, green, red, unknown
from bot.doctor.patient import Patient
from bot.errors import UserError


def pull(patient: Patient) -> Finding:
    """The platform can pull, also when no job runs: its credentials hold, and its services' images are there."""
    number = patient.repository.number()
    repository = Owner(patient.repo, str(number or ""))
    try:
        client = connect(patient.host)
    except UserError as error:
        if patient.host:
            return red(str(error), "Name the platform's machine by `--host`")
        return unknown("no engine on this machine", _elsewhere(patient))
    found = find_platform(client, patient.platform)
    if found is None:
        return unknown("no platform on this engine", _elsewhere(patient))
    try:
        pulling = look_at_pulling(client, found, repository)
    except CannotPull as error:
        return red(error.seen, error.remedy)
    if not pulling.images and not pulling.places:
        return unknown("nothing is deployed yet, and it signs in nowhere", "Public images need no more")
    images = f"{pulling.images} images" if pulling.images != 1 else "1 image"
    return green("; ".join([*pulling.places, f"{images} of {patient.repo}"]))


def _elsewhere(patient: Patient) -> str:
    variables = found.variables if (found := seen(patient)) else {}
    host = variables.get("PLATFORM_HOST", "user@machine")
    return f"`gptdeploy doctor {patient.repo} --host {host}` asks the platform's own"
