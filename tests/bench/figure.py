"""One measured figure and the limit it is held to."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measurement.

    Attributes:
        unit: of `value` and `limit`, "" for a number of things.
        limit: what the value must stay below, or at; None where it is only reported.
        detail: how it was measured, or what else was seen.
        least: the limit is what the value must reach instead.
    """

    name: str
    value: float
    unit: str
    limit: float | None
    detail: str = ""
    least: bool = False

    @property
    def met(self) -> bool:
        """Whether the value keeps to its limit."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.least else self.value <= self.limit

    @property
    def measured(self) -> str:
        """The value as people read it, e.g. "1.42 s" or "51,125"."""
        value = f"{self.value:.3g}" if abs(self.value) < 1000 else f"{self.value:,.0f}"
        return f"{value} {self.unit}".rstrip()

    @property
    def allowed(self) -> str:
        """The limit as people read it, "" for none."""
        least = "at least " if self.least else ""
        return "" if self.limit is None else f"{least}{self.limit:g} {self.unit}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """Return what a file of results holds of the figure."""
        return asdict(self) | {"met": self.met}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Figure:
        """Return the figure that `as_json` has made `data` of."""
        return cls(data["name"], data["value"], data["unit"], data["limit"], data["detail"], data.get("least", False))


def machine() -> str:
    """Describe the machine the figures were measured on."""
    models = [line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    processor = models[0] if models else platform.processor()
    return f"{os.cpu_count()} cores ({processor}), {memory / 2**20:.0f} GiB, Python {platform.python_version()}"


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
