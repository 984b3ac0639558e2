"""The App: its credentials, the clock that they depend on, what it may do, and whether it is told of anything."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx

from bot.clients.github.auth import PERMISSIONS
from bot.doctor.finding import Finding, green, red, unknown
from bot.doctor.patient import NeedsFirst, Patient
from bot.values.news import HookDelivery
from bot.web.events import EVENTS

_LEVELS = ("none", "read", "write", "admin")
_CLOCK_SECONDS = 30.0
"""GitHub takes no token from the future; PyGithub dates one a minute back."""
_LOOK_SECONDS = 10.0
_ASKED_AGAIN = 300.0
"""Seconds: within them the worker asks for what has failed."""
_LOOKED_BACK = 3 * 24 * 3600.0
"""Seconds. GitHub keeps deliveries for three days."""


def credentials(patient: Patient) -> Finding:
    """The App's credentials are there, and GitHub takes them."""
    try:
        app = patient.app
    except NeedsFirst as error:
        return red(
            str(error.__cause__),
            "Set what is named in `.env`, or start `gptdeploy serve` without: it registers the App",
        )
    registration = patient.registration
    return green(f"the App `{registration.slug}` of {registration.owner} on {app.github_site}")


def clock(patient: Patient) -> Finding:
    """This machine's clock is GitHub's; tokens are dated, and refused where it is not."""
    answer = httpx.get(f"{patient.app.github_api_url.rstrip('/')}/zen", timeout=_LOOK_SECONDS)
    try:
        ahead = patient.clock() - parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return unknown("GitHub's answer has no date", "See whether a proxy answers in its place")
    if abs(ahead) > _CLOCK_SECONDS:
        which = "ahead of" if ahead > 0 else "behind"
        return red(f"this machine is {abs(ahead):.0f} s {which} GitHub", "Set its clock: `timedatectl set-ntp true`")
    return green("as GitHub's")


def permissions(patient: Patient) -> Finding:
    """What the bot needs, the App asks for, and the installation has granted."""
    registration = patient.registration
    asked = _lacking(registration.permissions)
    if asked:
        page = f"{patient.site}/settings/apps/{registration.slug}/permissions"
        return red(f"the App does not ask for {', '.join(asked)}", "Add that on its page, Permissions & events", page)
    if not patient.repo:
        return green("the App asks for what it needs")
    granted = _lacking(patient.granted.permissions)
    if granted:
        return red(f"not granted: {', '.join(granted)}", "Accept it on the installation's page", patient.granted.url)
    return green("granted as needed")


def events(patient: Patient) -> Finding:
    """GitHub tells the App of all that it acts on."""
    registration = patient.registration
    missing = sorted(set(EVENTS) - set(registration.events))
    if missing:
        page = f"{patient.site}/settings/apps/{registration.slug}/permissions"
        return red(f"not subscribed: {', '.join(missing)}", "Tick them on the App's page, Permissions & events", page)
    return green("subscribed to all that are needed")


def webhook(patient: Patient) -> Finding:
    """Webhooks go to the bot, or to its channel of a relay, as JSON."""
    if patient.polls:
        return green("none: the bot asks GitHub what is new (`GPTDEPLOY_POLL`)")
    hook, page = patient.github.registered().hook(), f"{patient.site}/settings/apps/{patient.registration.slug}"
    if not hook.url:
        wanted = patient.channel or "https://<your host>/webhook"
        return red("the App has no webhook", f"Set its address to `{wanted}`", page)
    if hook.content_type != "json":
        return red(f"deliveries come as `{hook.content_type}`", "Set the content type to `application/json`", page)
    if patient.channel and hook.url != patient.channel:
        how = f"Set their address to `{patient.channel}` (`WEBHOOK_PROXY_URL`), or end that setting"
        return red(f"they go to {hook.url}, and the bot takes them from elsewhere", how, page)
    return green(hook.url)


def deliveries(patient: Patient) -> Finding:
    """What GitHub has delivered in the last days has arrived."""
    if patient.polls:
        return green("none are needed")
    newest: dict[str, HookDelivery] = {}
    for attempt in patient.github.hook().deliveries(time.time() - _LOOKED_BACK, pages=3):
        if not attempt.pending:
            newest.setdefault(attempt.guid, attempt)
    failed = [attempt for attempt in newest.values() if not attempt.ok]
    if failed and max(attempt.at for attempt in failed) > time.time() - _ASKED_AGAIN:
        # As during the set-up, where nobody could take them yet.
        return unknown(
            f"{len(failed)} of {len(newest)} have not arrived yet", "Look again: the worker asks for them again"
        )
    if failed:
        page = f"{patient.site}/settings/apps/{patient.registration.slug}/advanced"
        how = "Its page says why; the worker asks for them again when the bot can be reached"
        return red(f"{len(failed)} of {len(newest)} in the last three days have not arrived", how, page)
    if not newest:
        return unknown("none in the last three days", "Open an issue, then look again")
    return green(f"all {len(newest)} of the last three days have arrived")


def _lacking(granted: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {level}"
        for name, level in PERMISSIONS.items()
        if _LEVELS.index(granted.get(name, "none")) < _LEVELS.index(level)
    ]
