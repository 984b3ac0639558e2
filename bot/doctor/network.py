"""The ways between GitHub, people and services: names that resolve, and certificates that hold."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from bot.deploy import Broken, certificate_seconds, resolve
from bot.doctor.finding import Finding, green, missing, red
from bot.doctor.patient import NeedsFirst, Patient
from bot.values.naming import is_loopback

_SOON_SECONDS = 14 * 24 * 3600.0


def dns(patient: Patient) -> Finding:
    """The names in the bot's own address, and in those of what is live, resolve."""
    hosts = []
    for address in _addresses(patient):
        parts = urlsplit(address)
        try:
            resolve(parts)
        except Broken as error:
            return missing(error.gap)
        hosts.append(str(parts.hostname))
    return green(", ".join(dict.fromkeys(hosts)))


def tls(patient: Patient) -> Finding:
    """What is reached over the internet has a certificate that holds."""
    held = []
    for address in _addresses(patient):
        parts = urlsplit(address)
        host = str(parts.hostname)
        if parts.scheme == "https":
            try:
                rest = certificate_seconds(parts)
            except Broken as error:
                return missing(error.gap)
            if rest < _SOON_SECONDS:
                return red(f"the certificate of `{host}` ends in {rest / 86400:.0f} days", "See why it is not renewed")
            held.append(host)
        elif not is_loopback(host):
            how = "`gptdeploy platform up --url https://...` for services; `compose.yaml` has a proxy for the bot"
            return red(f"{address} is plain HTTP", how)
    return green(", ".join(dict.fromkeys(held)) or "all addresses are this machine's own")


def _addresses(patient: Patient) -> list[str]:
    """Return the webhook's address, and those of what is live."""
    addresses = [] if patient.polls else [patient.github.registered().hook().url]
    # Without a repository there is nothing live.
    with suppress(NeedsFirst):
        addresses += patient.repository.live_addresses()
    return [address for address in addresses if urlsplit(address).hostname]
