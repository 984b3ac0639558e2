"""All checks in one table, and what comes of going through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import httpx

from bot.doctor import configured, files, image, inside, network, pulling, registration, repository, runners
from bot.doctor.finding import Finding, State, red, unknown
from bot.doctor.patient import NeedsFirst, Patient
from bot.errors import TransientError, UserError


@dataclass(frozen=True)
class Check:
    """One part of the set-up, and what looks at it."""

    name: str
    look: Callable[[Patient], Finding]


CHECKS = (
    Check("credentials", registration.credentials),
    Check("clock", registration.clock),
    Check("permissions", registration.permissions),
    Check("events", registration.events),
    Check("webhook", registration.webhook),
    Check("deliveries", registration.deliveries),
    Check("installation", repository.installation),
    Check("label", repository.label),
    Check("files", files.files),
    Check("settings", repository.settings),
    Check("actions", repository.actions),
    Check("runner", runners.runner),
    Check("variables", configured.variables),
    Check("secrets", configured.secrets),
    Check("image", image.image),
    Check("registry", configured.registry),
    Check("pull", pulling.pull),
    Check("platform", configured.platform),
    Check("dns", network.dns),
    Check("tls", network.tls),
    Check("model", inside.model),
    Check("database", inside.database),
    Check("worker", inside.worker),
)


def examine(patient: Patient, checks: Sequence[Check] = CHECKS) -> Iterator[tuple[str, Finding]]:
    """Yield the name of each check and what it has found, as soon as it has."""
    for check in checks:
        yield check.name, _look(check, patient)


def healthy(findings: list[tuple[str, Finding]]) -> bool:
    """Return whether nothing is red."""
    return all(finding.state is not State.RED for _, finding in findings)


def _look(check: Check, patient: Patient) -> Finding:
    try:
        return check.look(patient)
    except NeedsFirst as error:
        return unknown("not looked at", str(error))
    except (UserError, TransientError) as error:
        return red(str(error), "Mend that, then look again")
    except httpx.TransportError as error:
        return red(f"no connection ({type(error).__name__})", "See whether this machine reaches GitHub")
