"""What fetching fails with."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.fetch import fetch
from bot.errors import TransientError, UserError
from tests.fakes.internet import Internet


def refusal(url: str, internet: Internet, **options: Any) -> str:
    with pytest.raises(UserError) as error:
        fetch(url, network=internet.network(), **options)
    assert "/retry" in str(error.value)
    return str(error.value)


def postponement(url: str, internet: Internet, **options: Any) -> TransientError:
    with pytest.raises(TransientError) as error:
        fetch(url, network=internet.network(), **options)
    return error.value
