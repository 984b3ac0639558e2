"""Images that no version needs any more are removed, and others stay."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from docker.errors import APIError, ImageNotFound

from bot.deploy import engine_images
from bot.deploy.layout import SLUG_LABEL, Platform
from tests.unit.deploy.rolling import with_playground

DIGEST = "sha256:" + "a" * 64


class Engine:
    """An engine with one image, of whose references it removes those that it is told."""

    def __init__(self, tags: list[str], digests: list[str], used: bool = False, needed: str = "") -> None:
        self.images = self.api = self
        self.needed = needed
        self.containers = with_playground(None)
        self.tags, self.digests, self.used = tags, digests, used
        self.removed: list[str] = []

    def services(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        """The services, each of one version."""
        assert filters == {"label": "gptdeploy.platform=gptdeploy"}
        template = {"ContainerSpec": {"Image": self.needed}}
        spec = {"Labels": {SLUG_LABEL: "qr"}, "TaskTemplate": template}
        return [{"UpdatedAt": "2026-01-02T03:04:05Z", "Spec": spec}] if self.needed else []

    def get(self, name: str) -> SimpleNamespace:
        if name not in (*self.tags, *self.digests):
            raise ImageNotFound(name)
        return SimpleNamespace(tags=self.tags, attrs={"RepoDigests": self.digests})

    def remove(self, reference: str) -> None:
        if self.used:
            raise APIError("conflict", response=SimpleNamespace(status_code=409))  # type: ignore[arg-type]
        self.removed.append(reference)


def removed(engine: Any, *names: str) -> list[str]:
    engine_images.remove(engine, Platform(), names)
    done: list[str] = engine.removed
    return done


def test_it_goes_with_the_tags_of_its_registry() -> None:
    name = f"127.0.0.1:5000/qr@{DIGEST}"
    engine = Engine(["127.0.0.1:5000/qr:0123", "127.0.0.1:5000/other:1", "mine:1"], [name])
    assert removed(engine, name) == ["127.0.0.1:5000/qr:0123", name]


def test_what_another_service_needs_stays() -> None:
    """Two previews of one service are built from the same files."""
    name = f"127.0.0.1:5000/octo/services/qr_preview@{DIGEST}"
    assert removed(Engine([], [name], needed=name), name) == []
    assert removed(Engine([], [name]), name) == [name]


def test_an_image_with_a_tag_alone() -> None:
    assert removed(Engine(["registry/qr:1", "registry/qr:2"], []), "registry/qr:1") == ["registry/qr:1"]


def test_what_is_gone_or_used_stays() -> None:
    assert removed(Engine([], []), "registry/qr:1") == []
    assert removed(Engine(["registry/qr:1"], [], used=True), "registry/qr:1") == []
