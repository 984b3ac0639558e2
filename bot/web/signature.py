"""Whether a delivery is GitHub's: by its signature, which only who knows the secret can make."""

from __future__ import annotations

import hashlib
import hmac


def verify(secret: str, body: bytes, signature: str | None) -> bool:
    """Tell in constant time whether `signature` (header X-Hub-Signature-256) is that of `body`.

    Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    if not secret or not signature:
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # As bytes, because compare_digest refuses text that is not ASCII, and a header may hold any text.
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape"))
