"""Which quotes in a person's sentence are data of the test, and which only stress or name something."""

from __future__ import annotations

import time

import pytest

from bot.generate.draft.quotes import read_quotes


@pytest.mark.parametrize(
    ("words", "quotes"),
    [
        # What people write to be taken as it stands.
        ('"hello" gives "HELLO"', ["hello", "HELLO"]),
        (
            '"a **bold** word" gives HTML that contains "<strong>bold</strong>"',
            ["a **bold** word", "<strong>bold</strong>"],
        ),
        ('"# Hello" gives an h1 heading with the text Hello', ["# Hello"]),
        ("'hello world' returns 'Hello World'", ["hello world", "Hello World"]),
        ("“hello” becomes “HELLO”", ["hello", "HELLO"]),
        ("„Grüße“ ergibt „GRÜSSE“", ["Grüße", "GRÜSSE"]),
        ("«bonjour» donne «BONJOUR»", ["bonjour", "BONJOUR"]),
        ("»Hallo« wird zu »hallo«", ["Hallo", "hallo"]),
        ("`hello` → `HELLO`", ["hello", "HELLO"]),
        ('`"hello"` -> `"HELLO"`', ["hello", "HELLO"]),
        ('"hola" devuelve "HOLA"', ["hola", "HOLA"]),
        ('"ciao" diventa "CIAO"', ["ciao", "CIAO"]),
        ('"szia" eredménye "SZIA"', ["szia", "SZIA"]),
        ('"hallo" soll "HALLO" ergeben', ["hallo", "HALLO"]),
        ('Send "hello"; the answer is "HELLO".', ["hello", "HELLO"]),
        ("Sende „Hallo Welt“", ["Hallo Welt"]),
        ('Given the text "hello" When it is sent Then the result is "HELLO"', ["hello", "HELLO"]),
        ('Input: "hello" Output: "HELLO"', ["hello", "HELLO"]),
        ('text: "hello", expected: "HELLO"', ["hello", "HELLO"]),
        ("**Input:** `name,city`\n**Output:** `city,name`", ["name,city", "city,name"]),
        ('"\\frac{a}{b} + \\sqrt{x}" gives a PNG picture', ["\\frac{a}{b} + \\sqrt{x}"]),
        (
            'the picture of "a + b + c" is wider than the picture of "a"',
            ["a + b + c"],
        ),
        (
            'the lines "name,city" and "Ada,\\"London, UK\\"" give the city "London, UK"',
            ["name,city", 'Ada,\\"London, UK\\"', "London, UK"],
        ),
        (
            'the lines "name,city" and "Ada,London" give one object with name "Ada" and city "London"',
            ["name,city", "Ada,London", "Ada", "London"],
        ),
        (
            'a model of the four lines "v 0 0 0", "v 2 0 0", "v 0 3 1" and "f 1 2 3" has 3 vertices',
            ["v 0 0 0", "v 2 0 0", "v 0 3 1", "f 1 2 3"],
        ),
        ('the two lines "one two" and "three" have 2 lines', ["one two", "three"]),
        ('"<p>no table here</p>" gives no rows', ["<p>no table here</p>"]),
        ('"a b c" has 3 words', ["a b c"]),
        ('"Ada" and "Grace" give a greeting', ["Ada", "Grace"]),
        ('"Hello, world" gives a WAV recording that lasts at least half a second', ["Hello, world"]),
        ('"12 + x" is refused', ["12 + x"]),
        ("Der Text „abc“ wird abgelehnt", ["abc"]),
        ("'don't' gives 'DON'T'", ["don't", "DON'T"]),
        ('"C:\\" gives "D"', ["C:\\", "D"]),
        ('"5" gives "V"', ["5", "V"]),
        ('"one\\ntwo" gives 2', ["one\\ntwo"]),
        ('The answer starts with "data:image/png;base64,"', ["data:image/png;base64,"]),
        ('le texte "été" renvoie "ÉTÉ"', ["été", "ÉTÉ"]),
        ('a 24" monitor gives "large"', ["large"]),
        ("`https://www.example.com` gives a picture", ["https://www.example.com"]),
        # What only stresses, names or describes something.
        ('The field "text" is missing', []),
        ('"text" is missing', []),
        ("`text` is required", []),
        ('An "empty" text is refused', []),
        ('The "long" text is cut', []),
        ('A "4xx" status', []),
        ('It returns "422"', []),
        ('It returns "application/json"', []),
        ('It returns "true"', []),
        ("`GET` gives an error", []),
        ("`[1, 2, 3]` gives 6", []),
        ("the user's text and the users' names don't change", []),
        ('a 5" screen and a 7" screen fit', []),
        ('"Lorem ipsum …" gives a summary', []),
        ('"..." gives "..."', []),
        ('"yes" or "no" is returned', []),
        ('it answers "yes" or "no"', []),
        ('a text such as "hello" gives its length', []),
        ('e.g. "hello" gives "HELLO" in the first field', []),
        ('every "a" becomes "b"', []),
        ('The answer does not contain "script"', []),
        ('in "Title Case" mode the text is changed', []),
        ('with encoding "UTF-8" it works', []),
        ('with the column "total" it works', []),
        ('it fails with the error "Bad input"', []),
        ('"say "hi" now" gives "x"', []),
        ('"hello gives HELLO', []),
        ('it has "nice" colours and is "easy" to read', []),
        ('the service is called "Shout"', []),
        ("rock 'n' roll is music", []),
        ('the "answer" is "good enough"', []),
        ('"" is refused', []),
        ('"word count" is 3 and "longest" is "three"', []),
        ("hello gives HELLO", []),
        ("```json\n {} \n```\ngives\n```json\n {} \n```", []),
        ("```\na,b\n1,2\n```\ngives 2 rows", []),
        ("the text ` {} ` gives ` {} `", []),
        ("it gives ```csv```", []),
        ("returns 'maxWords' words", []),
    ],
)
def test_quotes(words: str, quotes: list[str]) -> None:
    assert list(read_quotes(words, ("text", "wordCount", "maxWords", "longest"))) == quotes


def test_what_a_choice_says_in_other_letters_is_no_data() -> None:
    words = 'Send "Title Case"; send "upper"'
    assert read_quotes(words, choices=("title_case", "upper")) == ("upper",)


def test_what_a_refusal_or_a_picture_says_is_no_data() -> None:
    words = '"abc" is refused and gives "no number"'
    assert read_quotes(words, answers=False) == ("abc",)


def test_where_files_are_sent_their_names_are_no_texts() -> None:
    words = 'Send "photo.png", which gives "https://example.com/" and "cat.jpg"'
    assert read_quotes(words, takes_files=True) == ("https://example.com/", "cat.jpg")
    assert read_quotes('"my file.pdf" gives "my_file.pdf"') == ("my file.pdf", "my_file.pdf")


@pytest.mark.parametrize(
    "words", ['"' * 2_000, "'a " * 700, "`" * 2_000, '"a" gives ' * 200, "“" * 2_000, 'a" ' * 700, "a: " * 700]
)
def test_hard_texts_are_read_in_time(words: str) -> None:
    began = time.monotonic()
    read_quotes(words)
    assert time.monotonic() - began < 5
