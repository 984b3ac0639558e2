"""What the playground's page shows of the services and previews in the catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bot.deploy import Platform
from bot.deploy.layout import playground_options
from bot.render import templates_dir

LOCAL = Platform()


def gallery(
    catalogue: Path, monkeypatch: pytest.MonkeyPatch, *entries: dict[str, Any], platform: Platform = LOCAL
) -> AppTest:
    """Open the root page with these entries; the host name of a service cannot be told to it here."""
    environment = playground_options(platform)["environment"] | {"PLATFORM_CATALOG": str(catalogue)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for entry in entries:
        (catalogue / f"{entry['slug']}.json").write_text(json.dumps(entry))
    app = AppTest.from_file(str(templates_dir() / "platform" / "playground.py"), default_timeout=60).run()
    assert not app.exception
    return app


def entry(slug: str, **more: Any) -> dict[str, Any]:
    return {"slug": slug, "title": slug.title(), "summary": "Draws.", "live": True, "commit": "a" * 40, **more}


def test_previews_stand_apart_from_what_is_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = gallery(tmp_path, monkeypatch, entry("draw"), entry("draw-pr-12", preview=12), entry("new", live=False))
    assert [caption.value for caption in app.caption] == [
        "1 deployed on this platform",
        "Of pull requests, to be tried before they are merged",
    ]
    assert [heading.value for heading in app.subheader] == ["Previews"]
    bodies = [element.proto.body for element in app.get("html")]
    live, previews = (body for body in bodies if body.startswith('<div class="cards">'))
    assert "http://draw.localhost:8080/" in live
    assert "Open →" in live
    assert "draw-pr-12" not in live
    assert "http://draw-pr-12.localhost:8080/" in previews
    assert "Pull request #12 →" in previews


def test_a_first_preview_is_shown_where_nothing_is_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = gallery(tmp_path, monkeypatch, entry("draw-pr-12", preview=12))
    assert app.markdown[0].value.startswith("No service is deployed yet.")
    assert [heading.value for heading in app.subheader] == ["Previews"]


def test_without_previews_there_is_no_word_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = gallery(tmp_path, monkeypatch, entry("draw"))
    assert list(app.subheader) == []


def test_links_follow_the_public_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(platform: Platform) -> bool:
        app = gallery(tmp_path, monkeypatch, entry("draw"), platform=platform)
        [cards] = [element.proto.body for element in app.get("html") if 'class="cards"' in element.proto.body]
        return f'href="{platform.deployment("draw").playground_url}"' in cards

    assert link(Platform("https://apps.example.com"))
    assert link(Platform("https://apps.example.com", paths=True))
