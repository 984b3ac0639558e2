"""The sample files that tests ask for are read from their calls, and made before there is a build."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from bot.generate.samples import sample, sample_faults, sample_files
from bot.guard.source import Source


def read(body: str) -> Source:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return Source.read("test_executor.py", f"TEXT = 'Hello'\n\n\ndef test_x(call, sample):\n{lines}\n")


@pytest.mark.parametrize(
    ("call", "content"),
    [
        ("sample('png')", sample("png")),
        ("sample('docx', text='Hello')", sample("docx", "Hello")),
        ("sample('docx', TEXT + '!')", sample("docx", "Hello!")),
        ("sample(kind='csv', text='a,b\\n1,2')", b"a,b\n1,2"),
        ("sample('txt', text='\u00fc')", "\u00fc".encode()),
        ("sample('mp4')", sample("mp4")),
    ],
)
def test_a_file_is_made_for_each_call(call: str, content: bytes) -> None:
    source = read(f"data = {call}\nassert call({{'file': {call}}})[0] == 200")
    assert sample_faults(source) == []
    (made,) = sample_files(source).values()
    if made.startswith(b"PK"):
        # The archive tells when it was made.
        assert zipfile.ZipFile(BytesIO(made)).namelist() == zipfile.ZipFile(BytesIO(content)).namelist()
    else:
        assert made == content


def test_a_name_follows_from_kind_and_text() -> None:
    source = read("sample('docx', text='a')\nsample('docx', 'b')\nsample('docx')\nsample('docx', text='a')")
    names = list(sample_files(source))
    assert len(names) == 3
    assert all(name.startswith("sample-") and name.endswith(".docx") for name in names)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sample('hologram')", "there is no kind 'hologram'; the kinds are png, jpeg, "),
        ("sample('image/png')", "there is no kind 'image/png'; write `sample(\"png\")`"),
        ("sample(3)", "there is no kind 3"),
        ("sample('png', text='x')", "a sample png holds no text: a house in a landscape"),
        ("sample('docx', text=3)", "must be a text of at most 100000 characters"),
        ("sample('txt', text='x' * 100_000 + 'y')", "write kind and text as literals"),
        ("sample('txt', text='\\ud800')", "half a surrogate pair"),
        ("sample('docx', size=3)", "it takes a kind and a text"),
        ("sample()", "it takes a kind and a text"),
        ("sample('docx', 'a', 'b')", "it takes a kind and a text"),
        ("for kind in ('png', 'gif'):\n    sample(kind)", "`sample(kind)`: write kind and text as literals"),
        ("make = sample\nmake('png')", "must call `sample` where it needs the file"),
        ("\n".join(f"sample('txt', '{n}')" for n in range(21)), "asks for 21 sample files; at most 20 are made"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_can(body: str, words: str) -> None:
    assert words in "\n".join(sample_faults(read(body)))


def test_other_things_of_the_name_ask_for_nothing() -> None:
    source = Source.read(
        "test_executor.py", "import random\n\n\ndef test_x(call):\n    sample = random.sample([1], 1)\n"
    )
    assert (sample_faults(source), sample_files(source)) == ([], {})
