"""Which tests run in one process, because they share what takes long to make; `--dist loadscope` heeds it.

The marks of `--dist loadgroup` are not seen in pytest 9.2 (pytest-xdist 3.8 writes them into what no longer is the name
of a test).
"""

from __future__ import annotations

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

GROUPS = {
    "stack": ("demo", "evaluate", "review", "steering"),
    "platform": (
        *("operations", "order", "own_registry", "platform", "pull_credentials", "rollout", "service_isolation"),
        "several_machines",
    ),
    "addresses": ("addresses", "certificates"),
    "preflight": ("preflight", "walls"),
}
"""Modules by what they share. All others are a group, too."""


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Has one process run all tests of a group, so that no fixture is made twice."""

    def _split_scope(self, nodeid: str) -> str:
        module = Path(nodeid.partition("::")[0]).stem.removeprefix("test_")
        return next((group for group, modules in GROUPS.items() if module in modules), "others")
