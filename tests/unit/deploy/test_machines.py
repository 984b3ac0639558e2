"""Which platforms can be on several machines."""

from __future__ import annotations

import pytest

from bot.deploy.layout import TLS, Platform
from bot.deploy.machines import check
from bot.errors import UserError


@pytest.mark.parametrize("tls", [TLS.AUTO, TLS.INTERNAL])
def test_certificates_that_one_machine_makes_are_not_for_others(tls: TLS) -> None:
    with pytest.raises(UserError, match="--certificate"):
        check(Platform(public_url="https://services.example.com", tls=tls))


@pytest.mark.parametrize("tls", [TLS.OFF, TLS.OWN])
def test_certificates_that_are_given_are_for_all(tls: TLS) -> None:
    check(Platform(public_url="https://services.example.com", tls=tls))
