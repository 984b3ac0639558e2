"""The repository: the App is installed on it, and it has what issues, builds and deployments need."""

from __future__ import annotations

from bot.config import REPO_CONFIG_PATH
from bot.doctor.finding import Finding, green, red, unknown
from bot.doctor.patient import Patient
from bot.init import WORKFLOWS, deployer_image
from bot.values.naming import BUILD_WORKFLOW, DEPLOY_WORKFLOW


def installation(patient: Patient) -> Finding:
    """The App is installed on the repository."""
    page = f"{patient.site}/apps/{patient.registration.slug}/installations/new"
    if not patient.repo:
        if not patient.repositories:
            return red(
                "the App is installed nowhere", "Install it on the repository that shall hold the services", page
            )
        return unknown(", ".join(patient.repositories), "`gptdeploy doctor owner/repo` looks at one of them")
    found = patient.github.registered().granted(patient.repo)
    if found is None:
        return red(f"the App is not installed on {patient.repo}", "Install it there", page)
    if found.suspended:
        return red("the installation is suspended", "End that on its page", found.url)
    return green(patient.repo)


def label(patient: Patient) -> Finding:
    """There is the label that starts the bot."""
    if patient.repository.has_label(patient.label):
        return green(f"`{patient.label}`")
    # The bot makes it, unless it may not or somebody has deleted it since.
    line = f"gh label create {patient.label} --repo {patient.repo}"
    page = f"{patient.site}/{patient.repo}/labels"
    return red(f"there is no label `{patient.label}`", "Make it", page, lines=(line,))


def actions(patient: Patient) -> Finding:
    """The repository runs workflows, and those of the bot are not disabled."""
    page = f"{patient.site}/{patient.repo}"
    if patient.as_person is not None and patient.as_person.actions_enabled() is False:
        return red("Actions are off", "Settings, Actions, General: allow them", f"{page}/settings/actions")
    for workflow in (BUILD_WORKFLOW, DEPLOY_WORKFLOW):
        state = patient.repository.workflow_state(workflow)
        if state is None:
            how = "Put it on the default branch; if it is there, Settings, Actions, General: allow Actions"
            return red(f"GitHub runs no `{workflow}`", how, f"{page}/settings/actions")
        if state != "active":
            return red(f"`{workflow}` is {state}", "Tab Actions: choose it, press Enable workflow", f"{page}/actions")
    return green("both workflows are active")


def image_in_workflow(patient: Patient) -> str:
    """Return the image that the repository's own deploy workflow names for runners without `gptdeploy`, or ""."""
    repository = patient.repository
    return deployer_image(repository.folder(WORKFLOWS, repository.default_branch()).get(DEPLOY_WORKFLOW, ""))


def settings(patient: Patient) -> Finding:
    """The repository's own settings can be read."""
    from bot.config import WrongSettings, read_settings, settle

    repository = patient.repository
    folder, _, name = REPO_CONFIG_PATH.rpartition("/")
    text = repository.folder(folder, repository.default_branch()).get(name)
    if text is None:
        return green(f"no `{REPO_CONFIG_PATH}`: the defaults")
    try:
        settle([read_settings(patient.repo, text)])
    except WrongSettings as error:
        return red(str(error), "Mend that line")
    return green(f"`{REPO_CONFIG_PATH}` is right")
