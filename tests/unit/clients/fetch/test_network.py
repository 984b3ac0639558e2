"""Which hosts and addresses are connected to."""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import ip_address

import pytest

from bot.clients.fetch import fetch
from bot.clients.fetch.addresses import is_public
from bot.clients.fetch.network import IDLE_SECONDS, Network, ask_system, check_host
from bot.errors import TransientError
from tests.fakes.internet import OTHER, PUBLIC, Internet, Site
from tests.unit.clients.fetch.refusals import refusal


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "files.localhost", "printer.local", "metadata.google.internal"),
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.0.0.192", "168.63.129.16"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]"),
        *("[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[::127.0.0.1]"),
        *("[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[fec0::1]", "[64:ff9b:1::1]"),
        # Other spellings of 127.0.0.1, and of a public address.
        *("2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.0x1"),
        *("１２７.0.0.1", "134744072", "8.8.8.010", "127.0.0.1.", "localhost.", "[::1%25lo]", "[2606:4700::1111%251]"),
    ],
)
def test_hosts_that_are_not_public_are_not_even_asked_for(internet: Internet, host: str) -> None:
    refusal(f"http://{host}/latest/meta-data", internet)

    assert internet.resolved == []
    assert internet.reached == []


@pytest.mark.parametrize("address", [PUBLIC, OTHER, "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["files.example.com", "a_b.s3.example.co.uk", "xn--r8jz45g.jp", "8.8.8.8", OTHER])
def test_public_hosts(host: str) -> None:
    check_host(host)


def test_this_machines_resolver_knows_this_machine() -> None:
    assert "127.0.0.1" in ask_system("localhost")


# Where names lead


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%2"],
        [PUBLIC, "192.168.0.1"],
        ["fd00::1", PUBLIC],
    ],
)
def test_name_with_a_private_address_is_refused(internet: Internet, addresses: list[str]) -> None:
    internet.names["files.example.com"] = [addresses]

    reason = refusal("http://files.example.com/", internet)

    assert "not on the public internet" in reason
    assert not any(address in reason for address in addresses)
    assert internet.reached == []


def test_the_address_that_was_checked_is_the_one_connected_to(site: Site, internet: Internet) -> None:
    internet.names["files.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    site.answers["/"] = (200, {}, b"x")

    assert fetch("http://files.example.com/", network=internet.network()).content == b"x"
    assert (internet.resolved, internet.reached) == (["files.example.com"], [(PUBLIC, 80)])


def test_redirect_to_the_same_name_is_resolved_and_checked_again(site: Site, internet: Internet) -> None:
    internet.names["files.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    site.answers["/"] = (302, {"Location": "/secret"}, b"")

    assert "not on the public internet" in refusal("http://files.example.com/", internet)
    assert len(site.asked) == 1


def test_unknown_name_is_the_persons_to_mend(internet: Internet) -> None:
    assert "no host of that name" in refusal("http://typo.example.com/", internet)


def test_name_server_that_does_not_answer_is_waited_for(internet: Internet) -> None:
    def fail(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(TransientError, match="name server"):
        fetch("http://files.example.com/", network=Network(fail, internet))

    over = threading.Event()

    def hang(_: str) -> list[str]:
        over.wait(120)
        return []

    begun = time.monotonic()
    with pytest.raises(TransientError, match="name server"):
        fetch("http://files.example.com/", network=Network(hang, internet), seconds=0.2)
    over.set()
    # Less than any wait that it does not ask for.
    assert time.monotonic() - begun < IDLE_SECONDS - 2


def test_next_address_is_tried_where_nobody_listens(site: Site, internet: Internet) -> None:
    internet.names["files.example.com"] = [[OTHER, PUBLIC]]
    internet.deaf = {OTHER}
    site.answers["/"] = (200, {}, b"x")

    assert fetch("http://files.example.com", network=internet.network()).content == b"x"
    assert internet.reached == [(OTHER, 80), (PUBLIC, 80)]
