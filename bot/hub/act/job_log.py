"""Write a job's log as GitHub does: a timestamp with seven decimals in each line, groups, and `##[error]` for failures.

The format is not documented; it is what `GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs` returns.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_MASK = "***"

_SHELLS = {
    "": "/usr/bin/bash -e {0}",
    "bash": "/usr/bin/bash --noprofile --norc -e -o pipefail {0}",
    "sh": "/usr/bin/sh -e {0}",
}
"""How GitHub calls the shells and shows them in logs; where a step names none, bash runs without pipefail."""


class JobLog:
    """The log file of one job. Every line is written at once, so that a page can show the log live.

    `secrets` never reach the file, neither as they are nor in base64.
    """

    def __init__(self, path: Path, secrets: Iterable[str] = ()) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # GitHub's logs start with a byte order mark.
        self._file = path.open("w", encoding="utf-8-sig", buffering=1)
        self._masks: set[str] = set()
        for secret in secrets:
            self.mask(secret)

    def close(self) -> None:
        self._file.close()

    def mask(self, secret: str) -> None:
        """Hide `secret` from here on (`::add-mask::`), each of its lines for itself."""
        for part in secret.splitlines():
            if part.strip():
                self._masks |= {part, base64.b64encode(part.encode()).decode()}

    def write(self, text: str) -> None:
        """Append the lines of `text`, each with its timestamp; a trailing newline adds none."""
        for secret in sorted(self._masks, key=len, reverse=True):
            text = text.replace(secret, _MASK)
        stamp = timestamp(time.time_ns())
        # Only "\n" ends a line: str.splitlines would also split at form feeds and the like.
        for line in text.removesuffix("\n").split("\n"):
            self._file.write(f"{stamp} {line.rstrip(chr(13))}\n")

    def start_job(self, name: str, runner: str) -> None:
        self.write(f"Current runner version: '{runner}'\n##[group]Runner\nSteps run on this machine\n##[endgroup]")
        self.write(f"Complete job name: {name}")

    def start_step(self, step: Mapping[str, Any], env: Mapping[str, Any]) -> None:
        """Write the group that opens a step.

        Args:
            step: the step as the workflow file has it.
            env: the variables in force (workflow, job, step). Those computed by an expression are left out, because
                their values are not known here.
        """
        lines = [f"##[group]{run_title(step)}"]
        if "uses" in step:
            lines += _block("with", step.get("with") or {})
        else:
            shell = str(step.get("shell") or "")
            script = str(step.get("run", "")).rstrip("\n")
            lines += [f"\x1b[36;1m{line}\x1b[0m" for line in script.split("\n")]
            lines.append(f"shell: {_SHELLS.get(shell, shell)}")
        lines += _block("env", {name: value for name, value in env.items() if "${{" not in str(value)})
        self.write("\n".join([*lines, "##[endgroup]"]))

    def command(self, name: str, argument: str) -> None:
        """Write a workflow command as GitHub shows it; most commands leave nothing in the log."""
        if name in {"group", "endgroup", "error", "warning", "notice", "debug"}:
            self.write(f"##[{name}]{argument}")

    def fail_step(self, message: str) -> None:
        """Write why a step failed; `message` is what act says of it, e.g. "exit status 3"."""
        code = re.fullmatch(r"exit status (\d+)", message)
        self.write(f"##[error]Process completed with exit code {code[1]}." if code else f"##[error]{message}")


def run_title(step: Mapping[str, Any]) -> str:
    """Return what GitHub calls a step without a name: `Run` and its action, or the first line of its script."""
    first = str(step.get("uses") or str(step.get("run", "")).strip()).split("\n")[0]
    return f"Run {first}"


def timestamp(nanoseconds: int) -> str:
    """Format nanoseconds since the epoch as e.g. `2026-01-31T12:00:00.1234567Z`."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 100:07d}Z"


def _block(title: str, values: Mapping[str, Any]) -> list[str]:
    shown = {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}
    return [f"{title}:", *(f"  {name}: {value}" for name, value in shown.items())] if shown else []
