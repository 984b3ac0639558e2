"""The sample PDF: pages of text in Helvetica."""

from __future__ import annotations

import textwrap

from bot.clients.llm import Refused

_COLUMNS, _ROWS = 80, 48
"""Letters in a line and lines on a page of A4."""


def pdf(text: str) -> bytes:
    """Return a PDF with as many pages of A4 as `text` needs.

    Raises:
        Refused: a letter of the text is not in the fonts that every reader of PDF has.
    """
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, _COLUMNS) or [""]] or [""]
    pages = [lines[at : at + _ROWS] for at in range(0, len(lines), _ROWS)]
    kids = b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, page in enumerate(pages):
        content = b"BT /F1 12 Tf 15 TL 56 780 Td\n%s\nET" % b"\n".join(b"(%s) Tj T*" % _escaped(line) for line in page)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * at),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _escaped(line: str) -> bytes:
    try:
        data = line.encode("cp1252")
    except UnicodeEncodeError as error:
        odd = line[error.start]
        raise Refused(f"a sample PDF holds Western letters only, not {odd!r}; give another text") from None
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
