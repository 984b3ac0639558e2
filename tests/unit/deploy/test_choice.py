"""What follows from what a person names of a platform."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.deploy.choice import Choice
from bot.deploy.layout import TLS, Platform

PUBLIC, ALL = "https://apps.example.com", "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("choice", "platform"),
    [
        (Choice(), Platform()),
        (Choice(port=9000), Platform(port=9000)),
        (Choice(url=PUBLIC + "/"), Platform(PUBLIC, 443, ALL, tls=TLS.AUTO, plain_port=80)),
        (Choice(url=PUBLIC, tls=TLS.OFF), Platform(PUBLIC, 8080, "127.0.0.1")),
        (Choice(url=PUBLIC, tls=TLS.OFF, port=9000, bind="10.0.0.5"), Platform(PUBLIC, 9000, "10.0.0.5")),
        (Choice(url=PUBLIC + ":8443"), Platform(PUBLIC + ":8443", 8443, ALL, tls=TLS.AUTO)),
        (Choice(url=PUBLIC, plain_port=0), Platform(PUBLIC, 443, ALL, tls=TLS.AUTO)),
        (
            Choice(url=PUBLIC, tls=TLS.OWN, certificate="x"),
            Platform(PUBLIC, 443, ALL, tls=TLS.OWN, plain_port=80, certificate="x"),
        ),
        (Choice(url="http://apps.example.com"), Platform("http://apps.example.com", 80, ALL)),
        (Choice(url="http://localhost:9000"), Platform("http://localhost:9000", 9000)),
        (Choice(tls=TLS.INTERNAL), Platform(port=443, tls=TLS.INTERNAL)),
        (Choice(tls=TLS.INTERNAL, port=8443), Platform(port=8443, tls=TLS.INTERNAL)),
        (
            Choice(url="https://localhost:8443", tls=TLS.INTERNAL),
            Platform("https://localhost:8443", 8443, tls=TLS.INTERNAL),
        ),
        (Choice(url="http://192.0.2.7", paths=False), Platform("http://192.0.2.7", 80, ALL)),
    ],
)
def test_what_is_not_named_follows(choice: Choice, platform: Platform) -> None:
    assert choice.platform("gptdeploy", None) == platform


def test_what_is_not_named_stays_as_it_is() -> None:
    before = Platform(PUBLIC, 9443, "10.0.0.5", "other", ("10.1.0.0/16",), True, TLS.OWN, 9080, "x")
    assert Choice().platform("other", before) == before
    assert Choice(reachable=("10.2.0.0/16",)).platform("other", before).reachable == ("10.2.0.0/16",)
    moved = Choice(url="https://new.example").platform("other", before)
    assert (moved.port, moved.plain_port, moved.bind, moved.tls) == (443, 80, ALL, TLS.AUTO)
    assert (moved.name, moved.reachable, moved.paths) == ("other", ("10.1.0.0/16",), True)


def test_a_certificate_is_renewed_where_it_is() -> None:
    before = Platform(PUBLIC, 9443, "10.0.0.5", tls=TLS.OWN, plain_port=9080, certificate="x")
    renewed = Choice(tls=TLS.OWN, certificate="y").platform("gptdeploy", before)
    assert renewed == replace(before, certificate="y")


def test_without_a_url_the_platform_is_this_machines_again() -> None:
    before = Platform(PUBLIC, 443, ALL, tls=TLS.AUTO, plain_port=80)
    assert Choice(url="").platform("gptdeploy", before) == Platform()
    # Which address it listens on is not a matter of certificates.
    assert Choice(tls=TLS.INTERNAL).platform("gptdeploy", Platform(bind="10.0.0.5")).bind == "10.0.0.5"
