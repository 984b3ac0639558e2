"""Whether requests, answers and webhooks are as GitHub describes its REST API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError, ValidationErrorKind

Json = dict[str, Any]
_BY_ID = re.compile(r"^/repositories/[0-9]+(?=/|$)")
"""Where redirects lead: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects"""
_REFUSED_ANYWHERE = (301, 307, 400, 401, 403, 404, 410, 422, 429)
"""Also where a repository is called something else by now.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""
_LARGEST_PAGE = 100
_ANY = 0
_BOT = "gptdeploy"
_OPEN, _CLOSED = "urn:github:open", "urn:github:closed"
_JSON = "/content/application~1json/schema"
_SHOWN = 300


@dataclass(frozen=True)
class Request:
    """A request as it arrived.

    Attributes:
        path: below the API's root.
        headers: names in lower case.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Answer:
    """What was answered to it; `headers` has names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Operation:
    """One method of one path.

    Attributes:
        pointer: the JSON pointer to it.
    """

    pointer: str
    described: Json


class Description:
    """One of GitHub's descriptions, of what it answers; that of requests is closed (see `distil`)."""

    def __init__(self, answers: Path, requests: Path | None = None) -> None:
        self._all: Json = json.loads(answers.read_bytes())
        resources = [(_OPEN, self._all)] + ([(_CLOSED, json.loads(requests.read_bytes()))] if requests else [])
        self._registry = Registry(resources, draft=Draft202012)
        self._validators: dict[str, Draft202012Validator] = {}

    def faults(self, pointer: str, value: Any) -> Iterator[str]:
        """Yield what is wrong with a value, by the schema at a place in the description: `_OPEN#/...`."""
        validator = self._validators.get(pointer)
        if validator is None:
            validator = Draft202012Validator({"$ref": pointer}, registry=self._registry)
            self._validators[pointer] = validator
        if not validator.is_valid(value):
            for error in validator.iter_errors(value):
                yield from _told(error)

    def found(self, described: Json, pointer: str) -> tuple[Json, str]:
        """Return what is described, and where, through the reference that may stand in its place."""
        if "$ref" not in described:
            return described, pointer
        pointer = described["$ref"].removeprefix("#")
        target: Any = self._all
        for name in pointer.split("/")[1:]:
            target = target[name]
        return target, pointer


