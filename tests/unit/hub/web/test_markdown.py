"""Comments as HTML: GitHub's Markdown, and nothing that could harm."""

from __future__ import annotations

import pytest

from bot.hub.web import markdown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b\n---|---\n1 | 2", "<td>1</td>"),
        ("one\ntwo", "<p>one<br />\ntwo</p>"),
        ("~~gone~~", "<s>gone</s>"),
        ("see #12.", 'see <a href="/o/r/issues/12">#12</a>.'),
        ("http://qr.localhost:8080/.", '<a href="http://qr.localhost:8080/">http://qr.localhost:8080/</a>.'),
        ("[#3](http://x/)", '<a href="http://x/">#3</a>'),
        ("`#3 http://x/`", "<code>#3 http://x/</code>"),
        ("<details>\n<summary>More</summary>\n\n- one\n\n</details>", "<details>\n<summary>More</summary>"),
        ("a <!-- hidden --> b", "<p>a  b</p>"),
        ("<!-- a\nb -->\n\nc", "<p>c</p>"),
        ("`<!-- shown -->`", "&lt;!-- shown --&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<details onclick=x>", "&lt;details onclick=x&gt;"),
        ("<img src=x onerror=y", "&lt;img src=x onerror=y"),
        ("- [ ] one\n- [x] `two`", '<ul>\n<li><input type="checkbox" disabled> one</li>'),
        ("- [ ] one\n- [x] `two`", '<li><input type="checkbox" disabled checked> <code>two</code></li>'),
        ("- [x](http://x/)", '<li><a href="http://x/">x</a></li>'),
        ("[ ] text", "<p>[ ] text</p>"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
    ],
)
def test_markdown(text: str, expected: str) -> None:
    assert expected in markdown.to_html(text, "/o/r")


def test_markdown_hides_comments_altogether() -> None:
    assert "gptdeploy" not in markdown.to_html("text\n<!-- gptdeploy:status -->", "/o/r")
