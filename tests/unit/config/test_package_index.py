"""Which index is meant, by the variables of uv and of pip."""

from __future__ import annotations

import os

import pytest

from bot.config.package_index import ConfiguredIndex, environment, indexes


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, ("https://pypi.org/simple",)),
        ({"PIP_INDEX_URL": "https://a/simple/"}, ("https://a/simple/",)),
        ({"PIP_INDEX_URL": "https://a/s", "UV_INDEX_URL": "https://b/s"}, ("https://b/s",)),
        ({"UV_INDEX_URL": "https://b/s", "UV_DEFAULT_INDEX": "https://c/s"}, ("https://c/s",)),
        ({"UV_DEFAULT_INDEX": "main=https://c/s?x=1"}, ("https://c/s?x=1",)),
        ({"PIP_EXTRA_INDEX_URL": "https://x/s file:///y"}, ("https://x/s", "file:///y", "https://pypi.org/simple")),
        (
            {
                "UV_INDEX": "a=https://a/s https://b/s",
                "UV_EXTRA_INDEX_URL": "https://d/s",
                "PIP_EXTRA_INDEX_URL": "https://x/s",
            },
            ("https://a/s", "https://b/s", "https://d/s", "https://pypi.org/simple"),
        ),
    ],
)
def test_index_is_the_one_that_uv_asks(variables: dict[str, str], asked: tuple[str, ...]) -> None:
    assert tuple(index.url for index in indexes(environment(variables))) == asked


def test_uv_is_told_what_pip_is_told() -> None:
    translated = environment({"PIP_INDEX_URL": "https://a/s", "PIP_EXTRA_INDEX_URL": "https://x/s", "PATH": "/bin"})
    assert translated == {
        "PIP_INDEX_URL": "https://a/s",
        "PIP_EXTRA_INDEX_URL": "https://x/s",
        "PATH": "/bin",
        "UV_DEFAULT_INDEX": "https://a/s",
        "UV_EXTRA_INDEX_URL": "https://x/s",
        "UV_NO_CONFIG": "1",
    }
    assert environment()["PATH"] == os.environ["PATH"]


def test_indexes_may_have_names_and_count_once() -> None:
    variables = {"UV_INDEX": "corp=https://a/s https://b/s/", "UV_DEFAULT_INDEX": "https://b/s"}
    assert indexes(variables) == (ConfiguredIndex("https://a/s", "corp"), ConfiguredIndex("https://b/s/"))
