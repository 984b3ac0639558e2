"""The checks of the tasks: a right service passes them all, and each kind of wrong one fails by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.generate.draft import FieldDraft
from tests.evaluate.judge import Verdict, checks_of, judge
from tests.evaluate.suite import load
from tests.unit.evaluate import right_data, right_files, right_formats
from tests.unit.evaluate.made import Made
from tests.unit.evaluate.running import Services

Change = Callable[[Made], Made]
TASKS = [task.name for task in load()]
RIGHT = {
    name.lower().replace("_", "-"): value
    for module in (right_data, right_files, right_formats)
    for name, value in vars(module).items()
    if isinstance(value, Made)
}


def judged(services: Services, task: str, service: Made, folder: Path) -> list[Verdict]:
    with services.running(folder, service.inputs, service.outputs, service.execute) as url:
        return judge(task, url)


def failed(verdicts: list[Verdict]) -> dict[str, str]:
    return {verdict.check: verdict.fault for verdict in verdicts if verdict.fault}


def field_of(name: str, **changes: Any) -> Change:
    """Return what changes a field of the request."""

    def change(service: Made) -> Made:
        assert name in [field.name for field in service.inputs]
        fields = [_changed(field, changes) if field.name == name else field for field in service.inputs]
        return replace(service, inputs=fields)

    return change


def _changed(field: FieldDraft, changes: dict[str, Any]) -> FieldDraft:
    return FieldDraft.model_validate({**field.model_dump(), **changes})


def limits(**values: int) -> dict[str, Any]:
    return {"limits": [{"keyword": keyword, "value": str(value)} for keyword, value in values.items()]}


def code(old: str, new: str) -> Change:
    """Return what changes the executor."""

    def change(service: Made) -> Made:
        assert old in service.execute
        return replace(service, execute=service.execute.replace(old, new))

    return change


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_checks_that_say_what_is_wanted(task: str) -> None:
    checks = checks_of(task)
    assert len(checks) >= 6
    for name, check in checks.items():
        assert check.__doc__, name


@pytest.mark.parametrize("task", RIGHT)
def test_a_right_service_passes(services: Services, task: str, tmp_path: Path) -> None:
    assert failed(judged(services, task, RIGHT[task], tmp_path)) == {}


@pytest.mark.parametrize(
    ("task", "change", "check", "fault"),
    [
        ("roman", field_of("lowercase", required=True, default=""), "numbers", "wanted 200 and an object, came 422"),
        ("roman", field_of("number", **limits(minimum=1, maximum=4000)), "limits", "4000}: wanted a 4xx"),
        ("roman", field_of("number", **limits(minimum=1, maximum=3998)), "numbers", "came 422"),
        ("roman", code("if input.lowercase else text", "if False else text"), "lower_case", "came {'number': 400"),
        ("roman", code("NUMBERS.get(input.numeral.upper())", "NUMBERS.get(input.numeral)"), "numerals", "came 422"),
        ("roman", code("422,", "500,"), "unusual_numerals", "came 500"),
        ("statistics", field_of("top", default="5"), "frequent", "frequent: wanted"),
        ("statistics", field_of("case-sensitive", default="true"), "frequent", "frequent: wanted"),
        ("statistics", field_of("top", **limits(minimum=0, maximum=21)), "top", '"top": 21}: wanted a 4xx'),
        ("statistics", code("default=None", 'default=""'), "longest_word", "wanted None, came"),
        ("contact", code("input.changes.model_fields_set", "before"), "nothing_changes", "came 500"),
        ("contact", field_of("changes.email", nullable=False), "null_clears", "came 422"),
        ("contact", field_of("changes.tags", nullable=True), "what_cannot_be_null", "wanted a 4xx status"),
        ("contact", field_of("changes.email", type="text"), "values", "wanted a 4xx status, came 200"),
        ("fit", field_of("background", nullable=False), "no_background", "came 422"),
        ("fit", field_of("box.width", required=True, default=""), "box", "came 422"),
        ("fit", code("/ picture.height, 1)", "/ picture.height)"), "never_larger", "scale: wanted 1 (within"),
        ("fit", code("is not None", 'is not None and input.background != "#ffffff"'), "defaults", "the size: wanted"),
        ("csv-to-xlsx", field_of("sheetName", **limits(minLength=1, maxLength=30)), "sheet_name", "came 422"),
        ("csv-to-xlsx", code("value(cell)", "cell"), "texts_and_numbers", "the rows: wanted"),
        ("csv-to-xlsx", code("(0|[1-9][0-9]*)", "[0-9]+"), "leading_zeros", "came [[49, 49]"),
        ("csv-to-xlsx", code("len(rows)", "len(rows) + 1"), "header_alone", "rowCount"),
        ("business-days", code("<= 3660", "<= 3661"), "longest_time", "wanted 422, came 200"),
        ("business-days", code("<= 3660", "< 3660"), "longest_time", "wanted 200 and an object, came 422"),
        ("business-days", code("range(length + 1)", "range(length)"), "both_ends_count", "came {'days': 1"),
        ("business-days", field_of("weekend", default='["sunday"]'), "both_ends_count", "wanted {'days': 2"),
        ("merge-patch", field_of("patch", required=False), "both_are_required", "wanted a 4xx status, came 200"),
        ("merge-patch", code("value is None and not keep", "value is None"), "keep_nulls", "the result: wanted"),
    ],
)
def test_a_wrong_service_fails(
    services: Services, task: str, change: Change, check: str, fault: str, tmp_path: Path
) -> None:
    faults = failed(judged(services, task, change(RIGHT[task]), tmp_path))
    assert fault in faults[check], faults
    assert "\n" not in faults[check]


def test_a_service_that_answers_nonsense_or_not_at_all_fails_every_check(services: Services, tmp_path: Path) -> None:
    nonsense = replace(RIGHT["fit"], execute='def execute(input: Input) -> Output:\n    return {"picture": "?"}\n')
    assert len(failed(judged(services, "fit", nonsense, tmp_path))) == len(checks_of("fit"))
    gone = judge("roman", "http://127.0.0.1:9/execute")
    assert [verdict.fault.endswith("wanted an answer, came ConnectError") for verdict in gone] == [True] * len(gone)
