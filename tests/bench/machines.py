"""A platform loses the machine of three that is leader, registry and only replica: until users are answered again."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.bench.figure import Figure

_TEST = "tests/end_to_end/test_several_machines.py::test_machines_join_and_one_that_is_lost_is_replaced"
_SAID = re.compile(r"back after (?P<back>[\d.]+) s, a leader after (?P<leader>[\d.]+) s, (?P<failed>.+)")


def measure() -> list[Figure]:
    """Have the test of it do it, alone on this machine."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", _TEST], capture_output=True, text=True, check=True
    )
    said = _SAID.search(done.stdout)
    assert said, done.stdout
    back, leader = float(said["back"]), float(said["leader"])
    # Swarm draws how long the election of a leader takes, from 10 to 20 s, and nothing here makes it faster.
    return [
        Figure(
            "a machine lost, until all requests are answered",
            back,
            "s",
            30,
            f"a leader after {leader} s; {said['failed']}",
        ),
        Figure("of it the platform's own share, after the election", back - leader, "s", 15),
    ]
