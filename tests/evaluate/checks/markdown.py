"""Markdown to HTML, with a list of the headings."""

from __future__ import annotations

from tests.evaluate.reading import elements
from tests.evaluate.service import Service, holds, same


def _tags(html: str) -> list[tuple[str, str]]:
    return [(tag, text) for tag, _, text in elements(html)]


def check_html(service: Service) -> None:
    """Bold, lists and links come out as CommonMark says."""
    html = service.answer({"text": "Some *thin* text\n\n- one\n- two\n\n[Here](https://example.org/a)"})["html"]
    tags = _tags(html)
    for wanted in (("em", "thin"), ("li", "one"), ("li", "two"), ("a", "Here")):
        holds(f"an element {wanted[0]} with the text {wanted[1]}", wanted in tags, html)
    targets = [attributes.get("href") for tag, attributes, _ in elements(html) if tag == "a"]
    same("the link's address", targets, ["https://example.org/a"])


def check_headings(service: Service) -> None:
    """headings holds level and text without any markup, in the text's order."""
    answer = service.answer({"text": "# One *thing*\n\nText.\n\n### Three `x`\n\nTwo\n---\n"})
    wanted = [{"level": 1, "text": "One thing"}, {"level": 3, "text": "Three x"}, {"level": 2, "text": "Two"}]
    same("headings", answer["headings"], wanted)
    same("the tags", [tag for tag, _ in _tags(answer["html"]) if tag.startswith("h")], ["h1", "h3", "h2"])


def check_offset(service: Service) -> None:
    """headingOffset is added to the level of every heading, in html and in headings."""
    answer = service.answer({"text": "# A\n\n## B", "headingOffset": 3})
    same("headings", answer["headings"], [{"level": 4, "text": "A"}, {"level": 5, "text": "B"}])
    same("the tags", [tag for tag, _ in _tags(answer["html"]) if tag.startswith("h")], ["h4", "h5"])


def check_deepest_level(service: Service) -> None:
    """No heading gets a level above 6."""
    answer = service.answer({"text": "## A\n\n##### B", "headingOffset": 5})
    same("headings", answer["headings"], [{"level": 6, "text": "A"}, {"level": 6, "text": "B"}])
    same("the tags", [tag for tag, _ in _tags(answer["html"]) if tag.startswith("h")], ["h6", "h6"])


def check_limits_of_the_offset(service: Service) -> None:
    """headingOffset is a whole number from 0 to 5."""
    same("an offset of 0", service.answer({"text": "# A", "headingOffset": 0})["headings"][0]["level"], 1)
    for offset in (-1, 7, 1.5):
        service.refuse({"text": "# A", "headingOffset": offset})


def check_html_in_the_text(service: Service) -> None:
    """HTML comes out as text by default and if allowHtml is false, and stays as it is if it is true."""
    text = 'Press <b class="x">this</b> button'
    for request in ({"text": text}, {"text": text, "allowHtml": False}):
        html = service.answer(request)["html"]
        holds("no element b without allowHtml", "b" not in [tag for tag, _ in _tags(html)], html)
        holds("the tag as text", "&lt;b" in html, html)
    html = service.answer({"text": text, "allowHtml": True})["html"]
    holds("an element b with allowHtml", ("b", "this") in _tags(html), html)


def check_missing_text(service: Service) -> None:
    """text is required."""
    service.refuse({"headingOffset": 1})
