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


def suite(*names: str, expected: str = "HELLO") -> str:
    """Return the tests of scenarios as a model answers them."""
    functions = [
        f'''def test_{name}(call):
    status, answer = call({{"text": "hello"}})
    assert status == 200
    assert answer["result"] == "{expected}"
'''
        for name in names or ["hello_gives_hello"]
    ]
    return "test_executor.py\n```python\n" + "\n\n".join(functions) + "```\n"


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
