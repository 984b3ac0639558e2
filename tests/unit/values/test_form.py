"""An issue is known by the headings that the issue form writes."""

from __future__ import annotations

import pytest
import yaml

from bot.hub.web import issue_forms
from bot.init import ISSUE_FORM, repository_files
from bot.values.form import HEADINGS, is_by_form

FORM = issue_forms.parse(repository_files()[ISSUE_FORM])


def test_the_headings_are_the_labels_of_the_form() -> None:
    fields = yaml.safe_load(repository_files()[ISSUE_FORM])["body"]
    assert tuple(field["attributes"]["label"] for field in fields) == HEADINGS


@pytest.mark.parametrize(
    "body",
    [
        FORM.body({"description": "A QR code of a text"}),
        FORM.body({"description": "A QR code\n\n### Errors\n\nNone", "service": "qr", "scenarios": "hi gives a PNG"}),
        # As browsers send it, and as an older form has it.
        FORM.body({"description": "A QR code"}).replace("\n", "\r\n"),
        "### Description\n\nA QR code\n\n### Test scenarios\n\n_No response_",
    ],
)
def test_what_the_form_has_made(body: str) -> None:
    assert is_by_form(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Please add a description and test scenarios.",
        "### Description\n\nThe page is broken.\n\n### Steps to reproduce\n\nOpen it.",
        "### Test scenarios\n\nNone.\n\n### Description\n\nNone.",
        "> ### Description\n>\n> quoted\n>\n> ### Test scenarios\n",
        "I have seen\n\n### Description\n\nA\n\n### Test scenarios\n\nB",
        "### Descriptions\n\nA\n\n### Test scenarios and more\n\nB",
    ],
)
def test_what_people_have_written_otherwise(body: str) -> None:
    assert not is_by_form(body)
