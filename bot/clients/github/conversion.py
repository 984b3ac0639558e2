"""From the code with which GitHub sends a person back to the App that they have registered.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

from urllib.parse import quote

from github import Github

from bot.clients.github.errors import translated
from bot.clients.github.retries import read_retry
from bot.values.new_app import NewApp


def convert(api_url: str, code: str) -> NewApp:
    """Return the App that a code stands for. GitHub tells it once, within an hour.

    Raises:
        Rejected: the code is good for nothing, or no more.
        Unavailable: GitHub does not answer.
    """
    client = Github(base_url=api_url.rstrip("/"), timeout=20, user_agent="gptdeploy", retry=read_retry())
    with translated("take over the App that you have registered"):
        path = f"/app-manifests/{quote(code, safe='')}/conversions"
        app = client.requester.requestJsonAndCheck("POST", path)[1]
    return NewApp(
        id=app["id"],
        slug=app["slug"],
        url=app["html_url"],
        client_id=app["client_id"],
        client_secret=app["client_secret"],
        webhook_secret=app["webhook_secret"],
        private_key=app["pem"],
    )
