"""The files a repository needs before issues in it can become services."""

from __future__ import annotations

from bot.render import templates_dir

WORKFLOWS = ".github/workflows"
ISSUE_FORM = ".github/ISSUE_TEMPLATE/microservice.yml"

_NAMES = (f"{WORKFLOWS}/microservice-build.yml", f"{WORKFLOWS}/microservice-deploy.yml", ISSUE_FORM)


def repository_files() -> dict[str, str]:
    """Return path and text of the workflow files and the issue form, the same that this project's repository holds."""
    templates = templates_dir()
    checkout = templates.parent
    # An installed package carries them beside its templates; in a checkout they are where GitHub wants them.
    packaged = templates / "repository"
    root = packaged if packaged.is_dir() else checkout
    return {name: (root / name).read_text() for name in _NAMES}
