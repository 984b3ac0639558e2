"""Which service of a repository is an issue's."""

from __future__ import annotations

import json

import pytest

from bot.runs.merged import issue_numbers, merged_slug, slug_at


class Services:
    """A repository of which only service.json matters; of a folder that is None there is none."""

    def __init__(self, **described: object) -> None:
        self._described = described

    def default_branch(self) -> str:
        return "main"

    def services(self, ref: str, /) -> list[str]:
        return list(self._described) if ref == "main" else []

    def folder(self, path: str, ref: str, /) -> dict[str, str]:
        return {"service.json": json.dumps(self._described[path.removeprefix("services/")])}


def test_it_was_made_for_the_issue_or_changed_for_it() -> None:
    repository = Services(a={"issue": 1, "updates": [3, 4]}, b={"issue": 2}, c={"issue": 3}, d=[], e={})
    assert [merged_slug(repository, issue) for issue in (1, 2, 3, 4, 5)] == ["a", "b", "c", "a", None]
    assert [slug_at(repository, 2, ref) for ref in ("main", "b" * 40)] == ["b", None]


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_what_does_not_describe_a_service_is_no_issues(text: str) -> None:
    assert issue_numbers({"service.json": text}) == []
    assert issue_numbers({}) == []
