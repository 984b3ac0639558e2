"""Issue forms: the fields of `.github/ISSUE_TEMPLATE/*.yml`, and the issue that a filled form makes.

https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

NO_RESPONSE = "_No response_"
"""What GitHub writes for a field that was left empty."""


@dataclass(frozen=True)
class Field:
    """One element of a form.

    Attributes:
        kind: "markdown" (text for the reader), "input", "textarea", "dropdown" or "checkboxes".
        name: what the value is submitted as.
        render: language that a textarea's value is shown in as code, or empty.
    """

    kind: str
    name: str
    label: str = ""
    description: str = ""
    placeholder: str = ""
    value: str = ""
    render: str = ""
    options: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Form:
    """A form; `title` is what the issue's title starts as."""

    name: str
    description: str
    title: str
    labels: tuple[str, ...]
    fields: tuple[Field, ...]

    def body(self, values: Mapping[str, str]) -> str:
        """Return the issue's body: a heading for each field and what was filled in, as GitHub renders it."""
        parts = []
        for field in self.fields:
            if field.kind != "markdown":
                value = values.get(field.name, "").replace("\r\n", "\n").strip()
                shown = f"```{field.render}\n{value}\n```" if value and field.render else value
                parts.append(f"### {field.label}\n\n{shown or NO_RESPONSE}")
        return "\n\n".join(parts)

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """Return the labels of the required fields that are empty."""
        return [field.label for field in self.fields if field.required and not values.get(field.name, "").strip()]


def parse(text: str) -> Form:
    """Read a form.

    Raises:
        ValueError: it is not one.
    """
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("body"), list):
        raise ValueError("a form is a mapping with a `body`")
    labels = data.get("labels") or ()
    return Form(
        name=str(data.get("name") or ""),
        description=str(data.get("description") or ""),
        title=str(data.get("title") or ""),
        labels=tuple(labels.split(",")) if isinstance(labels, str) else tuple(str(label) for label in labels),
        fields=tuple(_field(number, element) for number, element in enumerate(data["body"])),
    )


def _field(number: int, element: Mapping[str, Any]) -> Field:
    about = element.get("attributes") or {}
    options = [option["label"] if isinstance(option, dict) else option for option in about.get("options") or ()]
    return Field(
        kind=str(element.get("type")),
        name=str(element.get("id") or f"field-{number}"),
        label=str(about.get("label") or ""),
        description=str(about.get("description") or ""),
        placeholder=str(about.get("placeholder") or ""),
        value=str(about.get("value") or ""),
        render=str(about.get("render") or ""),
        options=tuple(str(option) for option in options),
        required=bool((element.get("validations") or {}).get("required")),
    )
