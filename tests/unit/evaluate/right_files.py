"""Services that do what the issues of tasks with files say."""

from __future__ import annotations

from tests.fakes.fields import field
from tests.unit.evaluate.made import Made, optional

PICTURE = """
import base64
import io

from fastapi import HTTPException
from PIL import Image


def read_picture(content):
    try:
        return Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB")
    except OSError:
        raise HTTPException(422, "no picture") from None
"""

FIT = Made(
    inputs=(
        field("picture", "file", media_types=["image/png", "image/jpeg", "image/gif"]),
        field("box", "object", required=False),
        optional("box.width", "integer", "300", minimum=1, maximum=2000),
        optional("box.height", "integer", "300", minimum=1, maximum=2000),
        field("background", required=False, nullable=True, default='"#ffffff"'),
    ),
    outputs=(
        field("picture", "file", media_types=["image/png"]),
        field("width", "integer"),
        field("height", "integer"),
        field("scale", "number"),
    ),
    execute=PICTURE
    + """

def execute(input: Input) -> Output:
    picture = read_picture(input.picture)
    width, height = (input.box.width, input.box.height) if input.box else (300, 300)
    scale = min(width / picture.width, height / picture.height, 1)
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    if input.background is not None:
        box = Image.new("RGB", (width, height), input.background)
        box.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        picture = box
    file = io.BytesIO()
    picture.save(file, "PNG")
    return Output(picture=base64.b64encode(file.getvalue()).decode(), width=picture.width, height=picture.height,
                  scale=scale)
""",
)

