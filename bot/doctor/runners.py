"""The runners: what the repository's workflow files run on, and whether there is such a one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import yaml

from bot.doctor.finding import Finding, green, red, unknown
from bot.doctor.patient import NeedsFirst, Patient
from bot.init import WORKFLOWS
from bot.values.naming import BUILD_WORKFLOW, DEPLOY_WORKFLOW
from bot.values.runners import DEFAULT_RUNNER, HOSTED, RUNNER_VARIABLE, runner_labels

_WAITS_SECONDS = 300.0


def runner(patient: Patient) -> Finding:
    """Something runs what the workflows order."""
    page = f"{patient.site}/{patient.repo}"
    since = patient.repository.queued_since()
    if since is not None and time.time() - since > _WAITS_SECONDS:
        how = "Start a runner with the labels that `runs-on` names"
        return red(f"a job waits for one for {(time.time() - since) / 60:.0f} minutes", how, f"{page}/actions")
    try:
        wanted = runs_on(patient)
    except ValueError as error:
        line = f'gh variable set {RUNNER_VARIABLE} --repo {patient.repo} --body \'["self-hosted", "big"]\''
        return red(
            f"the variable {RUNNER_VARIABLE} is wrong: {error}", f"`{line}`", f"{page}/settings/variables/actions"
        )
    if not wanted:
        raise NeedsFirst("files")
    named = ", ".join(sorted(wanted))
    if _is_hosted(wanted):
        unless = "" if _variables(patient) is not None else f", unless the variable {RUNNER_VARIABLE} says otherwise"
        return green(f"GitHub's own: {named}{unless}")
    runners = patient.as_person.runners() if patient.as_person is not None else None
    if runners is None:
        how = "Settings, Actions, Runners: one with that label must be idle or active"
        return unknown(f"self-hosted: {named}", how, f"{page}/settings/actions/runners")
    ready = {name for each in runners if each.online for name in each.labels}
    if wanted - ready:
        lacking = ", ".join(sorted(wanted - ready))
        how = "Start one with that label, or see whether the organization has one"
        return red(f"no runner of the repository is online for {lacking}", how, f"{page}/settings/actions/runners")
    return green(f"online for {named}")


def are_hosted(patient: Patient) -> bool:
    """Return whether the repository's own workflow files run on GitHub's own runners.

    Raises:
        NeedsFirst: the variable that names them is wrong.
    """
    try:
        return _is_hosted(runs_on(patient))
    except ValueError as error:
        raise NeedsFirst("runner") from error


def _is_hosted(labels: frozenset[str]) -> bool:
    return all(label.startswith(HOSTED) for label in labels)


def runs_on(patient: Patient) -> frozenset[str]:
    """Return the labels that the repository's own workflow files run on; the default ones where a variable names them
    that cannot be seen.

    Raises:
        ValueError: the variable is wrong.
    """
    return frozenset(_labels(patient))


def _labels(patient: Patient) -> Iterator[str]:
    repository = patient.repository
    present = repository.folder(WORKFLOWS, repository.default_branch())
    for workflow in (BUILD_WORKFLOW, DEPLOY_WORKFLOW):
        for job in (yaml.safe_load(present.get(workflow, "")) or {}).get("jobs", {}).values():
            labels = job.get("runs-on", ())
            for label in [labels] if isinstance(labels, str) else labels:
                if f"vars.{RUNNER_VARIABLE}" in label:
                    yield from runner_labels((_variables(patient) or {}).get(RUNNER_VARIABLE, DEFAULT_RUNNER))
                else:
                    yield label


def _variables(patient: Patient) -> dict[str, str] | None:
    """Return the variables that jobs without an environment see, or None without a token that may see them."""
    found = patient.as_person.configured() if patient.as_person is not None else None
    return None if found is None else dict(found.variables)
