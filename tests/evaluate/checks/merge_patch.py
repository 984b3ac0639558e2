"""JSON merge patch."""

from __future__ import annotations

from typing import Any

from tests.evaluate.service import Service, same

CASES: tuple[tuple[Any, Any, Any], ...] = (
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ("text", 4.5, 4.5),
    (None, {"x": True}, {"x": True}),
    ({"a": 1}, False, False),
)


def check_the_rfc(service: Service) -> None:
    """Target and patch are merged as RFC 7386 says, whatever JSON they are."""
    for target, patch, wanted in CASES:
        answer = service.answer({"target": target, "patch": patch})
        same(f"the result of {patch!r} on {target!r}", answer["result"], wanted)


def check_null(service: Service) -> None:
    """Both may be null."""
    same("null on an object", service.answer({"target": {"a": 1}, "patch": None}), {"result": None, "changed": True})
    same("null on null", service.answer({"target": None, "patch": None}), {"result": None, "changed": False})


def check_both_are_required(service: Service) -> None:
    """Both have to be there: null is something else than nothing."""
    for request in ({"patch": {"a": 1}}, {"target": None}, {"patch": None}, {}):
        service.refuse(request)


def check_keep_nulls(service: Service) -> None:
    """With keepNulls true, null in the patch is stored as null and removes nothing."""
    request = {"target": {"a": 1, "b": {"c": 2, "d": 3}}, "patch": {"a": None, "b": {"c": None}, "e": None}}
    answer = service.answer({**request, "keepNulls": True})
    same("the result", answer["result"], {"a": None, "b": {"c": None, "d": 3}, "e": None})
    for more in ({}, {"keepNulls": False}):
        same(f"the result with {more}", service.answer({**request, **more})["result"], {"b": {"d": 3}})


def check_changed(service: Service) -> None:
    """changed is true if the result differs from the target."""
    for target, patch, wanted in (
        ({"a": 1}, {"a": 1}, False),
        ({"a": 1}, {}, False),
        ({"a": 1}, {"b": None}, False),
        ({"a": 1}, {"a": "1"}, True),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [2, 1]}}, True),
    ):
        same(f"changed by {patch!r}", service.answer({"target": target, "patch": patch})["changed"], wanted)


def check_broken_json(service: Service) -> None:
    """What is no JSON is refused."""
    service.refuse(raw=b'{"target": {}, "patch": ')
