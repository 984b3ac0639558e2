"""The `bash` that steps are run with: it waits until what a failed step has printed was read."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

# act closes a failed step's terminal without reading it empty, and with it goes the line that says what went wrong.
# This `bash` comes first on PATH and pipes the real one's output. After a failure it prints a last line of its own and
# waits until the hub, which reads what act has read, answers through a named pipe; after five seconds it waits no more.
# The signal that ends a cancelled run is for the step alone: without the pipe its first word would kill it before it
# has cleaned up. Nobody reads any more then, and nobody answers.
_SCRIPT = """\
#!{bash}
trap unread=1 TERM
PATH="${{PATH/"{folder}/bin:"/}}" {bash} "$@" 2>&1 | (trap '' TERM; exec cat)
status=${{PIPESTATUS[0]}}
if [ "$status" -ne 0 ] && [ -z "$unread" ]; then
  trap 'exit "$status"' TERM
  pipe={folder}/pipes/$$
  mkfifo "$pipe" && exec 3<> "$pipe" && echo "{mark}$$" && read -r -t 5 <&3
fi
exit "$status"
"""
_MARK = "gptdeploy: the output ends here: "
_LAST_LINE = re.compile(rf"(?P<before>.*){_MARK}(?P<pipe>\d+)\n?", re.DOTALL)


def install_shell(folder: Path, path: str) -> Path:
    """Make the shell in a run's folder, around the `bash` that is on `path`; return the folder it is in."""
    for name in ("bin", "pipes"):
        (folder / name).mkdir()
    bash = folder / "bin" / "bash"
    real = shutil.which("bash", path=path) or "/bin/bash"
    bash.write_text(_SCRIPT.format(bash=real, folder=folder, mark=_MARK))
    bash.chmod(0o755)
    return bash.parent


def answer_shell(folder: Path, output: str) -> str | None:
    """Let the shell go on if a step's `output` is its last line; return what else it is, None for nothing else."""
    last = _LAST_LINE.fullmatch(output)
    if last is None:
        return output
    # A step may print such a line itself: then there is no pipe, or nobody who reads it.
    with contextlib.suppress(OSError):
        pipe = os.open(folder / "pipes" / last["pipe"], os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(pipe, b"\n")
        finally:
            os.close(pipe)
    return last["before"] or None