CSV_TO_XLSX = Made(
    inputs=(
        field("file", "file", media_types=["text/csv"]),
        field("delimiter", required=False, default='","', choices=[",", ";", "|"]),
        field("sheetName", required=False, default='"Data"', limits={"minLength": 1, "maxLength": 31}),
    ),
    outputs=(
        field("workbook", "file", media_types=["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]),
        field("rowCount", "integer"),
    ),
    execute=r"""
import base64
import csv
import io
import re

from fastapi import HTTPException
from openpyxl import Workbook


def value(text):
    if re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?(0|[1-9][0-9]*)\.[0-9]+", text) else text


def execute(input: Input) -> Output:
    header, *rows = list(csv.reader(io.StringIO(input.file), delimiter=input.delimiter)) or [None]
    if header is None:
        raise HTTPException(422, "an empty file")
    book = Workbook()
    book.active.title = input.sheet_name
    book.active.append(header)
    for row in rows:
        book.active.append([value(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return Output(workbook=base64.b64encode(file.getvalue()).decode(), row_count=len(rows))
""",
)

HEATMAP = Made(
    inputs=(
        field("rows", "rows of number"),
        optional("width", "integer", "400", minimum=50, maximum=2000),
        optional("height", "integer", "300", minimum=50, maximum=2000),
        field("colormap", required=False, default='"viridis"', choices=["viridis", "gray", "hot"]),
    ),
    outputs=(
        field("image", "file", media_types=["image/png"]),
        field("min", "number"),
        field("max", "number"),
        field("mean", "number"),
    ),
    execute="""
import base64
import io

from fastapi import HTTPException
from PIL import Image

MAPS = {
    "gray": lambda x: (x, x, x),
    "viridis": lambda x: (68 + x * 185 // 255, 1 + x * 230 // 255, 84 - x * 48 // 255),
    "hot": lambda x: (min(255, 3 * x), max(0, min(255, 3 * x - 255)), max(0, 3 * x - 510)),
}


def execute(input: Input) -> Output:
    if not input.rows or not input.rows[0] or len({len(row) for row in input.rows}) > 1:
        raise HTTPException(422, "no matrix")
    numbers = [number for row in input.rows for number in row]
    low, high = min(numbers), max(numbers)
    cells = Image.new("RGB", (len(input.rows[0]), len(input.rows)))
    cells.putdata([MAPS[input.colormap](round((n - low) / ((high - low) or 1) * 255)) for n in numbers])
    file = io.BytesIO()
    cells.resize((input.width, input.height), Image.Resampling.NEAREST).save(file, "PNG")
    mean = sum(numbers) / len(numbers)
    return Output(image=base64.b64encode(file.getvalue()).decode(), min=low, max=high, mean=mean)
""",
)

PALETTE = Made(
    inputs=(
        field("image", "file", media_types=["image/png", "image/jpeg"]),
        optional("colors", "integer", "5", minimum=1, maximum=16),
        optional("ignore", "list of text", "[]"),
    ),
    outputs=(
        field("palette", "list of object"),
        field("palette[].hex"),
        field("palette[].share", "number"),
        field("width", "integer"),
        field("height", "integer"),
    ),
    execute=PICTURE
    + """
from collections import Counter

def execute(input: Input) -> Output:
    picture = read_picture(input.image)
    ignored = {name.lower() for name in input.ignore}
    colors = {color: count for count, color in picture.getcolors(1 << 24) if "#%02x%02x%02x" % color not in ignored}
    if len(colors) > input.colors:
        counted = Image.new("RGB", (sum(colors.values()), 1))
        counted.putdata([color for color, count in colors.items() for _ in range(count)])
        found = counted.quantize(input.colors).convert("RGB").getcolors(1 << 24)
        colors = Counter()
        for count, color in found:
            colors[color] += count
    all_of_them = sum(colors.values())
    palette = [
        {"hex": "#%02x%02x%02x" % color, "share": count / all_of_them}
        for color, count in sorted(colors.items(), key=lambda item: -item[1])
    ]
    return Output.model_validate({"palette": palette, "width": picture.width, "height": picture.height})
""",
)

PDF_TEXT = Made(
    inputs=(
        field("pdf", "file", media_types=["application/pdf"]),
        field("from", "integer", required=False, limits={"minimum": 1}),
        field("to", "integer", required=False, limits={"minimum": 1}),
    ),
    outputs=(
        field("pageCount", "integer"),
        field("title", nullable=True),
        field("pages", "list of object"),
        field("pages[].page", "integer"),
        field("pages[].text"),
        field("pages[].words", "integer"),
    ),
    execute="""
import base64
import io

from fastapi import HTTPException
from pypdf import PdfReader
from pypdf.errors import PyPdfError


def execute(input: Input) -> Output:
    try:
        reader = PdfReader(io.BytesIO(base64.b64decode(input.pdf)))
        count = len(reader.pages)
    except PyPdfError:
        raise HTTPException(422, "no PDF") from None
    first, last = input.from_ or 1, min(input.to or count, count)
    if first > last:
        raise HTTPException(422, "no such pages")
    texts = {number: reader.pages[number - 1].extract_text() for number in range(first, last + 1)}
    pages = [{"page": number, "text": text, "words": len(text.split())} for number, text in texts.items()]
    title = reader.metadata.title if reader.metadata else None
    return Output.model_validate({"pageCount": count, "title": title, "pages": pages})
""",
)

DOCX_OUTLINE = Made(
    inputs=(
        field(
            "document",
            "file",
            media_types=["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
        ),
        optional("max-level", "integer", "3", minimum=1, maximum=9),
        optional("numbered", "boolean", "false"),
    ),
    outputs=(
        field("headings", "list of object"),
        field("headings[].level", "integer"),
        field("headings[].text"),
        field("words", "integer"),
        field("author", nullable=True),
    ),
    execute="""
import base64
import io
import re

from docx import Document
from fastapi import HTTPException


def execute(input: Input) -> Output:
    try:
        document = Document(io.BytesIO(base64.b64decode(input.document)))
    except Exception:
        raise HTTPException(422, "no DOCX") from None
    counts, headings = [0] * 9, []
    for paragraph in document.paragraphs:
        style = re.fullmatch("Heading ([1-9])", paragraph.style.name)
        if not style or not paragraph.text.strip() or int(style[1]) > input.max_level:
            continue
        level = int(style[1])
        counts[level - 1 :] = [counts[level - 1] + 1] + [0] * (9 - level)
        number = ".".join(map(str, counts[:level])) + " " if input.numbered else ""
        headings.append({"level": level, "text": number + paragraph.text})
    words = sum(len(paragraph.text.split()) for paragraph in document.paragraphs)
    author = document.core_properties.author or None
    return Output.model_validate({"headings": headings, "words": words, "author": author})
""",
)
