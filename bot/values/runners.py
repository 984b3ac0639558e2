"""On which runners the workflow files have their jobs run: as a variable of the repository or its organization says."""

from __future__ import annotations

import json

RUNNER_VARIABLE = "GPTDEPLOY_RUNNER"
DEFAULT_RUNNER = "ubuntu-latest"
HOSTED = ("ubuntu-", "windows-", "macos-")
"""What the labels of GitHub's own runners begin with."""


def runner_labels(value: str) -> frozenset[str]:
    """Return the labels that the variable names: one, or a JSON list of them; "" stands for the default.

    Raises:
        ValueError: it begins as a list and is none of labels.
    """
    if not value.startswith("["):
        return frozenset([value or DEFAULT_RUNNER])
    try:
        labels = json.loads(value)
    except ValueError:
        labels = None
    if not labels or not all(isinstance(label, str) and label for label in labels):
        raise ValueError("a list of labels is a JSON list of texts")
    return frozenset(labels)
