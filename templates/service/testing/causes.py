"""Exceptions in the log of this service, as pytest writes the causes of a test's failure."""

import re
from collections.abc import Sequence

OWN = ("executor.py", "interface.py", "server.py")
INNERMOST = 10
"""How many frames of a crash are told that is not in the executor."""
FRAME = re.compile(r'^  (?:  )?File "([^"]+)", line (\d+)(?:, in (.+))?$')
CRASH_FRAME = re.compile(r'^  File "([^"]+)", line (\d+) in (.+)$')
LOGGED = re.compile(r"^(?:\d{4}-\d\d-\d\d |INFO: |WARNING: |ERROR: )")
JOINT = "The above exception was the direct cause of the following exception:"
JOINTS = ("During handling of the above exception, another exception occurred:", JOINT)


def split(log: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what a log says before the last exception in it, and the exception, as pytest writes it.

    The exception is empty where there is none: neither a traceback, nor Python's account of a crash.
    """
    for number in reversed(range(len(log))):
        if begins_traceback(log, number):
            return list(log[:number]), write_traceback(log[number:])
        if log[number].startswith("Fatal Python error: "):
            return list(log[:number]), write_crash(log[number:])
    return list(log), []


def begins_traceback(log: Sequence[str], number: int) -> bool:
    """Return whether the first traceback of a chain begins at a line."""
    before = log[max(0, number - 3) : number]
    return log[number].endswith("Traceback (most recent call last):") and not any(
        line.startswith(JOINTS) for line in before
    )


def write_traceback(log: Sequence[str]) -> list[str]:
    """Return the traceback at the beginning of a log as pytest writes one, from the executor on."""
    lines: list[str] = []
    frames: list[str] = []
    named = False
    for line in log:
        frame = FRAME.match(line)
        if line.endswith("Traceback (most recent call last):"):
            frames, named = [], False
        elif line.startswith(JOINTS):
            lines += ["", line]
        elif named and LOGGED.match(line):
            break
        elif frame and not named:
            frames.append(f"{name(frame[1])}:{frame[2]}: in {frame[3]}")
        elif line.startswith("    ") and not named:
            frames.append(line)
        elif line.strip():
            lines += [*([] if named else from_executor(frames)), f"E   {line}"]
            named = True
    return lines


def write_crash(log: Sequence[str]) -> list[str]:
    """Return where Python's interpreter itself ended as pytest writes a traceback.

    https://docs.python.org/3/library/faulthandler.html: it tells the innermost frame first.
    """
    frames: list[str] = []
    current = False
    for line in log:
        if line.startswith("Current thread "):
            current = True
        elif current and (frame := CRASH_FRAME.match(line)):
            frames.insert(0, f"{name(frame[1])}:{frame[2]}: in {frame[3]}")
        elif frames:
            break
    return [*from_executor(frames)[-INNERMOST:], f"E   ServiceEnded: {log[0]}"]


def from_executor(frames: Sequence[str]) -> list[str]:
    """Return the frames from the executor's on, as what stands before is the server's; all where it has none."""
    first = next((number for number, frame in enumerate(frames) if frame.startswith("executor.py:")), 0)
    return list(frames[first:])


def name(path: str) -> str:
    """Return the path of a file without the service's folder."""
    file = path.rpartition("/")[2]
    return file if file in OWN else path