class Rest(Description):
    """The REST API."""

    def of_request(self, request: Request) -> Iterator[str]:
        """Yield what is wrong with a request."""
        operation = self._operation(request)
        if operation is None:
            yield "GitHub has no such operation"
            return
        if not (agent := request.headers.get("user-agent")):
            yield "header User-Agent is missing"
        if agent == _BOT and "x-github-api-version" not in request.headers:
            yield "header X-GitHub-Api-Version is missing"
        yield from self._of_query(operation, request)
        yield from self._of_body(operation, request)

    def of_answer(self, request: Request, answer: Answer) -> Iterator[str]:
        """Yield what is wrong with the answer to a request."""
        operation = self._operation(request)
        if operation is None or answer.status >= 500:
            return
        responses, status = operation.described["responses"], str(answer.status)
        if status in responses:
            described, pointer = self.found(responses[status], f"{operation.pointer}/responses/{status}")
            pointer += _JSON
        elif answer.status in _REFUSED_ANYWHERE:
            described, pointer = {"content": {"application/json": {}}}, "/components/schemas/basic-error"
        elif answer.status == 304 and request.method == "GET":
            return
        else:
            yield f"GitHub describes no status {status} here"
            return
        content = described.get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if not content and answer.status >= 400:
            yield from self.faults(f"{_OPEN}#/components/schemas/basic-error", json.loads(answer.body))
        elif not content:
            if answer.body:
                yield f"GitHub describes no body of a {answer.status} here"
        elif kind != "application/json":
            # What is asked for as a diff is one: https://docs.github.com/en/rest/using-the-rest-api/media-types
            if answer.body and kind not in content and kind not in request.headers.get("accept", ""):
                yield f"the body is {kind}, not {', '.join(content)}"
        else:
            yield from self.faults(f"{_OPEN}#{pointer}", json.loads(answer.body))

    def _of_query(self, operation: _Operation, request: Request) -> Iterator[str]:
        known = {p["name"]: (p, pointer) for p, pointer in self._parameters(operation) if p["in"] == "query"}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            if name.removesuffix("[]") not in known:
                yield f"query {name}: GitHub knows no such parameter here"
                continue
            parameter, pointer = known[name.removesuffix("[]")]
            for fault in self.faults(f"{_CLOSED}#{pointer}/schema", _typed(value, parameter["schema"])):
                yield f"query {name}: {fault}"
            if name == "per_page" and not (value.isdigit() and 1 <= int(value) <= _LARGEST_PAGE):
                yield f"query per_page: {value} is not between 1 and {_LARGEST_PAGE}"

    def _of_body(self, operation: _Operation, request: Request) -> Iterator[str]:
        described = operation.described.get("requestBody")
        if described is None:
            if request.body:
                yield "body: GitHub takes none here"
            return
        described, pointer = self.found(described, f"{operation.pointer}/requestBody")
        if not request.body:
            if described.get("required"):
                yield "body: it is missing"
            return
        if "application/json" not in described["content"]:
            return
        try:
            value = json.loads(request.body)
        except ValueError:
            yield "body: it is no JSON"
            return
        for fault in self.faults(f"{_CLOSED}#{pointer}{_JSON}", value):
            yield f"body {fault}"

    def _parameters(self, operation: _Operation) -> Iterator[tuple[Json, str]]:
        for number, each in enumerate(operation.described.get("parameters", ())):
            yield self.found(each, f"{operation.pointer}/parameters/{number}")

    def _operation(self, request: Request) -> _Operation | None:
        path, method = _BY_ID.sub("/repos/owner/name", request.path), request.method.lower()
        for size in (path.count("/"), _ANY):
            for pattern, operation in self._operations.get((method, size), ()):
                if pattern.fullmatch(path):
                    return operation
        return None

    @cached_property
    def _operations(self) -> dict[tuple[str, int], list[tuple[re.Pattern[str], _Operation]]]:
        """What can be asked, by its method and how many "/" are in its path, the more particular paths first."""
        found: dict[tuple[str, int], list[tuple[re.Pattern[str], _Operation]]] = {}
        for path in sorted(self._all["paths"], key=lambda each: (each.count("{"), -len(each))):
            for method, described in self._all["paths"][path].items():
                operation = _Operation(f"/paths/{_escaped(path)}/{method}", described)
                deep = {p["name"]: "(.+)" for p, _ in self._parameters(operation) if p.get("x-multi-segment")}
                pattern = "".join(deep.get(part, "[^/]+") if odd else re.escape(part) for part, odd in _parts(path))
                size = _ANY if deep else path.count("/")
                found.setdefault((method, size), []).append((re.compile(pattern), operation))
        return found


class Webhooks(Description):
    """What the App is told."""

    def faults_of(self, event: str, payload: Json) -> Iterator[str]:
        """Yield what is wrong with a webhook."""
        action = payload.get("action")
        name = "-".join(part.replace("_", "-") for part in (event, action) if part)
        if name not in self._all["webhooks"]:
            yield "GitHub describes no such webhook"
            return
        yield from self.faults(f"{_OPEN}#/webhooks/{name}/post/requestBody{_JSON}", payload)


def _parts(path: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a path, and of each whether it is the name of a parameter."""
    for number, part in enumerate(re.split(r"[{}]", path)):
        yield part, number % 2 == 1


def _told(error: ValidationError) -> Iterator[str]:
    """Yield an error as lines; where a value fits none of several schemas, by the one that it nearly fits."""
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.AnyOf):
        alternatives = [each for each in kind.context if not isinstance(each[0].kind, ValidationErrorKind.Type)]
        for each in min(alternatives or kind.context, key=len):
            yield from _told(each)
    else:
        yield f"{'/'.join(map(str, error.instance_path)) or 'all of it'}: {error.message[:_SHOWN]}"


def _typed(value: str, schema: Json) -> Any:
    """Return a value of a query as what its schema wants, or as it is where it is none."""
    kind = schema.get("type")
    if kind == "integer" and value.lstrip("-").isdigit():
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "array":
        return value.split(",")
    return value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
