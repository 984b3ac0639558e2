"""Sample files that are text, and the archive of one."""

from __future__ import annotations

import io
import json
import re
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from xml.parsers import expat

from bot.clients.llm import Refused

GREETING = "Hello, world! This is a sample text.\nIt has two lines: Grüße aus Köln."
"""What a file says where nobody asks for another text."""
TABLE = "name,city,amount\nAda,London,12.5\nGrace,New York,7\nKurt,Köln,30\n"

_MARKUP = re.compile(r"\s*<[A-Za-z!?]")


def as_json(text: str) -> bytes:
    """Return `text` where it is JSON, else a JSON object that holds it."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        text = json.dumps({"text": text}, ensure_ascii=False)
    return text.encode()


def as_xml(text: str) -> bytes:
    """Return `text` where it is markup, else an XML document that holds it.

    Raises:
        Refused: the markup is not well-formed.
    """
    if not _MARKUP.match(text):
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<note>{escaped(text)}</note>\n'.encode()
    data = text.strip().encode()
    try:
        expat.ParserCreate().Parse(data, True)
    except expat.ExpatError as error:
        raise Refused(f"the text of a sample file is not well-formed XML: {error}") from None
    return data


def as_html(text: str) -> bytes:
    """Return `text` where it is markup, else a page with a paragraph for each of its lines."""
    if _MARKUP.match(text):
        return text.encode()
    body = "\n".join(f"<p>{escaped(line)}</p>" for line in text.splitlines())
    page = (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Sample</title></head>\n<body>\n{body}\n'
    )
    return f"{page}</body>\n</html>\n".encode()


def as_eml(text: str) -> bytes:
    """Return a message of plain text as it is sent, with `text` as its body."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Ada Lovelace <ada@example.com>"
    message["To"] = "Grace Hopper <grace@example.org>"
    message["Subject"] = "A sample message"
    message["Date"] = "Mon, 15 Jan 2024 09:30:00 +0000"
    message["Message-ID"] = "<sample@example.com>"
    message.set_content(text)
    return message.as_bytes()


def as_ics(text: str) -> bytes:
    """Return a calendar with an event of one hour, with `text` as its summary: RFC 5545."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example.com//sample//EN", "BEGIN:VEVENT"]
    lines += ["UID:sample@example.com", "DTSTAMP:20240115T090000Z", "DTSTART:20240120T140000Z"]
    lines += ["DTEND:20240120T150000Z", f"SUMMARY:{_property(text)}", "LOCATION:Room 1", "END:VEVENT", "END:VCALENDAR"]
    return _folded(lines)


def as_vcf(text: str) -> bytes:
    """Return the card of a person, with `text` as its note: RFC 6350."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", "N:Lovelace;Ada;;;", "FN:Ada Lovelace", "ORG:Example Ltd"]
    lines += ["TEL;TYPE=WORK:+44 20 7946 0000", "EMAIL:ada@example.com", f"NOTE:{_property(text)}", "END:VCARD"]
    return _folded(lines)


def as_zip(text: str) -> bytes:
    """Return an archive of hello.txt, which holds `text`, and data/table.csv."""
    return archive({"hello.txt": text, "data/table.csv": TABLE})


def archive(files: dict[str, str]) -> bytes:
    """Return a ZIP archive of text files by their paths; the same files make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, text in files.items():
            # A ZipInfo made by hand has a fixed date.
            packed.writestr(zipfile.ZipInfo(path), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def escaped(text: str) -> str:
    """Return `text` as it stands between two tags of XML or HTML, without the control characters that XML lacks."""
    return escape("".join(letter for letter in text if letter >= " " or letter in "\t\n\r"), quote=False)


def _property(text: str) -> str:
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(text.splitlines())


def _folded(lines: list[str]) -> bytes:
    """Return lines as both formats want them: CRLF, none longer than 75 bytes; a blank begins what continues a line."""
    out = b""
    for line in lines:
        length = 0
        for letter in line:
            data = letter.encode()
            if length + len(data) > 75:
                out += b"\r\n "
                length = 1
            out += data
            length += len(data)
        out += b"\r\n"
    return out
