"""A site, and the internet it is on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.internet import PUBLIC, Internet, Site


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def internet(site: Site) -> Internet:
    internet = Internet({80: site.port})
    internet.names = {"files.example.com": [[PUBLIC]]}
    return internet
