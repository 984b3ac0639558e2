"""Update a contact."""

from __future__ import annotations

from typing import Any

from tests.evaluate.service import Service, same

GRACE: dict[str, Any] = {"name": "Grace", "email": "grace@example.org", "phone": "555", "tags": ["navy", "math"]}


def check_nothing_changes(service: Service) -> None:
    """A field that is left out keeps its value."""
    same("the answer", service.answer({"contact": GRACE, "changes": {}}), {"contact": GRACE, "changed": []})


def check_defaults(service: Service) -> None:
    """email and phone are null and tags empty when the contact does not have them."""
    wanted = {"contact": {"name": "Al", "email": None, "phone": None, "tags": []}, "changed": []}
    same("the answer", service.answer({"contact": {"name": "Al"}, "changes": {}}), wanted)


def check_null_clears(service: Service) -> None:
    """null clears email and phone."""
    answer = service.answer({"contact": GRACE, "changes": {"email": None, "phone": None}})
    same("the answer", answer, {"contact": {**GRACE, "email": None, "phone": None}, "changed": ["email", "phone"]})
    answer = service.answer({"contact": GRACE, "changes": {"phone": None}})
    same("the answer", answer, {"contact": {**GRACE, "phone": None}, "changed": ["phone"]})


def check_changes(service: Service) -> None:
    """changed has the fields with another value, in the order name, email, phone, tags."""
    changes = {"tags": ["navy"], "phone": "555", "name": "Grace H.", "email": "gh@example.org"}
    answer = service.answer({"contact": GRACE, "changes": changes})
    same("contact", answer["contact"], {**GRACE, **changes})
    same("changed", answer["changed"], ["name", "email", "tags"])


def check_null_that_is_null_already(service: Service) -> None:
    """What has the same value as before is not changed."""
    answer = service.answer({"contact": {"name": "Al"}, "changes": {"email": None, "tags": []}})
    same("changed", answer["changed"], [])


def check_what_cannot_be_null(service: Service) -> None:
    """name and tags cannot be null."""
    for request in (
        {"contact": GRACE, "changes": {"tags": None}},
        {"contact": {"name": None}, "changes": {}},
        {"contact": {**GRACE, "tags": None}, "changes": {}},
    ):
        service.refuse(request)


def check_values(service: Service) -> None:
    """A name has 1 to 80 characters, an email is an address, tags are texts."""
    longest = "n" * 80
    same("a long name", service.answer({"contact": GRACE, "changes": {"name": longest}})["contact"]["name"], longest)
    for changes in ({"name": ""}, {"name": "n" * 81}, {"email": "nobody"}, {"tags": [1]}, {"phone": 5}):
        service.refuse({"contact": GRACE, "changes": changes})


def check_what_is_required(service: Service) -> None:
    """A contact has a name."""
    service.refuse({"contact": {"email": "a@example.org"}, "changes": {}})
    service.refuse({"changes": {"name": "Al"}})
