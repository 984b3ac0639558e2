"""Issues that ask for a change of a service which is there."""

from __future__ import annotations

import pytest

from bot.errors import UserError
from bot.runs.named import asked_in, named_service
from bot.values.github import Issue

SERVICES = ("qr-code", "upper-case")


def issue(body: str, title: str = "A border") -> Issue:
    return Issue(number=7, title=title, body=body, author="octo", state="open", url="u")


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ("service: qr-code\n\nA border, please.", "qr-code"),
        ("A border, please.\n\nService: `qr-code`.", "qr-code"),
        ("- **Service:** services/qr-code", "qr-code"),
        ("SERVICE : Upper-Case\r\nAlso lower case.", "upper-case"),
        ("service: other\nservice: qr-code", "qr-code"),
        ("### Service to change\n\nqr-code\n\n### Test scenarios\n\n_No response_", "qr-code"),
        ("### Service to change\n\n`services/QR-Code`", "qr-code"),
        ("### Service to change\n\n_No response_", None),
        ("service: other", None),
        ("The service: qr-code is nice.", None),
        ("service: qr-code and upper-case", None),
        ("> service: qr-code", None),
        ("```yaml\nservice: qr-code\n```", None),
        ("<!-- service: qr-code -->Draw.", None),
        ("## Service\n\nqr-code", None),
    ],
)
def test_a_service_is_named_on_a_line_of_its_own_or_in_the_forms_field(body: str, slug: str | None) -> None:
    assert named_service(issue(body), SERVICES) == slug


def test_a_field_that_names_no_service_is_an_error() -> None:
    with pytest.raises(UserError, match=r"There is no service `qr-cod` to change.* Did you mean `qr-code`\?"):
        named_service(issue("### Service to change\n\nqr-cod"), SERVICES)
    with pytest.raises(UserError, match=r"in this repository\. Edit the issue"):
        named_service(issue("### Service to change\n\nfilm"), SERVICES)


def test_it_asks_for_what_title_description_scenarios_and_hint_say() -> None:
    body = (
        "### Description\n\nservice: qr-code\n\nAn optional border.\n\n### Service to change\n\nqr-code\n\n"
        "### Test scenarios\n\n- border 2 gives 25 pixels\n"
    )
    point = asked_in(issue(body), "in pixels")
    assert point.text == "A border\n\nAn optional border.\n\nTests:\n- border 2 gives 25 pixels\n\nin pixels"
    assert point.author == "octo"
    assert asked_in(issue("service: qr-code")).text == "A border"
