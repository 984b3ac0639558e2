"""Which subnets are free."""

from __future__ import annotations

from ipaddress import IPv4Network

from bot.deploy.layout import POOL
from bot.deploy.networks import free_subnets


def test_hundreds_of_services_have_a_network_of_their_own() -> None:
    used: list[IPv4Network] = []
    for _ in range(200):
        used.append(free_subnets(used)[-1])
    assert len({*used}) == 200
    assert len(free_subnets(used)) == 2048 - 200
    assert all(network.subnet_of(POOL) and network.num_addresses >= 2 * 11 + 4 for network in used)
    assert not any(one.overlaps(other) for one in used[:50] for other in used if one != other)


def test_what_others_use_of_the_pool_is_left_to_them() -> None:
    taken = IPv4Network("198.18.0.0/16")
    assert not any(network.overlaps(taken) for network in free_subnets([taken, IPv4Network("10.0.0.0/8")]))
    assert free_subnets([IPv4Network("198.0.0.0/8")]) == []
