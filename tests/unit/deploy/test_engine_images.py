"""Images that no version needs any more are removed, and others stay."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from docker.errors import APIError, ImageNotFound

from bot.deploy import engine_images

DIGEST = "sha256:" + "a" * 64


class Engine:
    """An engine with one image, of whose references it removes those that it is told."""

    def __init__(self, tags: list[str], digests: list[str], used: bool = False) -> None:
        self.images = self
        self.tags, self.digests, self.used = tags, digests, used
        self.removed: list[str] = []

    def get(self, name: str) -> SimpleNamespace:
        if name not in (*self.tags, *self.digests):
            raise ImageNotFound(name)
        return SimpleNamespace(tags=self.tags, attrs={"RepoDigests": self.digests})

    def remove(self, reference: str) -> None:
        if self.used:
            raise APIError("conflict", response=SimpleNamespace(status_code=409))  # type: ignore[arg-type]
        self.removed.append(reference)


def removed(engine: Any, *names: str) -> list[str]:
    engine_images.remove(engine, names)
    done: list[str] = engine.removed
    return done


def test_it_goes_with_the_tags_of_its_registry() -> None:
    name = f"127.0.0.1:5000/qr@{DIGEST}"
    engine = Engine(["127.0.0.1:5000/qr:0123", "127.0.0.1:5000/other:1", "mine:1"], [name])
    assert removed(engine, name) == ["127.0.0.1:5000/qr:0123", name]


def test_an_image_with_a_tag_alone() -> None:
    assert removed(Engine(["registry/qr:1", "registry/qr:2"], []), "registry/qr:1") == ["registry/qr:1"]


def test_what_is_gone_or_used_stays() -> None:
    assert removed(Engine([], []), "registry/qr:1") == []
    assert removed(Engine(["registry/qr:1"], [], used=True), "registry/qr:1") == []
