"""A server on loopback that stands for a package index, and the clients that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from bot.clients.packages.index import Index
from tests.fakes.github_http import FakeGitHub, fake_github

MakeIndex = Callable[..., Index]


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@pytest.fixture
def make_index() -> Iterator[MakeIndex]:
    """Make an `Index` that is closed in the end, from the address of its index or from variables."""
    with ExitStack() as stack:

        def make(where: str | dict[str, str], **options: Any) -> Index:
            variables = {"UV_DEFAULT_INDEX": where} if isinstance(where, str) else where
            return stack.enter_context(closing(Index(variables, **options)))

        yield make


@pytest.fixture
def index(server: FakeGitHub, make_index: MakeIndex) -> Index:
    return make_index(f"{server.url}/simple/", patience=1.0)
