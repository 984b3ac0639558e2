"""What a text must be to have a format of JSON schema.

`interface.py` of every service gets the sources of these functions, so that a service and the bot judge alike. Each
function returns the text, or raises ValueError with what the text must be.
"""

import base64
import binascii
import re
from datetime import date, datetime
from urllib.parse import urlsplit


def check_date(text: str) -> str:
    try:
        valid = date.fromisoformat(text).isoformat() == text
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("must be a date such as 2026-01-31")
    return text


def check_date_time(text: str) -> str:
    try:
        datetime.fromisoformat(text)
        valid = text[10:11] in ("T", "t", " ")
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("must be a date and time such as 2026-01-31T12:30:00Z")
    return text


def check_email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+", text):
        raise ValueError("must be an email address")
    return text


def check_uri(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = bool(parts.scheme and (parts.netloc or parts.path)) and not re.search(r"\s", text)
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("must be a URL such as https://example.com/")
    return text


def check_uuid(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise ValueError("must be a UUID")
    return text


def check_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be the base64 text of a file") from None
    return text


CHECKS = {
    "date": check_date,
    "date-time": check_date_time,
    "email": check_email,
    "uri": check_uri,
    "uuid": check_uuid,
}
"""Format -> what checks it. Every other format of JSON schema is a note for people."""
