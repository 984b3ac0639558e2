"""Secrets are hidden, and everything else stays as it is."""

from __future__ import annotations

import pytest

from bot.foreign import redacted

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2 user=anna", "password=*** user=anna"),
        ("DB_PASSWORD: hunter2", "DB_PASSWORD: ***"),
        ('{"api_key": "abc def", "n": 1}', '{"api_key": ***, "n": 1}'),
        ("{'client_secret': 'it\\'s', 'n': 1}", "{'client_secret': ***, 'n': 1}"),
        ("X-Api-Key: 0123", "X-Api-Key: ***"),
        ("token => abc", "token => ***"),
        ("Set-Cookie: sid=1", "Set-Cookie: ***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("{'authorization': 'Basic YTpi'}", "{'authorization': 'Basic ***'}"),
        ("sent Bearer abcdefghijklmnop1234", "sent Bearer ***"),
        ("GET https://anna:s3cret@example.com/x?token=abc&y=1", "GET https://anna:***@example.com/x?token=***&y=1"),
        ("redis://:s3cret@cache:6379/0", "redis://:***@cache:6379/0"),
        ("key ghp_" + "a" * 36 + " used", "key *** used"),
        ("github_pat_" + "a" * 30, "***"),
        ("sk-proj-" + "a" * 40, "***"),
        ("AKIA" + "A" * 16, "***"),
        ("AIza" + "a" * 35, "***"),
        ("xoxb-1234567890-abc", "***"),
        ("sk_live_" + "a" * 24, "***"),
        (f"claims of {JWT}", "claims of ***"),
        (
            "before\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nafter",
            "before\n-----BEGIN RSA PRIVATE KEY-----\n***\n-----END RSA PRIVATE KEY-----\nafter",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "-----BEGIN PRIVATE KEY-----\n***\n"),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        'INFO:     172.18.0.3:41234 - "POST /execute HTTP/1.1" 200 OK',
        "ValueError: unexpected token at line 3",
        "a secret is no problem",
        "https://example.com:8080/a@b",
        "sha256:" + "a" * 64,
        "the tokenizer found 12 words",
        'File "/service/executor.py", line 12, in execute',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text
