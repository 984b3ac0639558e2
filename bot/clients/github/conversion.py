"""From the code with which GitHub sends a person back to the App that they have registered.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

from urllib.parse import quote

from bot.clients.github.errors import translated
from bot.clients.github.sdk import sdk_client
from bot.values.new_app import NewApp


def convert(api_url: str, code: str) -> NewApp:
    """Return the App that a code stands for. GitHub tells it once, within an hour.

    Raises:
        Rejected: the code is good for nothing, or no more.
        Unavailable: GitHub does not answer.
    """
    client = sdk_client(api_url, None)
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
