"""Only what GitHub has signed is read."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from bot.web.signature import verify


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_signature_of_githubs_documentation() -> None:
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    assert verify(
        "It's a Secret to Everybody",
        b"Hello, World!",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    )


@pytest.mark.parametrize(
    ("secret", "given"),
    [
        ("secret", None),
        ("secret", ""),
        ("secret", "sha256="),
        ("secret", signature("secret", b"other")),
        ("secret", signature("other", b"body")),
        ("secret", signature("secret", b"body").removeprefix("sha256=")),
        ("secret", signature("secret", b"body").replace("sha256", "sha1")),
        ("secret", "sha256=é"),
        ("secret", "sha256=\udcff"),
        ("", signature("", b"body")),
    ],
)
def test_wrong_signatures(secret: str, given: str | None) -> None:
    assert not verify(secret, b"body", given)
