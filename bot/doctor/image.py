"""The bot's own image, which deploys where a runner lacks the command `gptdeploy`: everybody can pull it."""

from __future__ import annotations

import re
from ipaddress import ip_address

import httpx

from bot.doctor.configured import seen
from bot.doctor.finding import Finding, green, red, unknown
from bot.doctor.patient import Patient
from bot.doctor.repository import image_in_workflow
from bot.doctor.runners import are_hosted

_LOOK_SECONDS = 10.0
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


class _NoToken(Exception):
    """Something else than a token server has answered."""


def image(patient: Patient) -> Finding:
    """The bot's image, which deploys on runners without the command `gptdeploy`, can be pulled."""
    if not are_hosted(patient):
        return green("self-hosted runners have the command `gptdeploy`, or a variable names the image")
    set_by_hand = seen(patient)
    wanted = (set_by_hand.variables.get("GPTDEPLOY_IMAGE") if set_by_hand else "") or image_in_workflow(patient)
    if not wanted:
        how = "`gptdeploy init` of a release writes it into the deploy workflow; else set GPTDEPLOY_IMAGE"
        return red("no image of the bot is named", how) if set_by_hand else unknown("it cannot be seen", how)
    try:
        status = _manifest_status(wanted)
    except httpx.TransportError as error:
        why = type(error).__name__
        return red(
            f"the registry of {wanted} does not answer ({why})", "See whether it runs, and GPTDEPLOY_IMAGE names it"
        )
    except _NoToken as error:
        return red(str(error), "See whether a proxy answers in its place")
    if status == 200:
        return green(f"everybody can pull {wanted}")
    if status in (401, 403):
        how = "Make the package public, or let this repository read it: the deploy job signs in as the repository"
        return unknown(f"not everybody can pull {wanted}", how)
    return red(f"{wanted} cannot be pulled: its registry answers {status}", "Correct the variable GPTDEPLOY_IMAGE")


def _manifest_status(image: str) -> int:
    """Return what the registry answers somebody who is not signed in and asks for an image's manifest.

    https://distribution.github.io/distribution/spec/auth/token/

    Raises:
        httpx.TransportError: the registry does not answer.
        _NoToken: what it names for that gives none.
    """
    name, _, reference = image.partition("@") if "@" in image else image.rpartition(":")
    host, _, path = name.partition("/")
    scheme = "http" if _is_loopback(host.partition(":")[0]) else "https"
    url = f"{scheme}://{host}/v2/{path}/manifests/{reference}"
    with httpx.Client(timeout=_LOOK_SECONDS, headers={"Accept": _MANIFESTS}) as client:
        answer = client.head(url)
        asked = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers.get("WWW-Authenticate", "")))
        realm = asked.pop("realm", "")
        if answer.status_code != 401 or not realm.startswith(f"{scheme}://"):
            return answer.status_code
        given = client.get(realm, params=asked)
        if not given.is_success:
            return given.status_code
        return client.head(url, headers={"Authorization": f"Bearer {_token(given)}"}).status_code


def _token(given: httpx.Response) -> str:
    try:
        answer = given.json()
    except ValueError:
        answer = None
    token = (answer.get("token") or answer.get("access_token")) if isinstance(answer, dict) else None
    if not isinstance(token, str):
        said = " ".join(given.text.split())[:200]
        raise _NoToken(f"{given.url.host} gives no token to pull with, but {said!r}")
    return token


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
