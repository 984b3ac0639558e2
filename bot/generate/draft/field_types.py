"""Functions whose sources go into `interface.py` where its fields need them."""

from typing import Any

from pydantic import AfterValidator, ValidationInfo


def refuse_null(value: Any, info: ValidationInfo) -> Any:
    if value is None and info.mode == "json":
        raise ValueError("must not be null; leave it out instead")
    return value


def without_null(schema: dict[str, Any]) -> None:
    schema.pop("default", None)
    schema.update(schema.pop("anyOf")[0])


def is_none(value: Any) -> bool:
    return value is None


def one_of(*choices: float) -> AfterValidator:
    def check(value: float) -> float:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(map(str, choices))}")
        return value

    return AfterValidator(check)
