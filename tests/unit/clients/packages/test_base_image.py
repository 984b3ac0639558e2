"""The base image's digest, from a small registry on loopback."""

from __future__ import annotations

import pytest

from bot.clients.packages.base_image import BASE_IMAGE, BaseImage
from tests.fakes.github_http import fake_github

DIGEST = "sha256:" + "5" * 64
MANIFEST = "/v2/library/python/manifests/3.13-slim"


def test_base_image_is_pinned_by_digest_and_asked_for_once_an_hour() -> None:
    now = [0.0]
    with fake_github() as registry:
        registry.on("GET", "/token", 200, {"token": "anonymous"})
        registry.on("HEAD", MANIFEST, 200, None, Docker_Content_Digest=DIGEST)
        image = BaseImage(registry.url, tokens=f"{registry.url}/token", clock=lambda: now[0])

        images = [image.reference(), image.reference()]
        asked = len(registry.requests)
        now[0] = 3601
        image.reference()

        assert images == [f"{BASE_IMAGE}@{DIGEST}"] * 2
        assert (asked, len(registry.requests)) == (2, 4)
        assert registry.asked("HEAD")[0].headers["authorization"] == "Bearer anonymous"


@pytest.mark.parametrize(
    ("token", "status", "digest"),
    [({"token": "x"}, 429, DIGEST), ({"token": "x"}, 200, "nonsense"), ({}, 200, DIGEST), ([], 200, DIGEST)],
)
def test_plain_tag_where_the_registry_does_not_help(token: object, status: int, digest: str) -> None:
    with fake_github() as registry:
        registry.on("GET", "/token", 200, token)
        registry.on("HEAD", MANIFEST, status, None, Docker_Content_Digest=digest)

        assert BaseImage(registry.url, tokens=f"{registry.url}/token").reference() == BASE_IMAGE


def test_plain_tag_without_a_registry() -> None:
    with fake_github() as gone:
        pass

    assert BaseImage(gone.url, tokens=f"{gone.url}/token").reference() == BASE_IMAGE
