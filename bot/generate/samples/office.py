"""Sample documents of Office Open XML (ECMA-376): the smallest set of parts that Word, Excel and PowerPoint open."""

from __future__ import annotations

import csv
import re

from bot.generate.samples.text_files import archive, escaped

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_RELATIONS = f"{_OPEN}/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument"
_DRAWING = f'xmlns:a="{_OPEN}/drawingml/2006/main" xmlns:r="{_RELATIONS}" xmlns:p="{_OPEN}/presentationml/2006/main"'
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
"""A number as JSON writes it: what begins with a needless 0 is no number but a code."""
_Parts = dict[str, tuple[str, str]]
"""The parts of a document by path: media type (after `_TYPES`), XML."""


def docx(text: str) -> bytes:
    """Return a document of Word with a paragraph for each line of `text`."""
    paragraphs = "".join(f"<w:p><w:r>{_run('w', line)}</w:r></w:p>" for line in text.splitlines())
    body = (
        f'<w:document xmlns:w="{_OPEN}/wordprocessingml/2006/main"><w:body>{paragraphs}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    )
    return _document({"word/document.xml": ("wordprocessingml.document.main", body)}, {})


def xlsx(text: str) -> bytes:
    """Return a workbook with one sheet that holds `text`, read as CSV; what looks like a number is one."""
    main = f"{_OPEN}/spreadsheetml/2006/main"
    rows = "".join(
        f'<row r="{at}">{"".join(_cell(f"{_column(place)}{at}", value) for place, value in enumerate(row))}</row>'
        for at, row in enumerate(csv.reader(text.splitlines()), 1)
    )
    workbook = (
        f'<workbook xmlns="{main}" xmlns:r="{_RELATIONS}">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    sheet = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    return _document(
        {
            "xl/workbook.xml": ("spreadsheetml.sheet.main", workbook),
            "xl/worksheets/sheet1.xml": ("spreadsheetml.worksheet", sheet),
        },
        {"xl/workbook.xml": [("worksheet", "worksheets/sheet1.xml")]},
    )


def pptx(text: str) -> bytes:
    """Return a presentation of one slide: the first line of `text` is its title, the others are its text."""
    title, *lines = text.splitlines() or [""]
    slide = _shape(2, "title", [title], "838200", "365125") + _shape(3, "body", lines or [""], "838200", "1825625")
    colours = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in _COLOURS.items())
    theme = (
        f'<a:theme {_DRAWING} name="Sample"><a:themeElements><a:clrScheme name="Sample">{colours}</a:clrScheme>'
        f'<a:fontScheme name="Sample">{_fonts("major")}{_fonts("minor")}</a:fontScheme>'
        f'<a:fmtScheme name="Sample"><a:fillStyleLst>{_FILL * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{f'<a:ln>{_FILL}</a:ln>' * 3}</a:lnStyleLst>"
        f"<a:effectStyleLst>{'<a:effectStyle><a:effectLst/></a:effectStyle>' * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{_FILL * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )
    maps = " ".join(f'{name}="{name if name[-1].isdigit() else _MAPS.get(name, name)}"' for name in _MAPPED)
    master = (
        f"<p:sldMaster {_DRAWING}>{_tree('')}<p:clrMap {maps}/>"
        '<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>'
    )
    presentation = (
        f'<p:presentation {_DRAWING}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
        '<p:sldIdLst><p:sldId id="256" r:id="rId2"/></p:sldIdLst>'
        '<p:sldSz cx="12192000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>'
    )
    return _document(
        {
            "ppt/presentation.xml": ("presentationml.presentation.main", presentation),
            "ppt/slides/slide1.xml": ("presentationml.slide", f"<p:sld {_DRAWING}>{_tree(slide)}</p:sld>"),
            "ppt/slideLayouts/slideLayout1.xml": (
                "presentationml.slideLayout",
                f'<p:sldLayout {_DRAWING} type="obj">{_tree("")}</p:sldLayout>',
            ),
            "ppt/slideMasters/slideMaster1.xml": ("presentationml.slideMaster", master),
            "ppt/theme/theme1.xml": ("theme", theme),
        },
        {
            "ppt/presentation.xml": [
                ("slideMaster", "slideMasters/slideMaster1.xml"),
                ("slide", "slides/slide1.xml"),
            ],
            "ppt/slides/slide1.xml": [("slideLayout", "../slideLayouts/slideLayout1.xml")],
            "ppt/slideLayouts/slideLayout1.xml": [("slideMaster", "../slideMasters/slideMaster1.xml")],
            "ppt/slideMasters/slideMaster1.xml": [
                ("slideLayout", "../slideLayouts/slideLayout1.xml"),
                ("theme", "../theme/theme1.xml"),
            ],
        },
    )


_COLOURS = {
    "dk1": "000000",
    "lt1": "FFFFFF",
    "dk2": "1F3864",
    "lt2": "E7E6E6",
    "accent1": "B23A2E",
    "accent2": "60A048",
    "accent3": "FACD3C",
    "accent4": "485888",
    "accent5": "5E3E28",
    "accent6": "78B4EB",
    "hlink": "0563C1",
    "folHlink": "954F72",
}
_MAPS = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
_MAPPED = [*_MAPS, *list(_COLOURS)[4:]]
_FILL = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'


def _document(parts: _Parts, relations: dict[str, list[tuple[str, str]]]) -> bytes:
    """Return a document.

    Args:
        parts: the first of them is the main part.
        relations: what a part refers to, as (kind, path from the part's folder); the first has the id rId1.
    """
    overrides = "".join(
        f'<Override PartName="/{path}" ContentType="{_TYPES}.{media}+xml"/>' for path, (media, _) in parts.items()
    )
    types = (
        f'<Types xmlns="{_OPEN}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    files = {"[Content_Types].xml": types, "_rels/.rels": _related([("officeDocument", next(iter(parts)))])}
    for path, (_, text) in parts.items():
        files[path] = text
        if path in relations:
            folder, name = path.rsplit("/", 1)
            files[f"{folder}/_rels/{name}.rels"] = _related(relations[path])
    return archive({path: _XML + text for path, text in files.items()})


def _related(targets: list[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_OPEN}/package/2006/relationships">{lines}</Relationships>'


def _run(prefix: str, line: str) -> str:
    kept = ' xml:space="preserve"' if prefix == "w" else ""
    return f"<{prefix}:t{kept}>{escaped(line)}</{prefix}:t>"


def _column(place: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _cell(name: str, value: str) -> str:
    if _NUMBER.fullmatch(value):
        return f'<c r="{name}"><v>{value}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{escaped(value)}</t></is></c>'


def _fonts(kind: str) -> str:
    return f'<a:{kind}Font><a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/></a:{kind}Font>'


def _tree(shapes: str) -> str:
    return (
        '<p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        f"{shapes}</p:spTree></p:cSld>"
    )


def _shape(number: int, kind: str, lines: list[str], left: str, top: str) -> str:
    paragraphs = "".join(f"<a:p><a:r>{_run('a', line)}</a:r></a:p>" for line in lines)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{kind}"/><p:cNvSpPr/><p:nvPr><p:ph type="{kind}"/></p:nvPr>'
        f'</p:nvSpPr><p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="10515600" cy="1325563"/></a:xfrm></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:lstStyle/>{paragraphs}</p:txBody></p:sp>"
    )
