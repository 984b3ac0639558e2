"""The language of an issue, told from its text: short, full of English terms, code and data."""

from __future__ import annotations

import pytest

from bot.guard.text import issue_language, language_on, written_in
from bot.language import is_english
from bot.values.naming import status_marker
from bot.values.progress import Progress
from tests.unit.commands.conftest import FakeRepository

FORM = "### Description\n\n%s\n\n### Service to change\n\n_No response_\n\n### Test scenarios\n\n%s"
ISSUES = [
    (
        "de",
        "QR-Code-Dienst",
        FORM % ("Aus einem Text soll ein QR-Code als PNG werden.", "- ein leerer Text wird abgelehnt"),
    ),
    ("de", "PDF zu Text", 'Nimmt ein PDF und gibt den Text je Seite.\n\n```json\n{"pages": ["the first page"]}\n```'),
    ("de", "Währungsrechner", "Rechnet Beträge um. Input: amount, from, to. Output: amount."),
    ("de", "Bild verkleinern", "Bild rein, Thumbnail raus, max. 200px breit"),
    (
        "de",
        "Markdown to HTML",
        'Bitte Markdown in HTML umwandeln, mit Tables und Syntax Highlighting.\n\n"# Hello" gibt "<h1>Hello</h1>"',
    ),
    ("de", "Passwort-Generator", "Erzeugt sichere Passwörter mit einstellbarer Länge."),
    ("de", "Service für IBAN Check", "prüft ob eine iban gültig ist, DE89370400440532013000 ist gültig"),
    ("de", "CSV in JSON", "CSV hochladen, JSON bekommen"),
    ("de", "Wörter zählen", '"It was the best of times, it was the worst of times" ergibt 12'),
    ("fr", "Service de QR code", FORM % ("Générer un QR code à partir d'un texte.", "- un texte vide est refusé")),
    ("fr", "Convertisseur de devises", "Convertit un montant d'une devise à l'autre. Entrée : amount, from, to."),
    ("fr", "Redimensionner une image", "Une image en entrée, une miniature de 200 px en sortie"),
    ("fr", "PDF en texte", "Le service prend un PDF et renvoie le texte de chaque page."),
    ("fr", "Markdown to HTML", "Transformer du Markdown en HTML, avec les tables.\n\n`# Hello` donne `<h1>Hello</h1>`"),
    (
        "es",
        "Servicio de códigos QR",
        FORM % ("Generar un código QR a partir de un texto.", "- un texto vacío se rechaza"),
    ),
    ("es", "Conversor de divisas", "Convierte un importe de una moneda a otra. Entrada: amount, from, to."),
    ("es", "Reducir imágenes", "Recibe una imagen y devuelve un thumbnail de 200px"),
    ("es", "PDF a texto", "El servicio recibe un PDF y devuelve el texto de cada página."),
    ("es", "Validar IBAN", "dice si un iban es correcto o no"),
    ("es", "Contar palabras", "Cuenta las palabras de un texto"),
    ("en", "QR code service", FORM % ("Generate a QR code from a given text or URL", "- an empty text is refused")),
    ("en", "Currency converter", "Converts an amount from one currency to another."),
    ("en", "PDF to text", "Takes a PDF, returns text per page as JSON"),
    ("en", "Word count", "Count words."),
    ("en", "German noun declension", 'The cases of a German noun: "der Hund" gives "des Hundes, dem Hund, den Hund"'),
    ("en", "Sentiment", "Sentiment analysis on customer reviews, return positive / negative / neutral"),
    ("it", "Servizio QR", "Genera un codice QR da un testo o da un URL."),
    ("pt", "Contar palavras", "Conta as palavras de um texto e devolve o número"),
    ("nl", "QR-code-dienst", "Maak een QR-code van een tekst of URL."),
    ("pl", "Kod QR", "Wygeneruj kod QR z podanego tekstu lub adresu URL."),
    ("ru", "QR-код", "Сделать QR-код из текста или URL."),
    ("ja", "QRコード", "テキストまたはURLからQRコードを生成する。"),
]
UNSURE = [
    ("", ""),
    ("API", "Return OK"),
    ("Translate es to fr", '"¿Dónde está la biblioteca?" gives "Où est la bibliothèque ?"'),
    ("Thumbnail", "image in, thumbnail out, max 200px wide"),
    ("Café menu", "Restaurant menu à la carte: take a list of dishes, return a total"),
    ("Base64", "```\nWie geht es dir heute, mein lieber Freund?\n```"),
    ("Haiku", "https://example.com/wie/geht/es/dir/heute/mein/lieber/freund"),
    ("Lorem", "> `Wie geht es dir heute?` <!-- Das hier ist nur ein Kommentar für mich selbst -->"),
    ("Markdown to HTML", "Pasar Markdown a HTML, con tablas y syntax highlighting."),
    ("Compter les mots", "Compte les mots d'un texte"),
]
"""English, or nothing that can be told; the last two are too mixed and too short."""


@pytest.mark.parametrize(("language", "title", "body"), ISSUES)
def test_a_short_issue_is_known_by_its_words(language: str, title: str, body: str) -> None:
    assert written_in(title, body) == language


@pytest.mark.parametrize(("title", "body"), UNSURE)
def test_where_it_is_not_clear_nobody_is_answered_in_a_wrong_language(title: str, body: str) -> None:
    assert is_english(language := written_in(title, body)) or language not in ("de", "es", "fr")


def test_what_a_run_has_read_counts_more_than_the_text() -> None:
    repository = FakeRepository()
    repository.body = "Aus einem Text soll ein QR-Code werden."
    assert (issue_language(repository, 3), language_on(repository, 12)) == ("de", "de")
    read = Progress(run_id="r", repo="octo/services", issue=3, started_at=0, language="fr")
    repository.comments[3, status_marker(3)] = read.hidden()
    assert (issue_language(repository, 3), language_on(repository, 12)) == ("fr", "fr")


def test_a_pull_request_of_somebody_else_has_no_language_of_an_issue() -> None:
    assert language_on(FakeRepository(), 15) == ""
