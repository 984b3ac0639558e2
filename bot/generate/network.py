"""What a service reaches on the network: the hosts that its repository's settings name, and no other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from bot.clients.llm import Message
from bot.config import REPO_CONFIG_PATH, Host
from bot.generate.draft import slug
from bot.render import render, said
from bot.sentence import sentence
from bot.values.service import Question

Egress = Mapping[str, Sequence[str]]
"""The hosts that services may reach, by their slugs, as the settings name them."""
NOWHERE: Egress = {}
_HOST: TypeAdapter[str] = TypeAdapter(Host)
_ADDRESS = re.compile(r"(?:\w+://)?(?P<host>[^/\s]*)")


def with_network(prompt: Sequence[Message], hosts: Sequence[str]) -> list[Message]:
    """Return the messages of a prompt, with what the service reaches behind what is said of all services."""
    first, *rest = prompt
    text = render("prompts/network.md.j2", hosts=hosts).strip()
    return [Message(role=first.role, content=f"{first.content}\n\n{text}"), *rest]


def open_to_new(egress: Egress, taken: Collection[str]) -> tuple[str, ...]:
    """Return the hosts that are named for services which are not there yet."""
    return tuple(dict.fromkeys(host for name, hosts in egress.items() if name not in taken for host in hosts))


def needed_hosts(proposed: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts that a model says a service needs, as settings name them."""
    found = (_ADDRESS.match(text.strip().lower()) for text in proposed)
    hosts = (match["host"].removesuffix(":443") for match in found if match)
    return tuple(dict.fromkeys(host for host in hosts if "." in host and _is_host(host)))


def _is_host(text: str) -> bool:
    try:
        _HOST.validate_python(text)
    except ValidationError:
        return False
    return True


def slug_let_out(proposed: str, needed: Collection[str], egress: Egress, taken: Collection[str]) -> str:
    """Return the slug of a new service: the one for which people have named what it needs, else the proposed one."""
    if not closed_hosts(proposed, needed, egress):
        return proposed
    ready = (name for name in egress if slug(name, "", taken) == name and not closed_hosts(name, needed, egress))
    return next(ready, proposed)


def closed_hosts(name: str, needed: Collection[str], egress: Egress) -> tuple[str, ...]:
    """Return the hosts that a service needs and may not reach."""
    named = {host.lower().removesuffix(":443") for host in egress.get(name, ())}
    return tuple(host for host in needed if host not in named)


def ask_to_open(closed: tuple[str, ...], name: str, egress: Egress, language: str) -> Question:
    """Return the question about hosts that a service may not reach; it says how people allow them."""
    question = sentence(
        "It has to reach %(hosts)s while it works, and the settings do not let it. To allow that, put `%(setting)s` "
        "into `%(path)s` on the default branch, then answer here.",
        **_named(closed, name, egress),
    )
    proposal = sentence("It works without the network.")
    return Question(question=said(question, language), proposal=said(proposal, language), hosts=closed)


def works_without(closed: tuple[str, ...], name: str, egress: Egress, language: str) -> str:
    """Return what is assumed where a service may not reach hosts that it needs."""
    assumption = sentence(
        "It works without %(hosts)s, which the settings do not let it reach. To allow that, put `%(setting)s` into "
        "`%(path)s` on the default branch, then type `/retry`.",
        **_named(closed, name, egress),
    )
    return said(assumption, language)


def _named(closed: tuple[str, ...], name: str, egress: Egress) -> dict[str, str]:
    return {
        "hosts": ", ".join(f"`{host}`" for host in closed),
        "setting": f"egress: {{{name}: [{', '.join([*egress.get(name, ()), *closed])}]}}",
        "path": REPO_CONFIG_PATH,
    }
