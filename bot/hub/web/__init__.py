"""The hub's web pages: what a person needs of repositories, issues, pull requests and workflow runs."""

from bot.hub.web import about, issues, repositories, workflow_runs
from bot.hub.web.markdown import to_html
from bot.hub.web.times import ago, took

BLUEPRINTS = (
    repositories.PAGES.blueprint,
    issues.PAGES.blueprint,
    workflow_runs.PAGES.blueprint,
    about.BLUEPRINT,
)

__all__ = ["BLUEPRINTS", "ago", "to_html", "took"]
