"""What the bot needs in the repository: workflow files and the issue form."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from bot.doctor.finding import Finding, green, red
from bot.doctor.patient import Patient
from bot.init import WORKFLOWS, outdated, repository_files

_LONGEST_LINK = 8_000
"""Characters. GitHub takes no longer address, and shows "414 URI Too Long":
https://docs.github.com/en/issues/tracking-your-work-with-issues/creating-an-issue#creating-an-issue-from-a-url-query"""


def files(patient: Patient) -> Finding:
    """The workflow files and the issue form are there, and the workflows not older than this version of the bot."""
    repository, wanted = patient.repository, repository_files()
    branch = repository.default_branch()
    folders = {name.rpartition("/")[0] for name in wanted}
    present = {
        f"{folder}/{name}": text for folder in folders for name, text in repository.folder(folder, branch).items()
    }
    page = f"{patient.site}/{patient.repo}"
    missing = [name for name in wanted if name not in present]
    if missing:
        links = tuple((name, _new_file(f"{page}/new/{quote(branch)}", name, wanted[name])) for name in missing)
        seen = f"missing: {', '.join(f'`{name}`' for name in missing)}"
        return red(
            seen, "Write and push them, or make each on its page", lines=(_write_all(patient.repo),), links=links
        )
    workflows = {name.rpartition("/")[2]: text for name, text in present.items() if name.startswith(WORKFLOWS)}
    old = outdated(workflows)
    if old:
        seen = "; ".join(f"`{each.name}` lacks {', '.join(f'`{part}`' for part in each.lacks)}" for each in old)
        how = "Put that in, or write this version's and keep what you have changed yourself"
        links = tuple(
            (f"{WORKFLOWS}/{each.name}", f"{page}/edit/{quote(branch)}/{WORKFLOWS}/{each.name}") for each in old
        )
        return red(f"older than this version: {seen}", how, lines=(_write_all(patient.repo),), links=links)
    changed = [f"`{name}`" for name, text in wanted.items() if present[name] != text]
    return green(f"there, changed by people: {', '.join(changed)}" if changed else "as this version has them")


def _new_file(page: str, name: str, text: str) -> str:
    """Return the page where a file is made, with its text where GitHub takes so long an address."""
    link = f"{page}?{urlencode({'filename': name, 'value': text}, quote_via=quote)}"
    return link if len(link) <= _LONGEST_LINK else f"{page}?{urlencode({'filename': name}, quote_via=quote)}"


def _write_all(repo: str) -> str:
    """Return the line that puts all of them into a repository."""
    clone = repo.rpartition("/")[2]
    return (
        f"gh repo clone {repo} && gptdeploy init {clone} && git -C {clone} add .github && "
        f'git -C {clone} commit -m "Add the workflows of GPT Deploy" && git -C {clone} push'
    )
