"""Keys and tokens are found by their shape, and said without being repeated."""

from __future__ import annotations

import pytest

from bot.foreign import find_keys, without_keys

BLOCK = f"-----BEGIN RSA PRIVATE KEY-----\n{'MIIEpAIBAAKCAQEA' * 4}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("GitHub Token", f"gh{'p'}_{'a1B2' * 9}"),
        ("GitHub Token", f"github_pat_{'a1_' * 12}"),
        ("API key of a model", f"sk-{'proj-a1B2' * 4}"),
        ("AWS Access Key", f"AKIA{'Q7ZP' * 4}"),
        ("Slack Token", f"xox{'b'}-{'12-ab' * 4}"),
        ("Slack Token", "https://hooks.slack.com/services/T0AB1/B0CD2/e3f4g5"),
        ("Twilio API Key", "SK" + "0a1b" * 8),
        ("SendGrid API Key", f"SG.{'a1B2c3D4e5F' * 2}.{'a1B2c3D4e5F6' * 3}a1B2c3D"),
        ("Telegram Bot Token", f"123456789:{'AbC-1' * 7}"),
        ("Private Key", BLOCK),
    ],
)
def test_a_key_is_named_by_its_kind_and_its_line(kind: str, text: str) -> None:
    source = f'# first\nKEY = """{text}"""\n'
    (found,) = find_keys(source)
    assert str(found.place).endswith(f"{kind} in line 2")
    assert source[found.start : found.end] == text
    assert without_keys(source) == '# first\nKEY = """***"""\n'


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn",
        "risk-" + "a1" * 15,
        "ask-" + "b2" * 15,
        r"AKIA[A-Z0-9]{16}",
        "-----BEGIN PRIVATE KEY-----",
        "sha256:" + "0a1b" * 16,
        "api_key = os.environ['API_KEY']",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "",
    ],
)
def test_other_text_and_samples_are_no_keys(text: str) -> None:
    assert without_keys(f"A = r'{text}'") == f"A = r'{text}'"


def test_several_keys_are_found_in_order_and_none_twice() -> None:
    one, other = f"gh{'p'}_{'a1B2' * 9}", f"glpat-{'a1B2' * 6}"
    assert [key.line for key in find_keys(f"{one} {other}\n{one}")] == [1, 1, 2]
