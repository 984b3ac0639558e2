"""Each link that may be missing on the way to a service."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.deploy.doors import Answer, Broken, Gap, Link, Public, certificate_seconds, connect, resolve
from tests.fakes.answering import OK, answering, secured


def gap(url: str, root: str = "") -> Gap:
    with pytest.raises(Broken) as caught:
        Public(url, root).ask("/healthz", seconds=5)
    return caught.value.gap


def test_a_name_below_localhost_is_this_machine_as_in_a_browser() -> None:
    with answering(OK) as port:
        assert Public(f"http://qr.localhost:{port}/").ask("/healthz", seconds=5) == Answer(200, "{}")
        connect(urlsplit(f"http://qr.localhost:{port}/"))


def test_a_name_that_does_not_resolve_is_the_missing_link() -> None:
    found = gap("http://qr.apps.invalid")
    assert (found.link, str(found.seen)) == (Link.DNS, "`qr.apps.invalid` does not resolve")
    assert "DNS record" in str(found.remedy)
    with pytest.raises(Broken, match="does not resolve"):
        resolve(urlsplit("http://qr.apps.invalid"))


def test_a_port_where_nobody_listens_is_the_missing_link() -> None:
    found = gap("http://localhost:1/qr")
    assert (found.link, str(found.seen)) == (Link.PORT, "`localhost:1` does not answer (ConnectionRefusedError)")
    assert "Open that port" in str(found.remedy)


def test_a_certificate_is_the_missing_link_unless_its_authority_is_trusted(tmp_path: Path) -> None:
    with secured(tmp_path, "qr.localhost", answer=OK) as port:
        found = gap(f"https://qr.localhost:{port}")
        assert (found.link, str(found.seen)) == (Link.CERTIFICATE, "`qr.localhost`: self-signed certificate")
        with pytest.raises(Broken, match="self-signed certificate"):
            certificate_seconds(urlsplit(f"https://qr.localhost:{port}"))
        root = (tmp_path / "chain.pem").read_text()
        assert Public(f"https://qr.localhost:{port}", root).ask("/healthz", seconds=5).status == 200
        # It is that of another service.
        assert "Hostname mismatch" in str(gap(f"https://other.localhost:{port}", root).seen)


def test_where_there_is_no_certificate_at_all_that_is_the_missing_link() -> None:
    with answering(OK) as port:
        found = gap(f"https://qr.localhost:{port}")
    assert (found.link, str(found.seen)) == (Link.CERTIFICATE, "`qr.localhost`: WRONG_VERSION_NUMBER")


def test_what_hangs_up_without_an_answer_is_the_missing_link() -> None:
    with answering(b"") as port:
        found = gap(f"http://localhost:{port}/qr")
    assert found.link is Link.SERVICE
    assert str(found.seen).startswith(f"http://localhost:{port}/qr does not answer: ")
    assert "proxy in front" in str(found.remedy)
