"""What a model says, in the forms the bot asks for."""

from __future__ import annotations

import json

from tests.fakes.fields import draft


def spec(slug: str = "upper-case", **changes: object) -> str:
    """Return a specification as a model answers it."""
    return json.dumps(
        {
            "slug": slug,
            "title": "Upper case",
            "summary": "Converts text to upper case.",
            "inputs": [draft("text")],
            "outputs": [draft("result")],
            "tests": [
                {
                    "text": "hello gives HELLO",
                    "given": [{"field": "text", "value": "hello"}],
                    "expected": [{"field": "result", "value": "HELLO"}],
                }
            ],
            "requirements": [],
            "assumptions": ["Any alphabet is welcome."],
            "out_of_scope": [],
            "questions": [],
        }
        | changes
    )


def strategies(*names: str) -> str:
    """Return strategies as a model answers them."""
    return json.dumps(
        {
            "strategies": [
                {"name": name, "approach": f"Use {name}.", "packages": [], "system_packages": [], "risks": ""}
                for name in names
            ]
        }
    )


def suite(*names: str, expected: str = "HELLO", fixture: str = "") -> str:
    """Return the tests of scenarios as a model answers them; they send a text, or the file that `fixture` names."""
    text = f'base64.b64encode(fixture("{fixture}")).decode()' if fixture else '"hello"'
    functions = [
        f'''def test_{name}(call{", fixture" if fixture else ""}):
    status, answer = call({{"text": {text}}})
    assert status == 200
    assert answer["result"] == "{expected}"
'''
        for name in names or ["hello_gives_hello"]
    ]
    head = "import base64\n\n\n" if fixture else ""
    return f"test_executor.py\n```python\n{head}" + "\n\n".join(functions) + "```\n"


def files(body: str = "input.text.upper()") -> str:
    """Return a service's files as a model answers them."""
    return f"""executor.py
```python
from interface import Input, Output


def execute(input: Input) -> Output:
    return Output(result={body})
```

example.json
```json
{{"text": "hello"}}
```
"""


def fix(diagnosis: str, body: str) -> str:
    """Return a fix of the executor as a model answers it."""
    executor = files(body).split("example.json", 1)[0]
    return f"{diagnosis}\n\n{executor}"


def change(*tests: dict[str, object], inputs: tuple[object, ...] = ()) -> str:
    """Return a change of a specification as a model answers it."""
    nothing: dict[str, object] = {"outputs": [], "removed_inputs": [], "removed_outputs": []}
    return json.dumps({"inputs": inputs, "tests": tests, **nothing})


def scenario(text: str, replaces: str = "", given: str = "", value: str = "", expected: str = "") -> dict[str, object]:
    """Return a scenario as it stands in a change of a specification: a new one, or one that replaces another.

    Args:
        replaces: the scenario that a person's words, which are its text, put it in the place of.
        given: the field that is sent, with `value`; `expected` is the result then. "" leaves both to the text.
    """
    return {
        "replaces": replaces,
        "words": text if replaces else "",
        "text": text,
        "given": [{"field": given, "value": value}] if given else [],
        "expected": [{"field": "result", "value": expected}] if given else [],
    }


def replanned(reply: str = "", **changes: object) -> str:
    """Return a change of a plan as a model answers it; `reply` changes its specification."""
    nothing = {
        "answer": "As you say.",
        "done": True,
        "title": "",
        "summary": "",
        "slug": "",
        "dropped": [],
        "assumptions": ["Any alphabet is welcome."],
        "strategies": [],
    }
    return json.dumps(json.loads(reply or change()) | nothing | changes)


def way(name: str, *packages: str) -> dict[str, object]:
    """Return a strategy as it stands in a model's answer."""
    return {"name": name, "approach": f"Use {name}.", "packages": packages, "system_packages": [], "risks": ""}
