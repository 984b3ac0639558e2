"""What a service may reach, read from a settings file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import WrongSettings
from bot.deploy.named_hosts import named_hosts


def read(tmp_path: Path, text: str, slug: str = "weather") -> tuple[str, ...]:
    file = tmp_path / "microservice.yml"
    file.write_text(text)
    return named_hosts(file, slug)


def test_each_service_has_its_own_hosts_and_others_none(tmp_path: Path) -> None:
    text = "egress:\n  weather: [api.example.com, 'db.example.com:8443']\n  other: [x.example]\n"
    assert read(tmp_path, text) == ("api.example.com", "db.example.com:8443")
    assert read(tmp_path, text, "nothing") == ()
    assert named_hosts(tmp_path / "none.yml", "weather") == ()


def test_a_fault_elsewhere_in_the_file_stops_no_deployment(tmp_path: Path) -> None:
    assert read(tmp_path, "fixes: many\negress: {weather: [api.example.com]}\n") == ("api.example.com",)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "egress: {weather: [https://a.example/x]}",
            1,
            "everything in `egress.weather` must be like `api.",
        ),
        ("fixes: 1\negress:\n  weather: ['*']", 3, "everything in `egress.weather` must be like"),
        ("egress:\n  weather: a.example", 2, "`egress.weather` must be a list"),
        ("egress: [a.example]", 1, "`egress` must be names, and for each a list"),
        ("egress: {weather: [a.example:0]}", 1, "must be like"),
        ("egress: [", 1, "not valid YAML"),
    ],
)
def test_what_names_no_hosts_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(WrongSettings) as error:
        read(tmp_path, text)
    [fault] = error.value.faults
    assert fault.line == line
    assert said in str(fault.text)
