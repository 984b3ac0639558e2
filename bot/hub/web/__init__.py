"""The hub's web pages: what a person needs of repositories, issues, pull requests and workflow runs."""

from bot.hub.web import about, apps, checks, issues, pulls, repositories, settings, sign_in, workflow_runs
from bot.hub.web.apps import REGISTER
from bot.hub.web.markdown import to_html
from bot.hub.web.pulls import patch_lines
from bot.hub.web.times import ago, took

BLUEPRINTS = (
    repositories.PAGES.blueprint,
    issues.PAGES.blueprint,
    pulls.PAGES.blueprint,
    checks.PAGES.blueprint,
    settings.PAGES.blueprint,
    workflow_runs.PAGES.blueprint,
    about.BLUEPRINT,
    apps.BLUEPRINT,
    sign_in.BLUEPRINT,
)

__all__ = ["BLUEPRINTS", "REGISTER", "ago", "patch_lines", "to_html", "took"]
