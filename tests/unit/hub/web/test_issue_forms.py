"""Issue forms, and the issues that filled forms make."""

from __future__ import annotations

import pytest

from bot.hub.web import issue_forms

FORM = """\
name: Microservice
description: Describe a service
title: "[service] "
labels: [microservice]
body:
  - type: markdown
    attributes: {value: "Be **brief**."}
  - type: textarea
    id: description
    attributes: {label: Description, placeholder: What it does}
    validations: {required: true}
  - type: textarea
    id: example
    attributes: {label: Example, render: json}
  - type: dropdown
    id: size
    attributes: {label: Size, options: [small, large]}
"""


def test_form_becomes_the_body_that_github_writes() -> None:
    form = issue_forms.parse(FORM)

    body = form.body({"description": " Generate\r\na code ", "example": '{"a": 1}'})

    assert body == (
        '### Description\n\nGenerate\na code\n\n### Example\n\n```json\n{"a": 1}\n```\n\n### Size\n\n_No response_'
    )
    assert (form.title, form.labels) == ("[service] ", ("microservice",))
    assert form.fields[-1].options == ("small", "large")


def test_form_knows_what_is_missing() -> None:
    form = issue_forms.parse(FORM)

    assert form.missing({"description": "  "}) == ["Description"]
    assert form.missing({"description": "x"}) == []


@pytest.mark.parametrize("text", ["body: [", "- a", "name: x", ""])
def test_what_is_no_form_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|form"):
        issue_forms.parse(text)
