"""The playground's own modules, as its page imports them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from bot.render import templates_dir


@pytest.fixture(scope="module", autouse=True)
def on_path() -> Iterator[None]:
    folder = str(templates_dir() / "platform")
    sys.path.insert(0, folder)
    yield
    sys.path.remove(folder)


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit makes a page the program's main module and leaves it so; processes started later would begin by it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def form() -> ModuleType:
    return importlib.import_module("form")


@pytest.fixture
def entered() -> ModuleType:
    return importlib.import_module("entered")


@pytest.fixture
def answer() -> ModuleType:
    return importlib.import_module("answer")
