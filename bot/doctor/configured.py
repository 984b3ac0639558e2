"""What the workflows read: variables, the names of secrets, and by them where images and services go."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from bot.deploy import Broken, Public
from bot.doctor.finding import Finding, green, missing, red, unknown
from bot.doctor.patient import Patient
from bot.doctor.repository import image_in_workflow
from bot.doctor.runners import are_hosted
from bot.values.inspection import Configured
from bot.values.naming import DEPLOY_WORKFLOW

PLATFORM, REGISTRY = "microservices", "microservices-registry"
"""The environments of the two jobs that hold secrets."""
_GITHUBS = "ghcr.io"
_LOOK_SECONDS = 10.0
_NOTHING = Configured(variables={}, secrets=frozenset())
"""What is taken to be set where nobody can see it."""


def variables(patient: Patient) -> Finding:
    """The variables that the deploy workflow needs are set."""
    page = f"{patient.site}/{patient.repo}/settings/variables/actions"
    found = seen(patient)
    hosted = are_hosted(patient)
    missing = list(_missing_variables(found or _NOTHING, hosted=hosted, image=image_in_workflow(patient)))
    lines = tuple(f"gh variable set {name} --repo {patient.repo} --body {value}" for name, value in missing)
    if found is None:
        lines = (f"gh variable list --repo {patient.repo}", *lines)
        how = "The first line lists them, the others set what is needed; or set GITHUB_TOKEN"
        return unknown("the App may not see them", how, page, lines=lines)
    if missing:
        return red(
            f"not set: {', '.join(name for name, _ in missing)}", "Set them, with your values", page, lines=lines
        )
    return green(", ".join(sorted(found.variables)) or "none is needed")


def secrets(patient: Patient) -> Finding:
    """The secrets that the deploy workflow needs have names there; their values nobody can see."""
    page = f"{patient.site}/{patient.repo}/settings/environments"
    found = seen(patient)
    if found is None:
        listing = f"gh secret list --repo {patient.repo} --env {PLATFORM}"
        key = [_line(patient, "PLATFORM_SSH_KEY", PLATFORM)] if are_hosted(patient) else []
        how = "The first line lists their names, the others set what is needed; or set GITHUB_TOKEN"
        return unknown("the App may not see their names", how, page, lines=(listing, *key))
    missing = list(_missing_secrets(found))
    if missing:
        lines = tuple(line for name, environment in missing for line in _setting(patient, name, environment))
        how = "Set them"
        if patient.repository.is_private():
            # https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
            how += "; where GitHub's plan has no environments for private repositories, without `--env`"
        return red(f"not set: {', '.join(name for name, _ in missing)}", how, page, lines=lines)
    named = ", ".join(sorted(found.secrets))
    return unknown(named, "Values cannot be seen: the next deployment shows it") if named else green("none is needed")


def registry(patient: Patient) -> Finding:
    """Images can be pushed and pulled: the last deployment did, and the registry answers here."""
    page, pushed = _step(patient, "Push")
    if pushed is False:
        how = "The log says why: sign in with REGISTRY_USER and REGISTRY_PASSWORD, or let workflows write packages"
        return red("the last push failed", how, page)
    found = seen(patient)
    if found is None:
        if pushed:
            return green("the last deployment has pushed there")
        return unknown("nothing was pushed yet", "The first deployment shows whether it may")
    host = (found.variables.get("REGISTRY") or _GITHUBS).partition("/")[0]
    local = host.partition(":")[0] in ("localhost", "127.0.0.1")
    if local:
        where = f"{host} is the runner's own machine"
    else:
        try:
            status = httpx.get(f"https://{host}/v2/", timeout=_LOOK_SECONDS).status_code
        except httpx.TransportError as error:
            return red(f"{host} does not answer ({type(error).__name__})", "See whether it runs, and REGISTRY names it")
        if status not in (200, 401):
            return red(f"{host} is no registry: it answers {status}", "Correct the variable REGISTRY")
        where = f"{host} answers"
    if pushed:
        return green(f"{where}; the last deployment has pushed there")
    return unknown(f"{where}; nothing was pushed yet", "The first deployment shows whether it may")


def platform(patient: Patient) -> Finding:
    """What is live answers; what is to come has a place."""
    page, rolled_out = _step(patient, "Roll out")
    addresses = patient.repository.live_addresses()
    for address in addresses:
        try:
            status = Public(address).ask("/healthz", seconds=_LOOK_SECONDS).status
        except Broken as error:
            return missing(error.gap)
        if status != 200:
            how = "`gptdeploy platform status` on its machine says whether it runs; if so, see the proxy in front"
            return red(f"{address}healthz answers {status}", how, address)
    if rolled_out is False:
        how = "The log of its last deployment says why; `gptdeploy platform up` mends what is set up by it"
        return red("the last deployment was not rolled out", how, page)
    if addresses:
        return green(f"{addresses[0]} answers")
    return unknown("nothing is live yet", "`gptdeploy platform status` on its machine; the first deployment shows it")


def seen(patient: Patient) -> Configured | None:
    """Return all that the two jobs see, or None without a token that may see it."""
    if patient.as_person is None:
        return None
    places = [patient.as_person.configured(environment) for environment in ("", REGISTRY, PLATFORM)]
    if places[0] is None:
        return None
    # An environment that nobody has made has nothing.
    there = [place for place in places if place is not None]
    return Configured(
        variables={name: value for place in there for name, value in place.variables.items()},
        secrets=frozenset(name for place in there for name in place.secrets),
    )


def _setting(patient: Patient, name: str, environment: str) -> Iterator[str]:
    """Yield the lines that set a secret; the environment is made only where there is none, which changes no rules."""
    if patient.as_person is not None and patient.as_person.configured(environment) is None:
        yield f"gh api --silent --method PUT repos/{patient.repo}/environments/{environment}"
    yield _line(patient, name, environment)


def _line(patient: Patient, name: str, environment: str) -> str:
    # A key has several lines, which nobody pastes at a prompt.
    value = " < its-private-key-file" if name == "PLATFORM_SSH_KEY" else ""
    return f"gh secret set {name} --repo {patient.repo} --env {environment}{value}"


def _missing_variables(found: Configured, *, hosted: bool, image: str) -> Iterator[tuple[str, str]]:
    """Yield name and an example of each variable that is missing; `image` is what the deploy workflow names itself."""
    has = found.variables
    if hosted and "PLATFORM_HOST" not in has:
        yield "PLATFORM_HOST", "user@host"
    if (hosted or "PLATFORM_HOST" in has) and "PLATFORM_KNOWN_HOSTS" not in has:
        host = has.get("PLATFORM_HOST", "host").rpartition("@")[2]
        yield "PLATFORM_KNOWN_HOSTS", f'"$(ssh-keyscan {host})"'
    if hosted and not image and "GPTDEPLOY_IMAGE" not in has:
        yield "GPTDEPLOY_IMAGE", "ghcr.io/<owner>/gptdeploy:<version>"
    if "REGISTRY_PASSWORD" in found.secrets and "REGISTRY_USER" not in has:
        yield "REGISTRY_USER", "name"


def _missing_secrets(found: Configured) -> Iterator[tuple[str, str]]:
    """Yield each secret that is missing, with its environment."""
    if "PLATFORM_HOST" in found.variables and "PLATFORM_SSH_KEY" not in found.secrets:
        yield "PLATFORM_SSH_KEY", PLATFORM
    if "REGISTRY_USER" in found.variables and "REGISTRY_PASSWORD" not in found.secrets:
        yield "REGISTRY_PASSWORD", REGISTRY


def _step(patient: Patient, step: str) -> tuple[str, bool | None]:
    """Return the page of the last deployment, and whether a step of it succeeded; None where it was not tried."""
    url, jobs = patient.repository.last_jobs(DEPLOY_WORKFLOW) or ("", [])
    if any(step in job.failed for job in jobs):
        return url, False
    return url, True if any(step in job.succeeded for job in jobs) else None
